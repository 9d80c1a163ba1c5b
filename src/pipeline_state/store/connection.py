"""Connections to SQLite files, bare: the only module that opens a database.

The file is never opened but through SQLite, not even to read a few bytes: closing any descriptor of a file drops
all POSIX locks that this process holds on it, those of live connections too.
"""

from __future__ import annotations

import os
import sqlite3

from pipeline_state.errors import ForeignDatabaseError
from pipeline_state.store import faults

APPLICATION_ID = 0x50535444
"""What `PRAGMA application_id` holds in a database of ours ("PSTD")."""
BUSY_S = 5.0
"""How long SQLite waits for a lock."""
MEMORY_BUSY_S = 1.0
_WAL_LIMIT = 64 << 20

Identity = tuple[int, int]
"""Device and inode."""


def file_uri(path: str, **parameters: str) -> str:
    """Return the SQLite URI of a file, whatever its name holds: ASCII alone, so that SQL can carry it too."""
    if not os.path.isabs(path):
        path = os.path.abspath(path)
    if os.name == "nt":
        path = "/" + path.replace("\\", "/")
    if not (path.isascii() and path.isprintable()) or any(character in path for character in "%?#"):
        plain = frozenset(range(0x21, 0x7F)) - frozenset(b"%?#")
        path = "".join(chr(byte) if byte in plain else f"%{byte:02x}" for byte in os.fsencode(path))
    query = "&".join(f"{name}={value}" for name, value in parameters.items())
    return f"file://{path}?{query}"


def connect(uri: str, timeout_s: float = BUSY_S) -> sqlite3.Connection:
    """Return a bare connection. The busy timeout is set before anything else can ask for a lock."""
    connection = sqlite3.connect(
        uri, uri=True, timeout=timeout_s, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    connection.row_factory = sqlite3.Row
    return connection


def keep_forever(connection: sqlite3.Connection) -> None:
    """Make sure that a connection is never closed, not even at the end of the process."""
    _kept.append(connection)
    try:
        from _ctypes import Py_INCREF
    except ImportError:  # a Python without ctypes: kept until the interpreter clears its modules
        return
    Py_INCREF(connection)


_kept: list[sqlite3.Connection] = []


def memory_uri(name: str) -> str:
    """Return the URI of an in-memory database that several connections of this process can share."""
    return f"file:/{name}?vfs=memdb"


def pragma(connection: sqlite3.Connection, name: str) -> int:
    """Return a pragma that is one number."""
    value: int = connection.execute(f"PRAGMA {name}").fetchone()[0]
    return value


def settle(connection: sqlite3.Connection) -> None:
    """Set what every connection needs; none of it is stored in the file."""
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute(f"PRAGMA journal_size_limit = {_WAL_LIMIT}")
    connection.execute("PRAGMA mmap_size = 0")  # an I/O error in a mapped page is a signal, not an error


def journal_mode(connection: sqlite3.Connection) -> str:
    """Return `wal`, `delete`, `memory`, …"""
    return str(connection.execute("PRAGMA journal_mode").fetchone()[0])


def refuse_foreign(path: str) -> None:
    """Raise `ForeignDatabaseError` if another application's database is at `path`.

    `immutable` reads the file itself and nothing else: no lock, no -wal, no checkpoint. So what is not ours stays
    as it is to the byte. What cannot be read so is looked at again with its log, and if it is damaged then too, what
    SQLite says of it is raised: a connection that may write would put the log into the file when it is closed.
    Whatever else keeps it from being read (a transaction to be taken back) is judged by the real opening.
    """
    for parameters, timeout_s in (({"immutable": "1"}, 0.0), ({}, BUSY_S)):
        look = connect(file_uri(path, mode="ro", **parameters), timeout_s)
        try:
            ours = is_ours(look)
        except faults.FAILURES as error:
            if not parameters and faults.code_of(error) & 0xFF in (faults.CORRUPT, faults.NOTADB):
                raise
        else:
            if not ours:
                raise foreign(path)
            return
        finally:
            look.close()


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


def foreign(path: str) -> ForeignDatabaseError:
    """What to raise for another application's database."""
    return ForeignDatabaseError(
        f"refused {path}: it is the database of another application; nothing was changed, "
        "name another file with --db or PIPELINE_DB_PATH"
    )
