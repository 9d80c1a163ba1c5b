"""Is the database whole? Everything that can be asked of it, asked; nothing is changed."""

from __future__ import annotations

import sqlite3

from pipeline_state.errors import MigrationError
from pipeline_state.store import faults, migrations
from pipeline_state.store.connection import APPLICATION_ID, pragma
from pipeline_state.store.database import Database

_MOST = 20


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
    except sqlite3.DatabaseError as error:
        return (str(faults.translate(error, database.path, "verify")),)
    return tuple(problems)


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
