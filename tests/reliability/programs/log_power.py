"""Writes to a state database through a VFS that logs what reaches the disk and when it is made sure of.

Usage: log_power.py DATABASE TRANSACTIONS full|normal|mixed SEED LOG. The store runs as it is; only `sqlite3.connect`
is replaced, by apsw, which can log. LOG becomes a pickled list of operations:

    ("exists", name, file, content)   before we began            ("write", file, offset, content)
    ("link", name, file)              a file was made            ("truncate", file, size)
    ("unlink", name)                  a name was taken away      ("sync", file)
    ("sync folder",)                                             ("commit", number, durable)

`file` is a number: the same name can mean one file after another. The -shm file is not logged: SQLite makes it anew.
"""

from __future__ import annotations

import itertools
import os
import pickle
import random
import sqlite3
import sys
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

import apsw

from pipeline_state.location import Location
from pipeline_state.store.state import open_at

log: list[tuple] = []
files: dict[str, int] = {}
numbers = itertools.count()
WINDOW = 20
COUNT = (
    "INSERT INTO maintenance (name, done_at) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET done_at = excluded.done_at"
)
JOURNALS = apsw.SQLITE_OPEN_MAIN_JOURNAL | apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_SUPER_JOURNAL


class LoggedFile(apsw.VFSFile):
    def __init__(self, name, flags):
        path = name if isinstance(name, str) else name.filename()
        fresh = path not in files
        super().__init__("unix", name, flags)
        if fresh:
            files[path] = next(numbers)
            log.append(("link", os.path.basename(path), files[path]))
        self.file = files[path]
        # As SQLite itself does: the first sync of a journal or a log syncs its folder too.
        self.folder_too = bool(flags[0] & JOURNALS and flags[0] & apsw.SQLITE_OPEN_CREATE)

    def xWrite(self, data, offset):  # noqa: N802 - SQLite's name, like those below
        log.append(("write", self.file, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size):  # noqa: N802
        log.append(("truncate", self.file, size))
        super().xTruncate(size)

    def xSync(self, flags):  # noqa: ARG002, N802 - the real disk need not be waited for
        log.append(("sync", self.file))
        if self.folder_too:
            log.append(("sync folder",))
            self.folder_too = False


class LoggingVFS(apsw.VFS):
    def __init__(self):
        super().__init__("logging", "unix")

    def xOpen(self, name, flags):  # noqa: N802
        return LoggedFile(name, flags)

    def xDelete(self, name, sync_folder):  # noqa: N802
        super().xDelete(name, sync_folder)
        if files.pop(name, None) is not None:
            log.append(("unlink", os.path.basename(name)))
        if sync_folder:
            log.append(("sync folder",))


class Row(tuple):  # noqa: SLOT001 - the names belong to the instance
    """A row by name and by position, as `sqlite3.Row` is."""

    names: tuple[str, ...] = ()

    def __getitem__(self, key):
        return super().__getitem__(self.names.index(key) if isinstance(key, str) else key)


def named(cursor, values):
    row = Row(values)
    row.names = tuple(column[0] for column in cursor.get_description())
    return row


@contextmanager
def complaining_as_sqlite3():
    try:
        yield
    except apsw.Error as error:
        complaint = sqlite3.OperationalError(str(error))
        complaint.sqlite_errorcode = error.extendedresult
        raise complaint from error


class Cursor:
    def __init__(self, connection, sql, parameters):
        self.connection = connection
        self.cursor = connection.cursor()
        self.cursor.row_trace = named  # not a method: in a cycle of references the statement would stay open
        with complaining_as_sqlite3():
            self.cursor.execute(sql, parameters)

    def fetchone(self):
        with complaining_as_sqlite3():
            return next(self.cursor, None)

    def fetchall(self):
        with complaining_as_sqlite3():
            return list(self.cursor)

    def close(self):
        self.cursor.close(True)

    @property
    def rowcount(self):
        return self.connection.changes()


class Connection:
    """As much of `sqlite3.Connection` as the store uses."""

    def __init__(self, name, *, timeout, **_):
        # mode= in the URI can only take rights away.
        self.read_only = "mode=ro" in name
        flags = apsw.SQLITE_OPEN_URI | apsw.SQLITE_OPEN_READWRITE
        self.connection = apsw.Connection(name, flags=flags, vfs="logging")
        self.connection.set_busy_timeout(int(timeout * 1000))

    def execute(self, sql, parameters=()):
        return Cursor(self.connection, sql, parameters)

    def executemany(self, sql, rows):
        self.connection.executemany(sql, rows)

    @property
    def in_transaction(self):
        return self.connection.in_transaction

    def close(self):
        # A checkpoint is tried at the last close, and locking fails where one may only read: SQLite passes over that.
        with suppress(apsw.IOError) if self.read_only else nullcontext():
            self.connection.close()


def main(database: Path, transactions: int, durability: str, seed: str, destination: Path) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same each time
    for ending in ("", "-wal", "-journal"):
        path = database.with_name(database.name + ending)
        if path.exists():
            files[str(path)] = next(numbers)
            log.append(("exists", path.name, files[str(path)], path.read_bytes()))
    vfs = LoggingVFS()
    sqlite3.connect = Connection
    state = open_at(Location(str(database), "argument", None))
    row = state.database.one("SELECT done_at FROM maintenance WHERE name = 'count'")
    first = 0 if row is None else int(row[0])
    for number in range(first + 1, first + 1 + transactions):
        durable = {"full": True, "normal": False, "mixed": chance.random() < 0.2}[durability]
        with state.database.transaction(durable=durable):
            content = chance.choice("abc") * chance.randrange(80_000)
            state.database.execute("INSERT INTO maintenance VALUES (?, ?)", (str(number), content))
            state.database.execute("DELETE FROM maintenance WHERE name = ?", (str(number - WINDOW),))
            state.database.execute(COUNT, ("count", str(number)))
        log.append(("commit", number, durable))
        if chance.random() < 0.02:
            state.close()
            state = open_at(Location(str(database), "argument", None))
    destination.write_bytes(pickle.dumps(log))
    del vfs  # not earlier: SQLite knows it by its address


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4], Path(sys.argv[5]))
