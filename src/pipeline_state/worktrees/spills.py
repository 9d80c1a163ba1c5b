"""What a removed worktree left in the user's state folder: journals that could not be written beside its database."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from pipeline_state.store import journal, registry
from pipeline_state.store.intake import Reading
from pipeline_state.store.liveness import RunLocks, runs_folder
from pipeline_state.store.registry import Row
from pipeline_state.store.summaries import summarize_journal


def is_certainly_gone(row: Row, common_dir: str | os.PathLike[str]) -> bool:
    """Whether nobody else can be the worktree of this row.

    A copy of a repository (`cp -a`) holds the rows of the original. What they name may be alive elsewhere, and what
    lies in the user's folder is its own.
    """
    try:
        inode = os.stat(common_dir).st_ino
    except OSError:
        return False
    return (row.common_dir, row.inode) == (os.fspath(common_dir), inode) and not os.path.lexists(
        os.path.join(row.path, ".git")
    )


def dead_journals(token: str) -> list[str]:
    """Return the journals in the user's folder that are this worktree's, and that nobody writes to any more."""
    base = journal.spill_base(token)
    if os.path.islink(runs_folder(base)):
        return []
    locks = RunLocks(base)
    return [
        path
        for path in journal.find(base)
        if not os.path.islink(path) and not locks.is_held(journal.run_of(path)) and _worktree_of(path) == token
    ]


def summaries(paths: list[str]) -> Iterator[dict[str, object]]:
    """Return what the sessions came to whose journals these are, in the form of the registry's summaries."""
    for path in paths:
        try:
            with open(path, "rb") as file:
                reading = Reading(file.read())
        except (OSError, journal.UnknownJournalError):
            continue
        yield summarize_journal(reading)


def forget(token: str, paths: list[str]) -> None:
    """Remove these journals of a worktree with their locks, and their folder if nothing else is in it."""
    assert registry.is_token(token)
    base = journal.spill_base(token)
    locks = RunLocks(base)
    for path in paths:
        with contextlib.suppress(OSError):
            os.unlink(path)
            locks.remove(journal.run_of(path))
    with contextlib.suppress(OSError):  # something else is in it, or it was never there
        os.rmdir(runs_folder(base))


def _worktree_of(path: str) -> str | None:
    try:
        with open(path, "rb") as file:
            return journal.parse_header(file.readline(1 << 20)).worktree
    except (OSError, journal.UnknownJournalError):
        return None
