"""Is the content of a database whole? SQLite's own check, and whether every text is one: at that it does not look."""

from __future__ import annotations

import sqlite3


def damage(connection: sqlite3.Connection) -> str | None:
    """Return what is wrong with a database, `None` if it is whole. Raises what is in `faults.FAILURES`.

    Reads everything, so it is for backups and for databases that were found damaged.
    """
    answer = str(connection.execute("PRAGMA integrity_check(1)").fetchone()[0])
    if answer != "ok":
        return answer
    read_all(connection)
    return None


def read_all(connection: sqlite3.Connection) -> None:
    """Read every value: a text with a flipped bit can be none any more, and raises then."""
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    for (table,) in map(tuple, tables):
        cursor = connection.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - our own schema's names
        try:
            while cursor.fetchmany(1000):
                pass
        finally:
            cursor.close()  # a statement that is under way would keep others out
