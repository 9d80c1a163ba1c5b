"""Removing a worktree by command: nothing goes that would be missed, and nothing at all goes where it is refused."""

from __future__ import annotations

import os
from pathlib import Path

from pipeline_state.errors import NoDatabaseError, UsageError, WorktreeInUseError
from pipeline_state.git.environment import without_repository
from pipeline_state.git.plumbing import run_git
from pipeline_state.git.worktree_commands import remove_worktree
from pipeline_state.location import FOLDER, Location
from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store.journal import spill_base
from pipeline_state.store.liveness import RunLocks, runs_folder
from pipeline_state.worktrees.archive import archive
from pipeline_state.worktrees.overview import Seen, see
from pipeline_state.worktrees.sweep import sweep


class Removed(NamedTuple):
    """What went. `ignored` are files and folders that Git ignored, relative to the worktree."""

    path: Path
    archive: Path | None
    ignored: tuple[str, ...]


def find(common_dir: Path, path: Path) -> Seen:
    """Return the worktree at `path`. Raises `UsageError` if Git has none there."""
    listed = see(common_dir)
    wanted = os.path.realpath(path)
    for seen in listed:
        if not seen.listed.bare and os.path.realpath(seen.listed.path) == wanted:
            return seen
    known = ", ".join(str(seen.listed.path) for seen in listed)
    raise UsageError(f"there is no worktree at {path}; there are {known}")


def remove(common_dir: Path, path: Path, *, force: bool = False, keep_archive: bool = True) -> Removed:
    """Archive the database of the worktree at `path`, let Git remove the worktree, and sweep.

    Refused while a run is going on there, where another worktree lies inside, and, without `force`, where there are
    changes or a lock. Raises `UsageError`, `WorktreeInUseError`, `GitError`, and what `archive` raises.
    """
    seen = find(common_dir, path)
    root = seen.listed.path
    if seen.main:
        raise UsageError(f"cannot remove {root}: it is the main worktree, which holds the repository")
    location = seen.location(common_dir)
    _refuse_nested(common_dir, seen)
    if location is not None:
        _refuse_running(seen, location)
    if not force:
        _refuse_changes(seen)
    ignored = _ignored(root) if location is not None else ()
    kept = None
    if keep_archive and location is not None:
        try:
            kept = archive(location)
        except NoDatabaseError:
            kept = None
    try:
        if location is not None:
            _refuse_running(seen, location)  # the archive took a while
        remove_worktree(common_dir, root, force=force)
    except BaseException:
        if kept is not None:
            kept.unlink(missing_ok=True)  # the database itself is still there
        raise
    sweep(common_dir)
    return Removed(root, kept, ignored)


def running(seen: Seen, location: Location) -> tuple[str, ...]:
    """Return the ids of the runs that are going on in a worktree."""
    bases = [location.path] if location.path is not None else []
    if seen.token is not None:
        bases.append(spill_base(seen.token))
    found = []
    for base in bases:
        locks = RunLocks(base)
        try:
            names = os.listdir(runs_folder(base))
        except OSError:  # nothing ever ran
            continue
        found += [name[:-5] for name in names if name.endswith(".lock") and locks.is_held(name[:-5])]
    return tuple(sorted(found))


def _refuse_nested(common_dir: Path, seen: Seen) -> None:
    inside = os.path.join(os.path.realpath(seen.listed.path), "")
    for other in see(common_dir):
        if os.path.realpath(other.listed.path).startswith(inside):
            raise WorktreeInUseError(
                f"cannot remove {seen.listed.path}: the worktree {other.listed.path} lies inside and would go with it, "
                "without a word; move or remove that one first"
            )


def _refuse_running(seen: Seen, location: Location) -> None:
    runs = running(seen, location)
    if runs:
        raise WorktreeInUseError(
            f"cannot remove {seen.listed.path}: run {runs[0]} is going on there; wait for its end, or stop it"
        )


def _refuse_changes(seen: Seen) -> None:
    root = seen.listed.path
    if seen.listed.locked is not None:
        why = f" ({seen.listed.locked})" if seen.listed.locked else ""
        raise WorktreeInUseError(f"cannot remove {root}: it is locked{why}; `git worktree unlock` it, or use --force")
    if seen.condition == "present" and _git(root, "status", "--porcelain", "-z"):
        raise WorktreeInUseError(
            f"cannot remove {root}: it has changes or untracked files; commit them, or use --force"
        )


def _ignored(root: Path) -> tuple[str, ...]:
    words = ("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory")
    names = os.fsdecode(_git(root, *words)).split("\0")
    return tuple(name for name in names if name and name.partition("/")[0] != FOLDER)


def _git(root: Path, *words: str) -> bytes:
    return run_git(words, f"look into {root}", cwd=root, environ=without_repository(os.environ))
