"""Warm start: a worktree in which nothing was judged or tested takes over the verdicts of the sibling that is nearest,
and how long its tests took.

Nearest is the one whose last run was on the nearest commit, then the one that was used last. Nothing depends on it: a
sibling that cannot be read is passed over, and a cold start is a start all the same.
"""

from __future__ import annotations

import os
from pathlib import Path

from pipeline_state.errors import PipelineStateError
from pipeline_state.git.plumbing import run_git
from pipeline_state.store import registry
from pipeline_state.store.registry import Row
from pipeline_state.store.state import State
from pipeline_state.store.takeover import Taken, Wanted, take_over

_CANDIDATES = 8
"""So many of the siblings that were used last are asked how near they are; each may take a process."""
_FAR = 1 << 60


def warm_start(state: State, head: str | None = None) -> Taken:
    """Take over verdicts if there are none yet, and durations if no test has run. `head` is what is checked out."""
    location = state.location
    taken = Taken(0, 0)
    if location is None or location.worktree is None or state.read_only or (state.has_verdicts and state.has_tests):
        return taken
    worktree = location.worktree
    siblings = [
        row
        for row in (registry.latest(worktree.common_dir, token) for token in registry.tokens(worktree.common_dir))
        if row is not None and row.token != state.token and os.path.isfile(row.database)
    ]
    for row in by_nearness(siblings, Path(worktree.common_dir), head or _head(Path(worktree.root))):
        wanted = Wanted(not state.has_verdicts, not state.has_tests)
        if not any(wanted):
            break
        try:
            more = take_over(state.database, row.database, row.token, wanted)
        except PipelineStateError:
            continue
        taken = Taken(*map(sum, zip(taken, more, strict=True)))
    return taken


def by_nearness(siblings: list[Row], common_dir: Path, head: str | None) -> list[Row]:
    """Return the siblings, the nearest first."""
    recent = sorted(siblings, key=lambda row: row.used_at, reverse=True)
    if len(recent) < 2:
        return recent
    near = recent[:_CANDIDATES]
    distances = {row.token: _distance(common_dir, head, _last_commit(common_dir, row)) for row in near}
    return sorted(near, key=lambda row: distances[row.token]) + recent[_CANDIDATES:]


def _last_commit(common_dir: Path, row: Row) -> str | None:
    runs = row.runs
    if not runs:  # its last line is of somebody who looked after it, not of a run
        whole = registry.read(common_dir, row.token)
        runs = whole.runs if whole is not None else ()
    commit = runs[-1].get("commit_id") if runs else None
    return commit if isinstance(commit, str) and commit and not commit.strip("0123456789abcdef") else None


def _distance(common_dir: Path, head: str | None, commit: str | None) -> int:
    """Return how many commits are on one side only."""
    if head is None or commit is None:
        return _FAR
    if head == commit:
        return 0
    try:
        answer = run_git(
            [f"--git-dir={common_dir}", "rev-list", "--count", f"{head}...{commit}", "--"], "compare two commits"
        )
        return int(answer)
    except (PipelineStateError, ValueError):  # gone, or of another history
        return _FAR


def _head(root: Path) -> str | None:
    try:
        return run_git(["rev-parse", "--verify", "--quiet", "HEAD"], "find the commit", cwd=root).decode().strip()
    except PipelineStateError:  # nothing is committed yet
        return None
