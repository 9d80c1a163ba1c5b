"""Databases of any application that keeps its schema in a folder of `.sql` files: nothing in them is ours.

Files are applied sorted by name, `*.down.sql` left out. Of goose's files the Up section counts.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline_state.store.connection import connect, file_uri, memory_uri
from pipeline_state.store.migrations import statements

_TEMPLATES = pytest.StashKey[dict[Path, "PlainDatabase"]]()
_GOOSE = re.compile(r"^--\s*\+goose\s+(Up|Down)\b.*$", re.MULTILINE | re.IGNORECASE)


class PlainDatabase:
    """An isolated database with the schema of somebody's own migrations, closed with all its connections.

    `uri` is what `sqlite3.connect(uri, uri=True)` takes; `path` is None in memory. Closing raises `pytest.fail`'s
    exception if a connection was left inside a transaction.
    """

    def __init__(self, uri: str, path: Path | None = None) -> None:
        self.uri = uri
        self.path = path
        self._made: list[sqlite3.Connection] = []
        self.connection = self._connect()
        """One connection; it keeps a database in memory alive."""

    def connect(self) -> sqlite3.Connection:
        """Return one more, plain `sqlite3.Connection`; it may be used from any thread."""
        connection = self._connect()
        self._made.append(connection)
        return connection

    def close(self) -> None:
        """Close the database and every connection that was made to it."""
        leaks = sum(map(close_leaked, (*self._made, self.connection)))
        self._made.clear()
        if leaks:
            pytest.fail(leaked(leaks, str(self.path or "the database in memory")), pytrace=False)

    def __enter__(self) -> PlainDatabase:  # noqa: PYI034 - `Self` is in `typing` from Python 3.11 on
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connect(self) -> sqlite3.Connection:
        connection = connect(self.uri)
        connection.row_factory = None
        connection.isolation_level = "DEFERRED"  # as `sqlite3.connect` gives it
        return connection


def plain_database(config: pytest.Config, migrations: Path, make_folder: Callable[[], Path] | None) -> PlainDatabase:
    """Return a new database with the schema of the folder `migrations`: in memory, or a file in a folder that is made.

    Raises `ValueError`, naming the file, if the folder holds no migrations or one of them fails.
    """
    if make_folder is None:
        database = PlainDatabase(_memory_uri())
    else:
        path = make_folder() / "database.db"
        database = PlainDatabase(file_uri(str(path), mode="rwc"), path)
    try:
        _template(config, migrations).connection.backup(database.connection)
        if make_folder is not None:
            database.connection.execute("PRAGMA journal_mode = WAL").fetchall()
    except BaseException:
        database.close()
        raise
    return database


def close_leaked(connection: sqlite3.Connection) -> bool:
    """Close a connection; return whether it was inside a transaction."""
    try:
        was_inside = connection.in_transaction
    except sqlite3.ProgrammingError:  # closed by the test
        return False
    connection.close()
    return was_inside


def leaked(count: int, database: str) -> str:
    """Return what is wrong with connections that were left inside a transaction."""
    return (
        f"{count} of the connections to {database} were left inside a transaction: "
        "commit, roll back, or close them before the test ends"
    )


def up(sql: str) -> str:
    """Return the part of a migration that leads forward: of goose's the Up section, of any other the whole."""
    parts = _GOOSE.split(sql)
    if len(parts) == 1:
        return sql
    return "\n".join(text for word, text in zip(parts[1::2], parts[2::2], strict=True) if word.lower() == "up")


def _template(config: pytest.Config, migrations: Path) -> PlainDatabase:
    templates = config.stash.setdefault(_TEMPLATES, {})
    found = templates.get(migrations)
    if found is None:
        found = _migrated(migrations)
        templates[migrations] = found
        config.add_cleanup(found.close)
    return found


def _migrated(migrations: Path) -> PlainDatabase:
    files = sorted(path for path in migrations.glob("*.sql") if not path.name.endswith(".down.sql"))
    if not files:
        raise ValueError(f"{migrations} holds no .sql files")
    database = PlainDatabase(_memory_uri())
    database.connection.isolation_level = None
    for path in files:
        try:
            for statement in statements(up(path.read_text(encoding="utf-8"))):
                database.connection.execute(statement)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            database.close()
            raise ValueError(f"{path} cannot be applied: {error}") from error
    if database.connection.in_transaction:
        database.connection.rollback()
        database.close()
        raise ValueError(f"the migrations in {migrations} leave a transaction open")
    return database


def _memory_uri() -> str:
    return memory_uri(f"plain-{os.urandom(8).hex()}")
