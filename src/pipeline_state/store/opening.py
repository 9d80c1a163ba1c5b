"""Opening a state database: making it, finding out whose it is, and in which mode it can be used."""

from __future__ import annotations

import os
import sqlite3
import time

from pipeline_state.errors import (
    BusyDatabaseError,
    DatabaseGoneError,
    NoDatabaseError,
    StateError,
    UnsafeFileSystemError,
)
from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store import faults
from pipeline_state.store.connection import (
    APPLICATION_ID,
    MEMORY_BUSY_S,
    Identity,
    connect,
    file_uri,
    foreign,
    identity_of,
    is_ours,
    journal_mode,
    memory_uri,
    pragma,
    refuse_foreign,
    settle,
)
from pipeline_state.store.gate import Gate
from pipeline_state.store.private_files import create_private, creation_failed, file_size, prepare_folder

TRIES = 5
_OLDEST_SQLITE = (3, 37, 0)  # STRICT tables


class Opened(NamedTuple):
    """A connection to a state database, ready for use."""

    connection: sqlite3.Connection
    identity: Identity | None  # None in memory
    user_version: int
    wal: bool
    read_only: bool
    shared: str | None = None
    """The type of the network or shared-folder file system that the file lies on, if it does."""


def open_memory(name: str) -> Opened:
    """Open the in-memory database of that name; it lives as long as one connection to it."""
    connection = connect(memory_uri(name), MEMORY_BUSY_S)
    settle(connection)
    if not pragma(connection, "application_id"):
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    return Opened(connection, None, pragma(connection, "user_version"), wal=False, read_only=False)


def open_file(path: str, gate: Gate, *, read_only: bool = False) -> Opened:
    """Open the state database at `path`, an absolute path; make it unless it is there or `read_only`.

    Where the system lets us only read, the connection is one for reading. Raises `ForeignDatabaseError` for the
    file of another application, untouched; what SQLite raises otherwise is in `faults.FAILURES`.
    """
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise StateError(f"this Python comes with SQLite {sqlite3.sqlite_version}; 3.37 or newer is needed")
    for attempt in range(1, TRIES):
        identity = identity_of(path)
        try:
            return _open_once(path, gate, read_only=read_only)
        except (*faults.FAILURES, DatabaseGoneError):
            # A file that was replaced under our hands (healed, perhaps) says nothing of the one that is there now.
            if identity is None or identity == identity_of(path):
                raise
        pause(attempt)
    return _open_once(path, gate, read_only=read_only)


def _open_once(path: str, gate: Gate, *, read_only: bool) -> Opened:
    try:
        status = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        if read_only:
            message = f"there is no state database at {path} yet; `pipeline-state check` begins one"
            raise NoDatabaseError(message) from None
        create_file(path, gate)
        status = os.stat(path)
    if status.st_size == 1 and not _is_begun(path):
        raise faults.not_a_database(path, "open")
    if status.st_size:
        refuse_foreign(path)
    shared = _shared_type(path, status)
    if read_only or not os.access(path, os.W_OK):
        return _open_read_only(path, shared)
    identity = status.st_dev, status.st_ino
    connection = connect(file_uri(path, mode="rw"))
    try:
        return _finish_opening(connection, path, identity, gate, shared)
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


def create_file(path: str, gate: Gate) -> None:
    """Create the empty file that SQLite takes for an empty database, with its folder; another process may be first."""
    prepare_folder(os.path.dirname(path))
    entered = gate.enter()
    try:
        if os.path.exists(path):  # look again: from here on the files beside it are alive
            return
        # A -wal that outlived its database would be read into the new one: the new turns into the old.
        orphans = [path + ending for ending in ("-wal", "-shm", "-journal") if os.path.lexists(path + ending)]
        if orphans and not gate.is_ours_alone:
            raise BusyDatabaseError(f"cannot create {path}: another process is at it for too long; try again")
        for orphan in orphans:
            os.replace(orphan, f"{path}.orphan-{time.time_ns()}{orphan[len(path) :]}")
        create_private(path)
    except OSError as error:
        raise creation_failed(path, error) from error
    finally:
        if entered:
            gate.leave()


def _finish_opening(
    connection: sqlite3.Connection, path: str, identity: Identity, gate: Gate, shared: str | None
) -> Opened:
    if pragma(connection, "application_id") != APPLICATION_ID:
        if not is_ours(connection):
            raise foreign(path)
        _begin_database(connection, gate)
    version = pragma(connection, "user_version")
    mode = journal_mode(connection)
    if mode == "wal" and shared:
        raise _unsafe(path, shared)
    # The mode of a database in use is never changed: it may be in use from another machine.
    if mode != "wal" and not version and not shared:
        mode = _switch_to_wal(connection, gate)
    settle(connection)
    if identity != identity_of(path):
        raise faults.gone(path)
    return Opened(connection, identity, version, wal=mode == "wal", read_only=False, shared=shared)


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


def _open_read_only(path: str, shared: str | None) -> Opened:
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
            if file_size(path + "-wal"):
                raise StateError(
                    f"cannot read {path}: its last changes are in {os.path.basename(path)}-wal, and reading them "
                    "takes a folder that can be written; copy both files into one and name that with --db"
                ) from error
            connection = connect(file_uri(path, mode="ro", immutable="1"))
            ours = is_ours(connection)
        if not ours:
            raise foreign(path)
        mode = journal_mode(connection)
        if mode == "wal" and shared:
            raise _unsafe(path, shared)
        settle(connection)
        version = pragma(connection, "user_version")
    except BaseException:
        connection.close()
        raise
    return Opened(connection, identity_of(path), version, wal=mode == "wal", read_only=True)


def _is_begun(path: str) -> bool:
    """Whether SQLite may take this file of one byte for an empty database, as it does with any.

    It writes that byte itself, an S, where a file system cannot lock an empty file.
    """
    with open(path, "rb") as file:
        return file.read() == b"S"


def _shared_type(path: str, status: os.stat_result) -> str | None:
    if os.name == "posix" and os.uname().sysname == "Linux" and os.major(status.st_dev):
        return None  # a block device is local; no need to load the module that reads mount tables
    from pipeline_state.store.filesystem import shared_type

    return shared_type(path)


def _unsafe(path: str, shared: str) -> UnsafeFileSystemError:
    return UnsafeFileSystemError(
        f"refused {path}: it is in WAL mode and lies on a shared file system ({shared}), where that loses data; "
        "set PIPELINE_DB_PATH to a file on a local disk (`pipeline-state db backup` makes a copy, on its own machine)"
    )
