"""A repository whose commits are checked by this project through the real pre-commit and the real Git."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from textwrap import dedent

import pytest

PROJECT = Path(__file__).parents[2]
COMMAND = Path(sysconfig.get_path("scripts")) / "pipeline-state"

CONFIGURATION = """\
[tool.pipeline-state]
detectors = ["built-in", "ruff"]

[tool.ruff.lint]
select = ["E", "F", "I"]
"""


@dataclass(frozen=True)
class Answer:
    """What a program said, both streams as a person sees them."""

    code: int
    output: str


@dataclass(frozen=True)
class Repository:
    """A working tree, main or linked, and what a person does in it."""

    root: Path

    def git(self, *arguments: str, typed: str = "") -> str:
        answer = self.run(["git", *arguments], typed=typed)
        assert answer.code == 0, answer.output
        return answer.output

    def commit(self, *arguments: str) -> Answer:
        return self.run(["git", "commit", "--message", "a commit", *arguments])

    def pre_commit(self, *arguments: str) -> Answer:
        return self.run([sys.executable, "-m", "pre_commit", *arguments])

    def write(self, name: str, content: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8", newline="\n")
        return path

    def add(self, name: str, content: str) -> None:
        self.write(name, content)
        self.git("add", "--", name)

    def commits(self) -> int:
        return int(self.git("rev-list", "--count", "HEAD"))

    def recorded_summary(self) -> dict[str, int]:
        """What the latest run counted, as whoever asks for it afterwards gets it."""
        done = subprocess.run(
            [COMMAND, "runs", "show", "latest", "--json"], cwd=self.root, check=True, stdout=subprocess.PIPE
        )
        summary: dict[str, int] = json.loads(done.stdout)["run"]["check"]["summary"]
        return summary

    def run(self, command: list[str], typed: str = "") -> Answer:
        done = subprocess.run(
            command,
            cwd=self.root,
            input=typed,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="backslashreplace",
            check=False,
        )
        return Answer(done.returncode, done.stdout)


@pytest.fixture(scope="session")
def published_project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """This project, as it stands in the working tree, in a repository of its own; with the commit to ask for."""
    root = tmp_path_factory.mktemp("published") / "pipeline-state"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        check=True,
        stdout=subprocess.PIPE,
    )
    for name in os.fsdecode(listed.stdout).split("\0"):
        if name and (PROJECT / name).is_file():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, root / name)
    project = Repository(root)
    project.git("init", "--quiet")
    project.git("add", "--all")
    assert project.commit("--quiet").code == 0
    return root, project.git("rev-parse", "HEAD").strip()


@pytest.fixture(scope="session", autouse=True)
def _environments_of_pre_commit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The hook's environment is made once for all tests, away from the user's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRE_COMMIT_HOME", str(tmp_path_factory.mktemp("pre-commit")))
        patch.setenv("PRE_COMMIT_COLOR", "never")
        # Under pre-commit a virtual environment is pre-commit's own business.
        patch.delenv("VIRTUAL_ENV", raising=False)
        yield


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory, published_project: tuple[Path, str]) -> Callable[..., Path]:
    """Returns a repository in which a hook of this project is installed and that has one commit, to be copied."""
    project, commit = published_project

    @cache
    def installed(hook: str, configuration: str) -> Path:
        repository = Repository(tmp_path_factory.mktemp("installed") / "repository")
        repository.root.mkdir()
        repository.git("init", "--quiet")
        repository.add(
            ".pre-commit-config.yaml",
            dedent(f"""\
                repos:
                  - repo: {project.as_posix()}
                    rev: {commit}
                    hooks:
                      - id: {hook}
                        additional_dependencies: [ruff=={version("ruff")}]
                """),
        )
        repository.add("pyproject.toml", configuration)
        repository.add("steady.py", "VALUE = 1\n")
        assert repository.commit("--quiet").code == 0
        made = repository.pre_commit("install", "--install-hooks")
        assert made.code == 0, made.output
        return repository.root

    return installed


@pytest.fixture
def repository_with_hook(tmp_path: Path, installed: Callable[..., Path]) -> Callable[..., Repository]:
    """Makes a repository in which a hook of this project is installed; its first commit is there already."""

    def make(hook: str = "pipeline-state-check", configuration: str = CONFIGURATION) -> Repository:
        repository = Repository(tmp_path / "repository")
        shutil.copytree(installed(hook, configuration), repository.root, symlinks=True)
        repository.git("update-index", "--refresh")  # Git holds a copy to be changed until it has looked
        return repository

    return make


@pytest.fixture
def repository(repository_with_hook: Callable[..., Repository]) -> Repository:
    """A repository with `pipeline-state-check` installed."""
    return repository_with_hook()
