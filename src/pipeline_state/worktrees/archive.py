"""A worktree's database, kept when the worktree goes: a verified copy in the Git directory that all worktrees share."""

from __future__ import annotations

import os
from pathlib import Path

from pipeline_state.errors import NoDatabaseError
from pipeline_state.location import Location, archive_folder
from pipeline_state.store import clock, registry
from pipeline_state.store.backup import back_up
from pipeline_state.store.intake import take_in
from pipeline_state.store.private_files import creation_failed
from pipeline_state.store.state import open_at


def archive(location: Location) -> Path:
    """Keep a verified copy of the database of a worktree and return where it is.

    What sessions that were cut off left in their journals is taken in first. Raises `NoDatabaseError` if there is
    nothing to keep, and what `back_up` raises.
    """
    worktree, path = location.worktree, location.path
    assert worktree is not None
    if path is None or not os.path.isfile(path):
        raise NoDatabaseError(f"there is no state database in {worktree.root}, and so nothing to archive")
    folder = Path(archive_folder(worktree.common_dir))
    try:
        for each in (folder.parent, folder):
            if each.is_symlink():
                raise NotADirectoryError(20, "it is a link", str(each))
            each.mkdir(0o700, exist_ok=True)
    except OSError as error:
        raise creation_failed(str(folder), error) from error
    with open_at(location) as state:
        take_in(state)
        registry.record(location, state.token)
        return back_up(state.database, _free(folder, f"{state.token}-{clock.compact(clock.now())}"))


def archives(common_dir: Path, token: str) -> tuple[Path, ...]:
    """Return the archived databases of a worktree, the oldest first."""
    return tuple(sorted(Path(archive_folder(str(common_dir))).glob(f"{token}-*.db")))


def _free(folder: Path, name: str) -> Path:
    path, number = folder / f"{name}.db", 1
    while os.path.lexists(path):
        number += 1
        path = folder / f"{name}-{number}.db"
    return path
