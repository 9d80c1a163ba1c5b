"""Repositories with worktrees, and commands run in them as users run them: each a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

COMMAND = str(Path(sysconfig.get_path("scripts"), "pipeline-state"))


@dataclass(frozen=True)
class Folder:
    """A folder, and what is run in it."""

    path: Path

    def run(self, *words: object, check: bool = True, **variables: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [str(word) for word in words],
            cwd=self.path,
            env={**os.environ, **variables},
            capture_output=True,
            encoding="utf-8",
            errors="backslashreplace",
            check=False,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def git(self, *words: object) -> str:
        return self.run("git", *words).stdout.removesuffix("\n")

    def state(self, *words: object, check: bool = True, **variables: str) -> Any:
        """What `pipeline-state … --json` prints, without its envelope."""
        answer = json.loads(self.run(COMMAND, *words, "--json", check=check, **variables).stdout)
        nouns = [noun for noun in answer if noun != "version"]
        return answer[nouns[0]] if len(nouns) == 1 else answer

    def check(self, *words: object, **variables: str) -> dict[str, int]:
        """The summary of a check that finds nothing."""
        summary: dict[str, int] = self.state("check", "--all-files", *words, **variables)["summary"]
        return summary

    def runs(self) -> list[str]:
        return [run["id"] for run in self.state("runs", "list")]

    def pytest(self, *words: object) -> None:
        self.run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--pipeline-state", *words)


@pytest.fixture(autouse=True)
def _user(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "user"))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")


CONTENT = {
    "pyproject.toml": '[tool.pipeline-state]\ndetectors = ["built-in", "ruff"]\n',
    "module.py": '"""A module."""\n\nVALUE = 1\n',
    "data.json": "{}\n",
    "test_module.py": "def test_one():\n    assert True\n\n\ndef test_two():\n    assert True\n",
    ".gitignore": ".worktrees/\n__pycache__/\n",
}


@pytest.fixture
def main(tmp_path):
    """The main worktree of a repository with one commit."""
    root = tmp_path / "project"
    Folder(tmp_path).git("init", "-q", root)
    for name, content in CONTENT.items():
        (root / name).write_text(content, encoding="utf-8")
    folder = Folder(root)
    folder.git("add", ".")
    folder.git("commit", "-q", "-m", "one")
    return folder


@pytest.fixture
def add(main):
    """Adds a worktree beside the main one."""

    def add(name="linked", *options, at=None):
        path = main.path.parent / name if at is None else at
        main.git("worktree", "add", "-q", *(options or ("--detach",)), path)
        return Folder(path)

    return add
