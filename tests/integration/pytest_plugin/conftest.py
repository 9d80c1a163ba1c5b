"""A project of its own for each test, with pytest run in it as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipeline_state import open_state
from pipeline_state.store.attempts import Attempt
from pipeline_state.store.intake import take_in
from pipeline_state.store.runs import Run


@dataclass
class Project:
    """A repository with tests, and a home folder beside it."""

    root: Path
    home: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        return self.root / ".worktrees" / "pipeline_state.db"

    @property
    def environ(self) -> dict[str, str]:
        return {**os.environ, "XDG_STATE_HOME": str(self.home / "state"), **self.variables}

    def write(self, **files: str) -> None:
        for name, text in files.items():
            (self.root / f"{name}.py").write_text(text, encoding="utf-8")

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.root, check=True, capture_output=True, encoding="utf-8")
        return done.stdout.strip()

    def command(self, *options: str) -> list[str]:
        return [sys.executable, "-m", "pytest", *options]

    def start(self, *options: str, **more: object) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(*options),
            cwd=self.root,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="backslashreplace",
            **more,
        )

    def pytest(self, *options: str, **more: object) -> subprocess.CompletedProcess[str]:
        process = self.start(*options, **more)
        output, _ = process.communicate(timeout=120)
        return subprocess.CompletedProcess(process.args, process.returncode, output)

    def record(self, *options: str) -> subprocess.CompletedProcess[str]:
        return self.pytest("--pipeline-state", *options)

    def latest(self) -> tuple[Run, list[Attempt]]:
        """The last recorded session, after any command has been there."""
        with open_state(self.database) as state:
            take_in(state)
            run = state.runs.latest("pytest", all_worktrees=True)
            assert run is not None
            return run, state.attempts.of_run(run.id)

    def outcomes(self) -> dict[str, str]:
        """The outcome of the last attempt of each test of the last recorded session."""
        return {attempt.node_id.partition("::")[2] or attempt.node_id: attempt.outcome for attempt in self.latest()[1]}

    def journals(self) -> list[Path]:
        return sorted(self.database.with_name("pipeline_state.db.runs").glob("*.jsonl"))


def begin_project(folder: Path) -> Project:
    root = folder / "project"
    root.mkdir()
    (root / "pytest.ini").write_text("[pytest]\n")
    (root / ".gitignore").write_text("__pycache__/\n.pytest_cache/\n")
    made = Project(root, folder / "home")
    made.git("init", "-q")
    made.git("add", ".")
    made.git("commit", "-qm", "begin")
    return made


@pytest.fixture(scope="session")
def make_project() -> Callable[[Path], Project]:
    """For tests that share what was recorded once."""
    return begin_project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home" / "state"))
    return begin_project(tmp_path)
