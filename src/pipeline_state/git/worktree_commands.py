"""Git's own worktree commands, through GitPython. Not for hot paths: loading it takes 80 ms and more."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path

from git import Git
from git.exc import GitCommandError, GitCommandNotFound

from pipeline_state.errors import GitError
from pipeline_state.named_tuple import NamedTuple

_HALF_MADE = re.compile(r"failed to read .*/commondir")
"""What Git says, before it does anything, when another Git is just making a worktree: it does not wait for it."""
_TRIES = 10
_PAUSE_S = 0.02


class Listed(NamedTuple):
    """A worktree as `git worktree list` has it. `locked` and `prunable` are reasons, perhaps empty ones."""

    path: Path
    commit_id: str | None
    branch: str | None
    bare: bool
    locked: str | None
    prunable: str | None


def list_worktrees(common_dir: Path) -> tuple[Listed, ...]:
    """Return the worktrees of a repository, the main one first. Raises `GitError`."""
    try:
        answer = _git(common_dir, ["worktree", "list", "--porcelain", "-z"], "list the worktrees")
        return parse(answer, "\0")
    except GitError as error:
        if "usage:" not in str(error):
            raise
    return parse(_git(common_dir, ["worktree", "list", "--porcelain"], "list the worktrees"), "\n")  # before Git 2.36


def add_worktree(cwd: Path, arguments: Sequence[str]) -> str:
    """Run `git worktree add` with a user's arguments and return what it said. Raises `GitError`."""
    return _git(cwd, ["worktree", "add", *arguments], "add a worktree")


def remove_worktree(common_dir: Path, path: Path, *, force: bool) -> None:
    """Run `git worktree remove`; with `force` also of a worktree with changes, or of a locked one."""
    options = ["--force", "--force"] if force else []
    _git(common_dir, ["worktree", "remove", *options, "--", str(path)], f"remove {path}")


def parse(answer: str, end: str) -> tuple[Listed, ...]:
    """Return what `git worktree list --porcelain` says. Each line ends in `end`, and each record in an empty one."""
    records: list[dict[str, str]] = []
    for line in answer.split(end):
        name, _, value = line.partition(" ")
        if name == "worktree":
            records.append({})
        if line and records:
            records[-1][name] = value
    return tuple(_listed(record) for record in records)


def _listed(record: dict[str, str]) -> Listed:
    commit = record.get("HEAD")
    branch = record.get("branch")
    return Listed(
        path=Path(record["worktree"]),
        commit_id=commit if commit and commit.strip("0") else None,  # all zero: nothing is committed yet
        branch=None if branch is None else branch.removeprefix("refs/heads/"),
        bare="bare" in record,
        locked=record.get("locked"),
        prunable=record.get("prunable"),
    )


def _git(cwd: Path, words: Sequence[str], doing: str) -> str:
    for attempt in range(1, _TRIES):
        try:
            return _git_once(cwd, words, doing)
        except GitError as error:
            if not _HALF_MADE.search(str(error)):
                raise
            time.sleep(attempt * _PAUSE_S)
    return _git_once(cwd, words, doing)


def _git_once(cwd: Path, words: Sequence[str], doing: str) -> str:
    try:
        _, out, err = Git(str(cwd)).execute(
            ["git", *words], with_extended_output=True, env={"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"}
        )
    except GitCommandNotFound as error:
        raise GitError(f"cannot {doing}: git is not on PATH, or {cwd} is gone") from error
    except GitCommandError as error:
        said = " ".join(str(error.stderr).replace("stderr:", "", 1).strip().strip("'").split())
        raise GitError(f"cannot {doing}: git says: {said or f'exit {error.status}'}") from error
    assert isinstance(out, str)
    return out or str(err)
