"""What is known of all worktrees of a repository: Git's list beside the registry and each one's database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pipeline_state.errors import PipelineStateError
from pipeline_state.git.identity import known_token
from pipeline_state.git.worktree_commands import Listed, list_worktrees
from pipeline_state.location import Location, Worktree, default_path
from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store import registry
from pipeline_state.store.clock import at
from pipeline_state.store.private_files import file_size
from pipeline_state.store.registry import Row
from pipeline_state.store.state import State, open_at
from pipeline_state.worktrees.standing import pointed_to

Condition = Literal["present", "missing", "bare"]


class Seen(NamedTuple):
    """A worktree, and where its state is. `token` is `None` where nothing was begun yet."""

    listed: Listed
    condition: Condition
    main: bool
    git_dir: Path | None
    token: str | None
    row: Row | None

    def location(self, common_dir: Path) -> Location | None:
        """Return where its database is, or would be; `None` of a worktree that is not there."""
        if self.condition != "present" or self.git_dir is None:
            return None
        places = (self.listed.path, self.git_dir, common_dir, self.git_dir / "index")
        worktree = Worktree(*map(str, places))
        if self.row is not None and self.row.path == str(self.listed.path):
            return Location(self.row.database, "worktree", worktree)
        return Location(default_path(worktree), "worktree", worktree)  # it was moved, perhaps


def see(common_dir: Path) -> tuple[Seen, ...]:
    """Return the worktrees that Git lists, the main one first. Raises `GitError`."""
    linked = {os.path.realpath(folder): git_dir for git_dir, folder in _linked(common_dir)}
    found = []
    for number, listed in enumerate(list_worktrees(common_dir)):
        main = number == 0
        git_dir = common_dir if main else linked.get(os.path.realpath(listed.path))
        token = None if git_dir is None else known_token(git_dir)
        row = None if token is None else registry.read(common_dir, token)
        condition: Condition = "present" if listed.path.is_dir() else "missing"
        found.append(Seen(listed, "bare" if listed.bare else condition, main, git_dir, token, row))
    return tuple(found)


def open_seen(seen: Seen, common_dir: Path) -> State | None:
    """Open the database of a worktree for reading only; `None` if there is none, or none that can be read."""
    try:
        location = seen.location(common_dir)
        if seen.token is None or location is None or location.path is None or not os.path.isfile(location.path):
            return None
        return open_at(location, read_only=True)
    except PipelineStateError:
        return None


def describe(seen: Seen, common_dir: Path) -> dict[str, Any]:
    """Return what `worktree list` shows of a worktree. Sizes are in bytes."""
    fields: dict[str, Any] = {
        "path": str(seen.listed.path),
        "branch": seen.listed.branch,
        "commit_id": seen.listed.commit_id,
        "state": seen.condition,
        "main": seen.main,
        "locked": seen.listed.locked is not None,
        "token": seen.token,
        "database": None,
        "size": None,
        "last_run": None,
        "findings": None,
        "failing_tests": None,
    }
    state = open_seen(seen, common_dir)
    if state is None:
        runs = seen.row.runs if seen.row is not None else ()
        return {**fields, "last_run": _summary(runs[-1]) if runs else None}
    with state:
        last = state.runs.latest()
        return {
            **fields,
            "database": str(state.path),
            "size": file_size(str(state.path)) + file_size(f"{state.path}-wal"),
            "last_run": None if last is None else _summary(last._asdict()),
            "findings": sum(one.number for one in state.findings.open_counts()),
            "failing_tests": len(state.attempts.failing()),
        }


def removed(common_dir: Path) -> tuple[dict[str, Any], ...]:
    """Return what is left of the worktrees that were removed, the latest first."""
    found = []
    for token in registry.tokens(common_dir, registry.REMOVED):
        row = registry.read(common_dir, token, registry.REMOVED)
        if row is not None:
            names = [os.path.basename(path) for path in registry.files(common_dir, token, registry.REMOVED)]
            noticed = max(int(name.split(".")[1]) for name in names if name.split(".")[1].isdigit())
            found.append(
                {
                    "token": token,
                    "path": row.path,
                    "last_used_at": row.used_at,
                    "removal_noticed_at": at(noticed),
                    "runs": [dict(run) for run in row.runs],
                }
            )
    return tuple(sorted(found, key=lambda one: str(one["removal_noticed_at"]), reverse=True))


def _linked(common_dir: Path) -> Iterator[tuple[Path, str]]:
    try:
        names = sorted(os.listdir(common_dir / "worktrees"))
    except OSError:  # there are no linked worktrees
        return
    for name in names:
        git_dir = common_dir / "worktrees" / name
        folder = pointed_to(os.fspath(git_dir))
        if folder is not None:
            yield git_dir, folder


def _summary(run: Any) -> dict[str, Any]:
    names = ("id", "kind", "status", "exit_code", "started_at", "finished_at", "commit_id", "branch")
    return {name: run.get(name) for name in names}
