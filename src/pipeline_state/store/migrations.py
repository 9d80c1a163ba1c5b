"""The schema's history: which migrations there are, which were applied, and applying the rest.

A migration is a file `NNNN_name.sql`. Header comments may say

    -- oldest-writer: 3            programs that know fewer than 3 migrations may no longer use the database
    -- row-counts-may-change: a b  tables that this migration rebuilds with fewer or more rows, on purpose
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline_state._version import __version__
from pipeline_state.errors import MigrationError, NewerDatabaseError, StateError
from pipeline_state.store import clock, faults
from pipeline_state.store.schema import HEAD, migrations_folder

if TYPE_CHECKING:
    from pipeline_state.store.database import Database

GATE_S = 60.0
"""Seconds that a process waits while another migrates."""

_FILE = re.compile(r"([0-9]{4})_([a-z0-9_]+)\.sql")
_HEADER = re.compile(r"^--\s*(oldest-writer|row-counts-may-change):\s*(.*?)\s*$", re.MULTILINE)
_REBUILDS = re.compile(r"\bDROP\s+TABLE\b", re.IGNORECASE)
_HISTORY = """
CREATE TABLE IF NOT EXISTS schema_version (
    number        INTEGER PRIMARY KEY,
    name          TEXT NOT NULL,
    sha256        TEXT NOT NULL,
    applied_at    TEXT NOT NULL,
    oldest_writer INTEGER NOT NULL,   -- programs that know fewer migrations are refused
    program       TEXT NOT NULL       -- the version of pipeline-state that applied it
) STRICT
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One migration file."""

    number: int
    name: str
    sql: str
    sha256: str
    oldest_writer: int
    changed_counts: frozenset[str]


@dataclass(frozen=True, slots=True)
class Applied:
    """One migration that a database has behind it."""

    number: int
    name: str
    sha256: str
    applied_at: str
    oldest_writer: int
    program: str


def read(folder: Path | None = None) -> tuple[Migration, ...]:
    """Return the migrations in `folder` (our own by default) in order. Raises `MigrationError` for a gap."""
    folder = migrations_folder() if folder is None else folder
    found = []
    for path in sorted(folder.glob("*.sql")):
        match = _FILE.fullmatch(path.name)
        if match is None:
            raise MigrationError(f"{path} is not named NNNN_name.sql; rename it")
        # Git may have checked the file out with other line ends.
        content = path.read_bytes().replace(b"\r\n", b"\n")
        found.append(parse(int(match[1]), match[2], content))
    if [migration.number for migration in found] != list(range(1, len(found) + 1)) or not found:
        raise MigrationError(f"the migrations in {folder} are not numbered 0001, 0002, …; install pipeline-state again")
    return tuple(found)


def parse(number: int, name: str, content: bytes) -> Migration:
    """Return a migration from the content of its file."""
    sql = content.decode("utf-8")
    header = dict(_HEADER.findall(sql))
    return Migration(
        number,
        name,
        sql,
        sha256(content).hexdigest(),
        int(header.get("oldest-writer", 1)),
        frozenset(header.get("row-counts-may-change", "").split()),
    )


def plan(applied: Sequence[Applied], available: Sequence[Migration]) -> tuple[Migration, ...]:
    """Return the migrations that are still to be applied, in order.

    A database with more migrations than we have is newer, and nothing is to do. Raises `MigrationError` if the
    history of the database is not the beginning of ours.
    """
    altered = differences(applied, available)
    if altered:
        raise MigrationError(altered[0])
    return tuple(available[len(applied) :])


def differences(applied: Sequence[Applied], available: Sequence[Migration]) -> tuple[str, ...]:
    """Return a sentence for each applied migration that is not the one we know."""
    sentences = []
    for position, (past, known) in enumerate(zip(applied, available), start=1):  # noqa: B905 - either may be longer
        if past.number != position:
            sentences.append(f"migration {position} is missing from the history; restore a backup")
        elif past.sha256 != known.sha256:
            sentences.append(
                f"migration {past.number:04} ({past.name}), applied by pipeline-state {past.program}, is not the "
                "one of this version; use the version that made the database, or restore a backup"
            )
    return tuple(sentences)


def history(database: Database) -> tuple[Applied, ...]:
    """Return the migrations that a database has behind it, oldest first."""
    if not database.one("SELECT 1 FROM sqlite_schema WHERE name = 'schema_version'"):
        return ()
    rows = database.all(
        "SELECT number, name, sha256, applied_at, oldest_writer, program FROM schema_version ORDER BY number"
    )
    return tuple(Applied(*row) for row in rows)


def refuse_newer(database: Database, known: int = HEAD) -> None:
    """Raise `NewerDatabaseError` if the database says that programs with `known` migrations may not use it."""
    barred = [past for past in history(database) if past.oldest_writer > known]
    if barred:
        raise NewerDatabaseError(
            f"cannot use {database.label}: it was migrated by pipeline-state {barred[0].program}, and older ones may "
            f"no longer use it (this is {__version__}); update pipeline-state to {barred[0].program} or newer"
        )


def migrate(database: Database, available: Sequence[Migration] | None = None) -> tuple[int, ...]:
    """Apply what is still to be applied and return the numbers. Others may do the same at the same time.

    Before a database that holds data is changed, a verified backup is put beside it, and kept. A migration is
    applied whole or not at all. Raises `MigrationError`, `NewerDatabaseError`, `ReadOnlyDatabaseError`.
    """
    available = read() if available is None else available
    if database.read_only:
        raise faults.read_only(database.label, "migrate")
    entered = database.gate.enter(GATE_S)
    try:
        refuse_newer(database, len(available))
        missing = plan(history(database), available)
        if missing and holds_data(database):
            from pipeline_state.store.backup import back_up_before_migrating

            back_up_before_migrating(database)
        return tuple(migration.number for migration in missing if _apply(database, migration, available))
    except faults.FAILURES as error:
        raise faults.translate(error, database.path, "migrate") from error
    finally:
        if entered:
            database.gate.leave()


def statements(sql: str) -> Iterator[str]:
    """Yield the statements of a script one by one; triggers, texts and comments may hold semicolons.

    `executescript` would commit the open transaction first.
    """
    start = position = 0
    while (semicolon := sql.find(";", position)) >= 0:
        position = semicolon + 1
        if sqlite3.complete_statement(sql[start:position]):
            yield sql[start:position].strip()
            start = position
    rest = re.sub(r"--[^\n]*|/\*.*?\*/", "", sql[start:], flags=re.DOTALL).strip()
    if rest:
        yield sql[start:].strip()


def _apply(database: Database, migration: Migration, available: Sequence[Migration]) -> bool:
    """Apply one migration unless another process was first; return whether it was us."""
    connection = database.connection
    # Left on, rebuilding a parent table empties its cascading children; inside a transaction it is ignored.
    connection.execute("PRAGMA foreign_keys = OFF")
    try:
        with _whole_or_nothing(connection):
            if migration not in plan(history(database), available):
                return False
            before = row_counts(database) if _REBUILDS.search(migration.sql) else {}
            connection.execute(_HISTORY)
            for statement in statements(migration.sql):
                connection.execute(statement)
                if not connection.in_transaction:
                    raise MigrationError(f"migration {migration.number:04} ends the transaction; take that out")
            _examine(database, migration, before)
            connection.execute(
                "INSERT INTO schema_version (number, name, sha256, applied_at, oldest_writer, program)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (migration.number, migration.name, migration.sha256, clock.now(), migration.oldest_writer, __version__),
            )
            connection.execute(f"PRAGMA user_version = {migration.number}")
    except faults.FAILURES as error:
        cause = faults.translate(error, database.path, "migrate")
        if type(cause) is not StateError:
            raise cause from error
        raise MigrationError(
            f"migration {migration.number:04} ({migration.name}) of {database.label} failed: {error}; "
            "the database is as it was"
        ) from error
    finally:
        connection.execute("PRAGMA foreign_keys = ON")
    return True


@contextmanager
def _whole_or_nothing(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _examine(database: Database, migration: Migration, before: dict[str, int]) -> None:
    broken = database.connection.execute("PRAGMA foreign_key_check").fetchone()
    if broken:
        raise MigrationError(
            f"migration {migration.number:04} of {database.label} would leave rows of {broken[0]} that refer to "
            f"missing rows of {broken[2]}; the database is as it was"
        )
    after = row_counts(database) if before else {}
    for table in before.keys() & after.keys() - migration.changed_counts:
        if before[table] != after[table]:
            raise MigrationError(
                f"migration {migration.number:04} of {database.label} would leave {after[table]} of "
                f"{before[table]} rows in {table}; the database is as it was"
            )


def row_counts(database: Database) -> dict[str, int]:
    """Return how many rows each table has."""
    return {
        table: database.all(f'SELECT count(*) FROM "{table}"')[0][0]  # noqa: S608 - our own schema's names
        for table in _tables(database)
    }


def holds_data(database: Database) -> bool:
    """Whether any table but the history has a row."""
    return any(
        database.all(f'SELECT 1 FROM "{table}" LIMIT 1')  # noqa: S608 - our own schema's names
        for table in _tables(database)
        if table != "schema_version"
    )


def _tables(database: Database) -> list[str]:
    rows = database.all("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*'")
    return [row[0] for row in rows]
