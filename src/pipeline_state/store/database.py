"""One state database: a connection per thread, and transactions that take turns.

Knows nothing of what is stored. The repositories speak to it through `one`, `all`, `execute`, `many`, `transaction`
and `write`, and so could another backend.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from pipeline_state.errors import BusyDatabaseError, CorruptDatabaseError, StateError
from pipeline_state.store import faults
from pipeline_state.store.connection import connect, file_uri, identity_of, keep_forever, memory_uri
from pipeline_state.store.gate import WAIT_S, Gate
from pipeline_state.store.opening import TRIES, Opened, open_file, open_memory, pause
from pipeline_state.store.private_files import DAMAGED, leave_mark

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    from typing import Any, TypeAlias, TypeVar

    Parameters: TypeAlias = Sequence[Any] | Mapping[str, Any]
    T = TypeVar("T")

Row = sqlite3.Row


class _Thread(threading.local):
    """What belongs to one thread."""

    opened: Opened | None = None
    writing = False
    full_sync: bool | None = None  # as last set; None: never


class Database:
    """The database at `path`, or a private one in memory if `path` is `None`. Safe to share between threads.

    In memory an open write transaction blocks reads, and there is no gate between processes to pass.
    """

    backend = "sqlite"

    def __init__(
        self, path: str | os.PathLike[str] | None, *, read_only: bool = False, name: str | None = None
    ) -> None:
        self.path = None if path is None else os.path.abspath(os.fspath(path))
        self.name = name or f"pipeline-state-{os.urandom(8).hex()}"
        self._asked_read_only = read_only
        self.gate = _memory_gate(self.name) if self.path is None else Gate(self.path + ".gate")
        self._connections: list[tuple[threading.Thread, Opened]] = []
        self._lock = threading.Lock()
        self._thread = _Thread()
        self._closed = False
        self._scope: threading.Thread | None = None
        _databases.add(self)
        opened = self._opened()
        self.read_only = opened.read_only
        self.user_version = opened.user_version
        """The number of the schema when the database was opened."""
        self.shared = opened.shared
        """The type of the shared file system that the file lies on; `None` for a local one."""

    @property
    def uri(self) -> str:
        """What `sqlite3.connect(uri, uri=True)` takes for one more connection."""
        if self.path is None:
            return memory_uri(self.name)
        return file_uri(self.path, mode="ro" if self.read_only else "rw")

    @property
    def label(self) -> str:
        """How messages name this database."""
        return "the state in memory" if self.path is None else self.path

    def connect(self) -> sqlite3.Connection:
        """Return one more, plain connection to the same database; whoever asks for it closes it."""
        connection = connect(self.uri)
        connection.row_factory = None
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's own connection, for modules of the store that copy, migrate or examine the database."""
        return self._opened().connection

    def one(self, sql: str, parameters: Parameters = ()) -> Row | None:
        """Return the first row, or `None`."""
        try:
            cursor = self._opened().connection.execute(sql, parameters)
            try:
                row: Row | None = cursor.fetchone()
            finally:
                cursor.close()  # a cursor left open keeps its snapshot, and in memory keeps writers out
        except faults.FAILURES as error:
            raise self.fault(error, "read") from error
        return row

    def tuples(self, sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """Return all rows as bare tuples: for many rows, of which names would cost more than reading them."""
        try:
            cursor = self._opened().connection.cursor()
            cursor.row_factory = None
            try:
                return cursor.execute(sql, parameters).fetchall()
            finally:
                cursor.close()
        except faults.FAILURES as error:
            raise self.fault(error, "read") from error

    def all(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Return all rows."""
        try:
            cursor = self._opened().connection.execute(sql, parameters)
            try:
                return cursor.fetchall()
            finally:
                cursor.close()
        except faults.FAILURES as error:
            raise self.fault(error, "read") from error

    def execute(self, sql: str, parameters: Parameters = ()) -> int:
        """Run a statement inside a transaction and return how many rows it changed."""
        connection = self._writing_connection()
        try:
            return connection.execute(sql, parameters).rowcount
        except faults.FAILURES as error:
            raise self.fault(error, "write") from error

    def many(self, sql: str, rows: Iterable[Parameters]) -> None:
        """Run a statement for each row, inside a transaction."""
        connection = self._writing_connection()
        try:
            connection.executemany(sql, rows)
        except faults.FAILURES as error:
            raise self.fault(error, "write") from error

    @property
    def writing(self) -> bool:
        """Whether this thread is inside a transaction."""
        return self._thread.writing

    @contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[None]:
        """A write transaction; `durable` ones survive a power cut, the others at least the end of the process.

        Keep it short: no process, no file and no foreign code inside, everybody else waits. An exception takes
        everything back. Transactions do not nest. Raises `BusyDatabaseError` if others hold the database for too
        long; only `write` can then try again, because only it can run the whole again.
        """
        if self._thread.writing:
            raise RuntimeError("a transaction is open in this thread already; transactions do not nest")
        opened = self._opened()
        if opened.read_only:
            raise faults.read_only(self.label, "write")
        if self._scope is threading.current_thread():
            begin, commit, rollback = "SAVEPOINT inner", "RELEASE inner", "ROLLBACK TO inner"
        else:
            begin, commit, rollback = "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"
        process = os.getpid()
        entered = self._scope is None and self.gate.enter(WAIT_S)
        try:
            self._check_file(opened)
            self._set_durability(opened, durable)
            self._run(opened.connection, begin, "write")
            self._thread.writing = True
            try:
                yield
                if os.getpid() != process:
                    raise StateError(f"a forked child cannot end the transaction of its parent on {self.label}")
                self._check_file(opened)
                self._run(opened.connection, commit, "write")
            except BaseException as error:
                # A full disk has taken the transaction back already; and a child must not touch its parent's.
                if os.getpid() == process and opened.connection.in_transaction:
                    self._run(opened.connection, rollback, "take back a change of")
                if isinstance(error, faults.FAILURES):
                    raise self.fault(error, "write") from error
                raise
            finally:
                self._thread.writing = False
        finally:
            if entered and os.getpid() == process:
                self.gate.leave()

    def write(self, function: Callable[[], T], *, durable: bool = False) -> T:
        """Run `function` in a transaction and return what it returns.

        If others hold us up it is run again, five times in all, unless ten seconds have gone by. Inside a transaction
        of this thread it becomes part of that one.
        """
        if self._thread.writing:
            return function()
        patience = time.monotonic() + WAIT_S
        for attempt in range(1, TRIES):
            try:
                with self.transaction(durable=durable):
                    return function()
            except BusyDatabaseError:
                if time.monotonic() > patience:
                    raise
                pause(attempt)
        with self.transaction(durable=durable):
            return function()

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Everything that this thread writes inside is taken back at the end; transactions become savepoints."""
        if self._scope is not None or self._thread.writing:
            raise RuntimeError("already inside a transaction")
        connection = self._opened().connection
        self._run(connection, "BEGIN IMMEDIATE", "write")
        self._scope = threading.current_thread()
        try:
            yield
        finally:
            self._scope = None
            if connection.in_transaction:
                self._run(connection, "ROLLBACK", "take back a change of")

    def close(self) -> None:
        """Close the connections of all threads. A closed database cannot be used again.

        SQLite's checkpoint at the last close happens outside of the gate, but alone: it takes the database exclusively.
        """
        with self._lock:
            connections, self._connections = self._connections, []
            self._closed = True
        for _, opened in connections:
            opened.connection.close()
        self._thread = _Thread()
        if self.path is not None:
            self.gate.close()

    def _opened(self) -> Opened:
        opened = self._thread.opened
        return self._open() if opened is None else opened

    def _open(self) -> Opened:
        if self._closed:
            raise StateError(f"{self.label} is closed; open the state again")
        try:
            if self.path is None:
                opened = open_memory(self.name)
            else:
                opened = open_file(self.path, self.gate, read_only=self._asked_read_only)
        except faults.FAILURES as error:
            raise faults.translate(error, self.path, "open") from error
        with self._lock:
            # A database in memory lives as long as a connection to it: the first one stays.
            kept = [] if self.path is not None else self._connections[:1]
            ended = [pair for pair in self._connections if pair not in kept and not pair[0].is_alive()]
            self._connections = [pair for pair in self._connections if pair not in ended]
            self._connections.append((threading.current_thread(), opened))
        for _, old in ended:
            old.connection.close()
        self._thread.opened = opened
        return opened

    def _writing_connection(self) -> sqlite3.Connection:
        if not self._thread.writing:
            raise RuntimeError("statements that write belong inside `transaction()` or `write()`")
        return self._opened().connection

    def _check_file(self, opened: Opened) -> None:
        """`git worktree remove` deletes an open database without a word, and writes to it go nowhere."""
        if self.path is not None and identity_of(self.path) != opened.identity:
            raise faults.gone(self.path)

    def _set_durability(self, opened: Opened, durable: bool) -> None:
        # NORMAL never corrupts a database in WAL mode. In rollback mode it can.
        full = durable or not opened.wal
        if self.path is not None and self._thread.full_sync is not full and self._scope is None:
            self._run(opened.connection, f"PRAGMA synchronous = {'FULL' if full else 'NORMAL'}", "write")
            self._thread.full_sync = full

    def fault(self, error: faults.Failure, doing: str) -> StateError:
        """Return what to raise in place of what SQLite complained of. Damage is marked: the next command heals it."""
        fault = faults.translate(error, self.path, doing)
        if isinstance(fault, CorruptDatabaseError):
            self._mark_damage()
        return fault

    def damaged(self, what: str) -> CorruptDatabaseError:
        """Return what to raise for a value that is never stored; marked as in `fault`."""
        self._mark_damage()
        return faults.damaged(self.label, "read", what)

    def _mark_damage(self) -> None:
        if self.path is not None and not self.read_only:
            leave_mark(self.path + DAMAGED)

    def _run(self, connection: sqlite3.Connection, sql: str, doing: str) -> None:
        try:
            connection.execute(sql)
        except faults.FAILURES as error:
            raise self.fault(error, doing) from error

    def forget_parent(self) -> None:
        """In a forked child: let go of the parent's connections.

        They must not even be closed: that could take back a transaction of the parent.
        """
        for _, opened in self._connections:
            keep_forever(opened.connection)
        self._connections = []
        self._lock = threading.Lock()
        self._thread = _Thread()
        self._scope = None
        self.gate.forget()


_databases: weakref.WeakSet[Database] = weakref.WeakSet()
_memory_gates: weakref.WeakValueDictionary[str, Gate] = weakref.WeakValueDictionary()


def _memory_gate(name: str) -> Gate:
    return _memory_gates.setdefault(name, Gate(None))


def _after_fork() -> None:
    for database in list(_databases):
        database.forget_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
