"""What is in the database, and is it whole? Everything that can be asked of it, asked; nothing is changed."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from pipeline_state.errors import CorruptDatabaseError, MigrationError
from pipeline_state.store import faults, integrity, migrations
from pipeline_state.store.backup import backups
from pipeline_state.store.connection import APPLICATION_ID, journal_mode, pragma
from pipeline_state.store.database import Database
from pipeline_state.store.private_files import file_size
from pipeline_state.store.schema import HEAD

_MOST = 20


@dataclass(frozen=True, slots=True)
class Description:
    """What a database is. Sizes are in bytes; `schema` is the number of its newest migration."""

    size: int
    log_size: int
    schema: int
    newest_schema: int
    journal_mode: str
    sqlite: str
    rows: dict[str, int]
    backups: tuple[Path, ...]


def describe(database: Database) -> Description:
    """Return what a database is, and how many rows each of its tables has."""
    path = database.path
    try:
        size = pragma(database.connection, "page_count") * pragma(database.connection, "page_size")
        mode = journal_mode(database.connection)
    except faults.FAILURES as error:
        raise database.fault(error, "read") from error
    return Description(
        size=size,
        log_size=file_size(f"{path}-wal") if path else 0,
        schema=len(migrations.history(database)),
        newest_schema=HEAD,
        journal_mode=mode,
        sqlite=sqlite3.sqlite_version,
        rows=dict(sorted(migrations.row_counts(database).items())),
        backups=tuple(backups(Path(path))) if path else (),
    )


def verify(database: Database) -> tuple[str, ...]:
    """Return a sentence for each thing that is wrong; none if the database is whole.

    Asks for: the structure of the file and of its indexes, references between rows, our application id, and the
    migrations that were applied against the ones we know.
    """
    connection = database.connection
    try:
        answers = connection.execute(f"PRAGMA integrity_check({_MOST})").fetchall()
        problems = [f"structure: {row[0]}" for row in answers if row[0] != "ok"]
        problems += [
            f"references: row {row[1]} of {row[0]} refers to a row of {row[2]} that is not there"
            for row in connection.execute("PRAGMA foreign_key_check").fetchmany(_MOST)
        ]
        if pragma(connection, "application_id") != APPLICATION_ID:
            problems.append("the application id is not that of a state database")
        problems += _schema_problems(database)
        integrity.read_all(connection)
    except faults.FAILURES as error:
        return (str(faults.translate(error, database.path, "verify")),)
    return tuple(problems)


def verify_at(path: Path) -> tuple[str, ...]:
    """Return what is wrong with the database at `path`; damage that keeps it from being opened is one answer."""
    try:
        database = Database(path, read_only=True)
    except CorruptDatabaseError as error:
        return (str(error),)
    try:
        return verify(database)
    finally:
        database.close()


def _schema_problems(database: Database) -> list[str]:
    applied = migrations.history(database)
    try:
        problems = list(migrations.differences(applied, migrations.read()))
    except MigrationError as error:
        problems = [str(error)]
    version = pragma(database.connection, "user_version")
    if version != len(applied):
        problems.append(f"migrations: the history has {len(applied)}, the version says {version}")
    return problems
