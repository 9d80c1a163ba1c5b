"""Opening the database file: the only module that does.

The file is never opened but through SQLite, not even to read a few bytes: closing any descriptor of a file drops
all POSIX locks that this process holds on it, those of live connections too.
"""

from __future__ import annotations

import os
import sqlite3
import time
from dataclasses import dataclass
from typing import Literal

from pipeline_state.errors import ForeignDatabaseError, NoDatabaseError, StateError, UnsafeFileSystemError
from pipeline_state.store import faults
from pipeline_state.store.gate import Gate
from pipeline_state.store.private_files import create_private, creation_failed, prepare_folder

APPLICATION_ID = 0x50535444
"""What `PRAGMA application_id` holds in a database of ours ("PSTD")."""
BUSY_S = 5.0
MEMORY_BUSY_S = 1.0
TRIES = 5
_WAL_LIMIT = 64 << 20
_OLDEST_SQLITE = (3, 37, 0)  # STRICT tables

Identity = tuple[int, int]
"""Device and inode."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection to a state database, ready for use."""

    connection: sqlite3.Connection
    identity: Identity | None  # None in memory
    user_version: int
    wal: bool
    read_only: bool


def file_uri(path: str, **parameters: str) -> str:
    """Return the SQLite URI of a file, whatever its name holds."""
    if os.name == "nt":
        path = "/" + path.replace("\\", "/")
    for character in "%?#":  # the percent sign first
        path = path.replace(character, f"%{ord(character):02x}")
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    return f"file://{path}?{query}"


