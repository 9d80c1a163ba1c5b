"""Copies of the database: made whole, verified before they count, and brought back into the live file.

`cp` would lose what is in the write-ahead log; replacing the live file would put a new database beside an old log.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from pipeline_state.errors import CorruptDatabaseError, StateError, UsageError
from pipeline_state.store import clock, faults, integrity, migrations
from pipeline_state.store.connection import APPLICATION_ID, connect, file_uri, foreign, pragma, refuse_foreign
from pipeline_state.store.database import Database
from pipeline_state.store.private_files import DAMAGED, create_private, creation_failed, fsync_folder, leave_mark
from pipeline_state.store.schema import HEAD

_MARK = ".backup-"
# Named, because a database in memory would otherwise be backed up into memory.
_VFS = "win32" if os.name == "nt" else "unix"


def back_up(database: Database, target: Path | None = None) -> Path:
    """Write a verified copy of the database and return where it is. Writers are not held up.

    By default it lies beside the database, `<database>.backup-20260131T123456Z`; in a folder that is named, under that
    name there. An existing file is never replaced. Raises `UsageError` and the subclasses of `StateError`.
    """
    path = _target(database, target)
    temporary = f"{path}.{os.urandom(4).hex()}.part"
    try:
        create_private(temporary)  # VACUUM INTO alone would make a file that everybody can read
    except OSError as error:
        raise creation_failed(temporary, error) from error
    try:
        # The copy has rollback mode and no free pages, and needs nothing beside it to be read.
        database.connection.execute("VACUUM INTO ?", (file_uri(temporary, mode="rw", vfs=_VFS),))
        examine(Path(temporary))
        _fsync(temporary)
        path = _publish(temporary, path)
    except CorruptDatabaseError as error:
        raise _damaged(database, error) from error
    except faults.FAILURES as error:
        fault = faults.translate(error, temporary, "write a backup to")
        raise _damaged(database, fault) if isinstance(fault, CorruptDatabaseError) else fault from error
    except OSError as error:
        raise creation_failed(path, error) from error
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)
    return Path(path)


def back_up_before_migrating(database: Database) -> Path | None:
    """Keep the database as it is before its schema changes. In memory there is nothing to keep."""
    return None if database.path is None else back_up(database)


def backups(path: Path) -> list[Path]:
    """Return the backups beside a database, the newest first."""
    found = path.parent.glob(f"{_escape(path.name)}{_MARK}*")
    # A backup that was killed leaves its unfinished copy, and what SQLite had beside it.
    return sorted(
        (copy for copy in found if not copy.name.endswith((".part", "-wal", "-shm", "-journal"))), reverse=True
    )


def examine(path: Path) -> None:
    """Raise `CorruptDatabaseError`, or `ForeignDatabaseError`, unless the file is a whole state database of ours."""
    try:
        refuse_foreign(str(path))
        connection = connect(file_uri(str(path), mode="ro"))
        try:
            if pragma(connection, "application_id") != APPLICATION_ID:
                raise foreign(str(path))
            # Not quick_check: it does not look into indexes, and VACUUM copies a damaged index as it is.
            wrong = integrity.damage(connection)
        finally:
            connection.close()
    except faults.FAILURES as error:
        raise faults.translate(error, str(path), "read") from error
    if wrong:
        raise CorruptDatabaseError(f"cannot use {path}: it is damaged ({wrong}); choose another backup")


def restore(database: Database, source: Path, *, keep: bool = True) -> Path | None:
    """Make the database what the backup at `source` is; return where its present content was kept.

    The content is copied into the live database, within one transaction and inside the gate: whoever has it open
    sees the old or the new. A backup of an older schema is migrated; one that is newer than this program must let
    us use it. With `keep=False` the present content is not kept.
    """
    if not source.is_file():
        raise UsageError(f"cannot restore {source}: there is no such file")
    if database.path is not None and os.path.exists(database.path) and os.path.samefile(source, database.path):
        raise UsageError(f"cannot restore {source}: it is the database itself; name a backup")
    if database.read_only:
        raise faults.read_only(database.label, "restore")
    examine(source)
    backup = Database(source, read_only=True)
    try:
        if not migrations.history(backup):
            raise StateError(f"cannot restore {source}: it is empty; name a backup that holds something")
        migrations.refuse_newer(backup)
        worth_keeping = keep and database.path is not None and migrations.holds_data(database)
        kept = back_up(database) if worth_keeping else None
        copy_into(database, backup.connection)
    finally:
        backup.close()
    if database.connection.execute("PRAGMA user_version").fetchone()[0] < HEAD:
        migrations.migrate(database)
    return kept


def copy_into(database: Database, source: sqlite3.Connection) -> None:
    """Replace the whole content of `database` with that of another connection's, in one step."""
    entered = database.gate.enter()
    try:
        source.backup(database.connection)
    except faults.FAILURES as error:
        raise database.fault(error, "copy into") from error
    finally:
        if entered:
            database.gate.leave()


def _damaged(database: Database, error: Exception) -> CorruptDatabaseError:
    """The copy is not whole because its source is not; the next command that opens the source heals it."""
    if database.path is not None and not database.read_only:
        leave_mark(database.path + DAMAGED)
    return faults.damaged(database.label, "back up", str(error))


def _target(database: Database, target: Path | None) -> str:
    name = Path(database.path or "pipeline_state.db").name + _MARK + clock.compact(clock.now())
    if target is None:
        if database.path is None:
            raise UsageError("a state in memory has no folder for its backup; name a file")
        target = Path(database.path).with_name(name)
    elif target.is_dir():
        target = target / name
    elif os.path.lexists(target):
        raise UsageError(f"cannot write a backup to {target}: it exists already, and is not replaced; name a new file")
    elif not target.parent.is_dir():
        raise UsageError(f"cannot write a backup to {target}: there is no folder {target.parent}; create it first")
    return os.path.abspath(target)


def _publish(temporary: str, path: str) -> str:
    """Give the finished copy its name. Within one second two get the same: the later one is numbered."""
    wanted, number = path, 1
    while os.path.lexists(wanted):
        number += 1
        wanted = f"{path}-{number}"
    os.rename(temporary, wanted)
    fsync_folder(os.path.dirname(wanted))
    return wanted


def _fsync(path: str) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _escape(name: str) -> str:
    from glob import escape

    return escape(name)
