"""Commands, run as their entry point runs them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from pipeline_state.cli.main import main


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which has to be JSON and nothing else."""
        return json.loads(self.out)


@pytest.fixture
def command(capfdbinary):
    """Runs `pipeline-state` with words, and returns the exit code and what was printed."""

    def command(*words):
        code = main([str(word) for word in words])
        out, err = capfdbinary.readouterr()
        return Answer(code, *(text.decode("utf-8", "surrogateescape") for text in (out, err)))

    return command


@pytest.fixture
def repository(repository, monkeypatch):
    monkeypatch.chdir(repository)
    return repository
