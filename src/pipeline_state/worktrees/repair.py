"""What `doctor --repair` does: only what is safe, and what the user would be told to do anyway."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from pipeline_state.errors import PipelineStateError
from pipeline_state.location import Location
from pipeline_state.store.backup import backups
from pipeline_state.store.intake import take_in
from pipeline_state.store.private_files import FOLDER_NAME, write_ignore_file
from pipeline_state.store.state import open_at
from pipeline_state.worktrees.git_hooks import console_script, find_place, install, status
from pipeline_state.worktrees.sweep import sweep

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def repair(location: Location) -> Iterator[str]:
    """Repair what can be, and say of each thing what was done. What cannot be is said by the examination after it."""
    if location.path is not None and os.path.isfile(location.path):
        yield from _ignore_file(location)
        yield from _permissions(location)
        yield from _journals(location)
    if location.worktree is not None:
        yield from _hooks(location)
        swept = sweep(Path(location.worktree.common_dir))
        if swept.removed:
            yield f"set apart what is known of {len(swept.removed)} removed worktrees"


def _ignore_file(location: Location) -> Iterator[str]:
    assert location.path is not None
    folder = Path(location.path).parent
    if folder.name == FOLDER_NAME and write_ignore_file(str(folder)):
        yield f"wrote the ignore file of {folder}"


def _permissions(location: Location) -> Iterator[str]:
    assert location.path is not None
    if os.name == "nt":
        return
    files = [Path(location.path + ending) for ending in ("", "-wal", "-shm", ".gate")]
    for file in [*files, *backups(Path(location.path))]:
        try:
            status_of = file.lstat()
            if stat.S_ISREG(status_of.st_mode) and status_of.st_mode & _OTHERS and status_of.st_uid == os.geteuid():
                file.chmod(stat.S_IMODE(status_of.st_mode) & ~_OTHERS)
                yield f"made {file} its owner's alone"
        except FileNotFoundError:
            continue


def _journals(location: Location) -> Iterator[str]:
    try:
        with open_at(location) as state:
            closed = take_in(state).closed
    except PipelineStateError:  # the examination says so
        return
    if closed:
        yield f"took in {len(closed)} test sessions that were cut off"


def _hooks(location: Location) -> Iterator[str]:
    assert location.worktree is not None
    try:
        place = find_place(Path(location.worktree.root))
        if any(hook.condition == "outdated" for hook in status(place)) and not place.elsewhere:
            install(place, console_script())
            yield "installed the Git hooks again"
    except PipelineStateError:  # the same
        return
