"""A damaged database: moved aside, never deleted; the newest good backup takes its place, or an empty one.

Only what is ours is touched: the database at the default path, or one with our application id. Anything else is
refused as it is.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from pipeline_state.errors import CorruptDatabaseError, ForeignDatabaseError, StateError
from pipeline_state.store import backup, clock, faults, integrity
from pipeline_state.store.connection import APPLICATION_ID, connect, file_uri
from pipeline_state.store.database import Database
from pipeline_state.store.gate import Gate
from pipeline_state.store.private_files import DAMAGED, creation_failed, fsync_folder

_MAGIC = b"SQLite format 3\0"
_APPLICATION_ID_AT = 68  # https://www.sqlite.org/fileformat.html
_WAIT_S = 30.0


def heal(path: Path, error: StateError, *, is_default: bool, works: Callable[[], None]) -> str:
    """Put a usable database in the place of a damaged one and return what was done, for the user to read.

    `error` is what the opening raised, and is raised again if the file is not ours to touch. `works` opens the
    database: it tells whether another process has healed it meanwhile.
    """
    if not _is_ours(path, error, is_default=is_default):
        raise error
    # Not the writer gate: opening, which is part of this, passes through that one.
    gate = Gate(f"{path}.healing")
    entered = gate.enter(_WAIT_S)
    try:
        try:
            works()
        except (CorruptDatabaseError, ForeignDatabaseError):
            return _replace(path)
        return f"{path} was damaged; another process has healed it"
    finally:
        if entered:
            gate.leave()
        gate.close()


def examine_marked(path: Path) -> CorruptDatabaseError | None:
    """Look closely at a database that a command found damaged; return the damage, or `None` and take the mark off."""
    connection = connect(file_uri(str(path), mode="rw"))
    try:
        wrong = integrity.damage(connection)
    except faults.FAILURES as error:
        wrong = str(error)
        if not isinstance(faults.translate(error, str(path), "read"), CorruptDatabaseError | ForeignDatabaseError):
            return None  # not readable now, which says nothing about damage
    finally:
        connection.close()
    if wrong:
        return CorruptDatabaseError(f"cannot use {path}: it is damaged ({wrong})")
    remove_mark(path)
    return None


def remove_mark(path: Path) -> None:
    """Take the mark of a damaged database off."""
    Path(f"{path}{DAMAGED}").unlink(missing_ok=True)


def move_aside(path: Path) -> Path:
    """Rename a database with everything that belongs to it, and return its new name.

    The log goes first: at no instant may an old log lie beside a new database. Under their new names the files
    still belong together.
    """
    aside = Path(f"{path}.corrupt-{clock.compact(clock.now())}")
    while os.path.lexists(aside):
        aside = Path(f"{aside}-2")
    try:
        for ending in ("-wal", "-shm", "-journal", ""):
            if os.path.lexists(f"{path}{ending}"):
                os.rename(f"{path}{ending}", f"{aside}{ending}")
        fsync_folder(str(path.parent))
    except OSError as error:
        raise creation_failed(str(aside), error) from error
    return aside


def _replace(path: Path) -> str:
    gate = Gate(f"{path}.gate")
    entered = gate.enter()  # nobody begins a new database while the old one is half gone
    try:
        aside = move_aside(path)
    finally:
        if entered:
            gate.leave()
        gate.close()
    remove_mark(path)
    said = f"{path} was damaged; it was moved to {aside}"
    for copy in backup.backups(path):
        try:
            backup.examine(copy)
        except StateError:  # damaged too, or still empty: the next older one
            continue
        database = Database(path)
        try:
            backup.restore(database, copy, keep=False)
        finally:
            database.close()
        return f"{said}, and the backup {copy} was restored"
    return f"{said}, and an empty database was begun: there is no good backup"


def _is_ours(path: Path, error: StateError, *, is_default: bool) -> bool:
    # By hand, because SQLite refuses to read what is damaged. Whoever else has this file open in this process has
    # nothing left to lose.
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except OSError:
        return False
    if header[_APPLICATION_ID_AT:][:4] == APPLICATION_ID.to_bytes(4, "big"):
        return True
    if isinstance(error, ForeignDatabaseError) and header.startswith(_MAGIC):
        return False  # a good database of another application, wherever it lies
    return is_default