def connect(uri: str, timeout_s: float = BUSY_S) -> sqlite3.Connection:
    """Return a bare connection. The busy timeout is set before anything else can ask for a lock."""
    connection = sqlite3.connect(
        uri, uri=True, timeout=timeout_s, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    connection.row_factory = sqlite3.Row
    return connection


def open_memory(name: str) -> Opened:
    """Open the in-memory database of that name; it lives as long as one connection to it."""
    connection = connect(memory_uri(name), MEMORY_BUSY_S)
    _settle(connection)
    if not pragma(connection, "application_id"):
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    return Opened(connection, None, pragma(connection, "user_version"), wal=False, read_only=False)


def memory_uri(name: str) -> str:
    """Return the URI of an in-memory database that several connections of this process can share."""
    return f"file:/{name}?vfs=memdb"


def pragma(connection: sqlite3.Connection, name: str) -> int:
    """Return a pragma that is one number."""
    value: int = connection.execute(f"PRAGMA {name}").fetchone()[0]
    return value


def open_file(path: str, gate: Gate, *, read_only: bool = False) -> Opened:
    """Open the state database at `path`, an absolute path; make it unless it is there or `read_only`.

    Where the system lets us only read, the connection is one for reading. Raises `ForeignDatabaseError` for the
    file of another application, untouched; `sqlite3.Error` where SQLite does.
    """
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise StateError(f"this Python comes with SQLite {sqlite3.sqlite_version}; 3.37 or newer is needed")
    try:
        status = os.stat(path)
    except FileNotFoundError:
        if read_only:
            message = f"there is no state database at {path} yet; `pipeline-state check` begins one"
            raise NoDatabaseError(message) from None
        create_file(path)
        status = os.stat(path)
    if status.st_size:
        refuse_foreign(path)
    shared = _shared_type(path, status)
    if read_only or not os.access(path, os.W_OK):
        return _open_read_only(path, shared)
    connection = connect(file_uri(path, mode="rw"))
    try:
        return _finish_opening(connection, path, gate, shared)
    except sqlite3.OperationalError as error:
        connection.close()
        if faults.code_of(error) & 0xFF in (faults.CANTOPEN, faults.READONLY) and not os.access(
            os.path.dirname(path), os.W_OK
        ):
            return _open_read_only(path, shared)
        raise
    except BaseException:
        connection.close()
        raise


def create_file(path: str) -> None:
    """Create the empty file that SQLite takes for an empty database, with its folder."""
    prepare_folder(os.path.dirname(path))
    try:
        # A -wal that outlived its database would be read into the new one: the new turns into the old.
        for ending in ("-wal", "-shm", "-journal"):
            if os.path.lexists(path + ending):
                os.replace(path + ending, f"{path}.orphan-{time.time_ns()}{ending}")
        create_private(path)
    except OSError as error:
        raise creation_failed(path, error) from error


def refuse_foreign(path: str) -> None:
    """Raise `ForeignDatabaseError` if another application's database is at `path`.

    `immutable` reads the file itself and nothing else: no lock, no -wal, no checkpoint. So what is not ours stays
    as it is to the byte. Whatever cannot be read so (a page that is being written) is judged by the real opening.
    """
    peek = connect(file_uri(path, mode="ro", immutable="1"), 0)
    try:
        ours = is_ours(peek)
    except sqlite3.Error:
        return
    finally:
        peek.close()
    if not ours:
        raise _foreign(path)


def is_ours(connection: sqlite3.Connection) -> bool:
    """Whether this is a state database, or an empty one that may become it."""
    number = pragma(connection, "application_id")
    if not number and (pragma(connection, "user_version") or _has_tables(connection)):
        # Somebody else's, or another process has just begun this one: look again.
        return pragma(connection, "application_id") == APPLICATION_ID
    return number in (0, APPLICATION_ID)


def _has_tables(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_schema").fetchone() is not None


def identity_of(path: str) -> Identity | None:
    """Return which file is at `path` now; `None` for none."""
    try:
        status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return status.st_dev, status.st_ino


def _finish_opening(connection: sqlite3.Connection, path: str, gate: Gate, shared: str | None) -> Opened:
    identity = identity_of(path)
    if pragma(connection, "application_id") != APPLICATION_ID:
        if not is_ours(connection):
            raise _foreign(path)
        _begin_database(connection, gate)
    version = pragma(connection, "user_version")
    mode = _journal_mode(connection)
    if mode == "wal" and shared:
        raise _unsafe(path, shared)
    # The mode of a database in use is never changed: it may be in use from another machine.
    if mode != "wal" and not version and not shared:
        mode = _switch_to_wal(connection, gate)
    _settle(connection)
    if identity is None or identity != identity_of(path):
        raise faults.gone(path)
    return Opened(connection, identity, version, wal=mode == "wal", read_only=False)


def _begin_database(connection: sqlite3.Connection, gate: Gate) -> None:
    """Put our id into an empty database, in rollback mode, so that it stands in the file itself from the start."""
    entered = gate.enter()
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    finally:
        if entered:
            gate.leave()


def _switch_to_wal(connection: sqlite3.Connection, gate: Gate) -> str:
    """The switch needs the database alone, and SQLite does not always wait for that: try again."""
    entered = gate.enter()
    try:
        for attempt in range(1, TRIES + 1):
            try:
                return str(connection.execute("PRAGMA journal_mode = WAL").fetchone()[0])
            except sqlite3.OperationalError as error:
                if attempt == TRIES or not faults.is_busy(error):
                    raise
                pause(attempt)
    finally:
        if entered:
            gate.leave()
    raise AssertionError("unreachable")


def pause(attempt: int) -> None:
    """Sleep for a random time of up to 10, 20, 40, 80 … milliseconds, so that rivals do not meet again."""
    time.sleep(os.urandom(1)[0] / 255 * 0.005 * 2**attempt)


def _settle(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute(f"PRAGMA journal_size_limit = {_WAL_LIMIT}")
    connection.execute("PRAGMA mmap_size = 0")  # an I/O error in a mapped page is a signal, not an error


def _open_read_only(path: str, shared: str | None) -> Opened:
    immutable: Literal["0", "1"] = "0"
    connection = connect(file_uri(path, mode="ro"))
    try:
        try:
            ours = is_ours(connection)
        except sqlite3.OperationalError as error:
            # WAL without a -shm, in a folder where none can be made. Nobody has the database open; if no -wal is
            # left over either, the file is complete by itself.
            if faults.code_of(error) & 0xFF not in (faults.CANTOPEN, faults.READONLY):
                raise
            connection.close()
            if _size(path + "-wal"):
                raise StateError(
                    f"cannot read {path}: its last changes are in {os.path.basename(path)}-wal, and reading them "
                    "takes a folder that can be written; copy both files into one and name that with --db"
                ) from error
            immutable = "1"
            connection = connect(file_uri(path, mode="ro", immutable=immutable))
            ours = is_ours(connection)
        if not ours:
            raise _foreign(path)
        mode = _journal_mode(connection)
        if mode == "wal" and shared:
            raise _unsafe(path, shared)
        _settle(connection)
        version = pragma(connection, "user_version")
    except BaseException:
        connection.close()
        raise
    return Opened(connection, identity_of(path), version, wal=mode == "wal", read_only=True)


def _journal_mode(connection: sqlite3.Connection) -> str:
    return str(connection.execute("PRAGMA journal_mode").fetchone()[0])


def _shared_type(path: str, status: os.stat_result) -> str | None:
    if os.name == "posix" and os.uname().sysname == "Linux" and os.major(status.st_dev):
        return None  # a block device is local; no need to load the module that reads mount tables
    from pipeline_state.store.filesystem import shared_type

    return shared_type(path)


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return 0


def _foreign(path: str) -> ForeignDatabaseError:
    return ForeignDatabaseError(
        f"refused {path}: it is the database of another application; nothing was changed, "
        "name another file with --db or PIPELINE_DB_PATH"
    )


def _unsafe(path: str, shared: str) -> UnsafeFileSystemError:
    return UnsafeFileSystemError(
        f"refused {path}: it is in WAL mode and lies on a shared file system ({shared}), where that loses data; "
        "set PIPELINE_DB_PATH to a file on a local disk (`pipeline-state db backup` makes a copy, on its own machine)"
    )
