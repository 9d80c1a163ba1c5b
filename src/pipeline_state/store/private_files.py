"""Files and folders that only their owner may read, and the ignore file that keeps them out of Git."""

from __future__ import annotations

import contextlib
import errno
import os

from pipeline_state.errors import DiskFullError, ReadOnlyDatabaseError, StateError

FOLDER_NAME = ".worktrees"
IGNORE_FILE = ".gitignore"
DAMAGED = ".damaged"
"""Ends the name of the mark that a command leaves beside a database in which it found damage; the next one heals."""
_IGNORE_EVERYTHING = b"# Written by pipeline-state: what is in here is state, never source.\n*\n"


def create_private(path: str) -> bool:
    """Create an empty file 0600; return whether it was us who made it. Raises `OSError`.

    SQLite gives `-wal` and `-shm` the mode of the database, so this has to come before SQLite opens it.
    """
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return False
    os.close(descriptor)
    return True


def leave_mark(path: str) -> None:
    """Leave an empty file as a mark for a later command, if that can be done."""
    with contextlib.suppress(OSError):  # the error that is being reported matters more
        create_private(path)


def prepare_folder(folder: str) -> None:
    """Make the folder of a state database, 0700. A folder named `.worktrees` gets its ignore file, once.

    Only folders that we make get our mode: an existing one belongs to its owner.
    """
    try:
        if not os.path.isdir(folder):
            make_parents(folder)
            try:
                os.mkdir(folder, 0o700)
            except FileExistsError:
                if not os.path.isdir(folder):  # a file, or a link to nothing
                    raise
        if os.path.basename(folder) == FOLDER_NAME:
            write_ignore_file(folder)
    except OSError as error:
        raise creation_failed(folder, error) from error


def make_parents(path: str) -> None:
    """Make the folders above `path`, but never above a `.worktrees`: a worktree that was removed stays removed.

    Raises `FileNotFoundError` then.
    """
    parent = os.path.dirname(path) or "."
    if os.path.basename(path) == FOLDER_NAME and not os.path.isdir(parent):
        raise FileNotFoundError(errno.ENOENT, "its worktree is not there any more", parent)
    if os.path.basename(parent) == FOLDER_NAME and not os.path.isdir(parent):
        make_parents(parent)
    os.makedirs(parent, exist_ok=True)


def write_ignore_file(folder: str) -> bool:
    """Write the ignore file of a state folder unless there is one; return whether it was written."""
    path = os.path.join(folder, IGNORE_FILE)
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
    except FileExistsError:
        return False
    try:
        os.write(descriptor, _IGNORE_EVERYTHING)
    finally:
        os.close(descriptor)
    return True


def file_size(path: str) -> int:
    """Return the size of a file in bytes; 0 if there is none."""
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def ignores_everything(folder: str | os.PathLike[str]) -> bool:
    """Whether the ignore file in `folder` keeps all of it out of Git."""
    try:
        with open(os.path.join(folder, IGNORE_FILE), "rb") as file:
            lines = file.read().split()
    except OSError:
        return False
    return b"*" in lines and not any(line.startswith(b"!") for line in lines)


def fsync_folder(folder: str) -> None:
    """Make a rename in `folder` survive a power cut, where the system knows how."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def creation_failed(path: str, error: OSError) -> StateError:
    """What to raise when a file or folder of the state could not be made."""
    reason = error.strerror or str(error)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return ReadOnlyDatabaseError(
            f"cannot create {path}: {reason}; "
            "make its folder writable, or name another file with --db or PIPELINE_DB_PATH"
        )
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFullError(f"cannot create {path}: {reason}; free some space and run the command again")
    return StateError(f"cannot create {path}: {reason}; name another file with --db or PIPELINE_DB_PATH")
