"""Isolated state databases for tests: cloned from one migrated template, which costs a fraction of migrating each.

The template is not in WAL mode: a clone of one that is could not be opened.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from typing import Literal, overload

import pytest

from pipeline_state.location import FILE, Location
from pipeline_state.pytest_plugin.plain_database import PlainDatabase, close_leaked, leaked, plain_database
from pipeline_state.store.database import Database
from pipeline_state.store.state import State, open_at, open_state, standing_in

Mode = Literal["memory", "file", "savepoint"]

_TEMPLATE = pytest.StashKey[State]()
_SHARED = pytest.StashKey[State]()


class IsolatedState(State):
    """A state of a test's own. It knows the connections that were made to it, and closes them with itself.

    Closing raises `pytest.fail`'s exception if one of them was left inside a transaction: it kept others out of the
    database, and its changes are lost.
    """

    def __init__(self, database: Database, worktree_id: int, end: Callable[[], None] | None = None) -> None:
        self._known_worktree = worktree_id
        super().__init__(database)
        self._end = end
        self._made: list[sqlite3.Connection] = []
        self._closed = False

    def connect(self) -> sqlite3.Connection:
        """Return one more, plain `sqlite3.Connection` to the same database; it may be used from any thread."""
        if self._end is not None:
            raise RuntimeError('a state in mode="savepoint" has one connection only; use mode="memory"')
        connection = super().connect()
        self._made.append(connection)
        return connection

    def _find_worktree(self) -> int:
        # To ask a clone costs more than to make it: the first statement reads the whole schema.
        return self._known_worktree

    def close(self) -> None:
        """Close the state and every connection that was made to it."""
        if self._closed:
            return
        self._closed = True
        leaks = sum(map(close_leaked, self._made))
        if self._end is None:
            super().close()
        else:
            self._end()
        if leaks:
            pytest.fail(leaked(leaks, self.database.label), pytrace=False)


class StateFactory:
    """Makes isolated states; those that are still open at the end of the session are closed then."""

    def __init__(self, config: pytest.Config, folders: pytest.TempPathFactory) -> None:
        self._config = config
        self._folders = folders
        self._open = ExitStack()

    @overload
    def __call__(self, mode: Mode = "memory") -> State: ...
    @overload
    def __call__(
        self, mode: Literal["memory", "file"] = "memory", *, migrations: str | os.PathLike[str] | Literal[True]
    ) -> PlainDatabase: ...
    def __call__(
        self, mode: Mode = "memory", *, migrations: str | os.PathLike[str] | bool | None = None
    ) -> State | PlainDatabase:
        """Return a new, empty, fully migrated state, or a database with the schema of your own migrations.

        `memory`: in memory, several connections. `file`: a file in WAL mode, several processes. `savepoint`: one
        database in memory for all such states, one connection, one state at a time; what is written is taken back
        when the state is closed.

        `migrations` is a folder of `.sql` files, relative to pytest's root directory; True means the one that the ini
        option `pipeline_state_migrations` names. Raises `ValueError` if they cannot be applied.
        """
        if migrations:
            return self._open.enter_context(self._plain(mode, migrations))
        make = {"memory": self._in_memory, "file": self._in_file, "savepoint": self._in_savepoint}.get(mode)
        if make is None:
            raise ValueError(f"mode is {mode!r}; it may be memory, file or savepoint")
        return self._open.enter_context(make())

    def _plain(self, mode: Mode, migrations: str | os.PathLike[str] | Literal[True]) -> PlainDatabase:
        if mode not in ("memory", "file"):
            raise ValueError(f"mode is {mode!r}; with migrations it may be memory or file")
        folder = self._config.getini("pipeline_state_migrations") if migrations is True else migrations
        if not folder:
            raise ValueError("migrations is True, but the ini option pipeline_state_migrations names no folder")
        make_folder = partial(self._folders.mktemp, "database") if mode == "file" else None
        return plain_database(self._config, self._config.rootpath / folder, make_folder)

    def __enter__(self) -> StateFactory:  # noqa: PYI034 - `Self` is in `typing` from Python 3.11 on
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def _in_memory(self) -> IsolatedState:
        return _clone(self._config)

    def _in_file(self) -> IsolatedState:
        path = self._folders.mktemp("state") / FILE
        with open_at(Location(str(path), "argument", None)) as state:
            return IsolatedState(Database(path), state.worktree_id)

    def _in_savepoint(self) -> IsolatedState:
        shared = self._config.stash.get(_SHARED, None)
        if shared is None:
            shared = self._config.stash[_SHARED] = _clone(self._config)
            self._config.add_cleanup(shared.close)
        scope: AbstractContextManager[None] = shared.database.undone()
        scope.__enter__()
        return IsolatedState(shared.database, shared.worktree_id, end=lambda: _leave(scope))


@contextmanager
def isolated_state(config: pytest.Config) -> Iterator[State]:
    """Give a state in memory that `open_state()` returns too, and close it at the end."""
    state = _clone(config)
    try:
        with standing_in(state):
            yield state
    finally:
        state.close()


def _clone(config: pytest.Config) -> IsolatedState:
    template = config.stash.get(_TEMPLATE, None)
    if template is None:
        template = config.stash[_TEMPLATE] = open_state(":memory:")
        config.add_cleanup(template.close)
    database = Database(None)
    template.database.connection.backup(database.connection)
    return IsolatedState(database, template.worktree_id)


def _leave(scope: AbstractContextManager[None]) -> None:
    scope.__exit__(None, None, None)
