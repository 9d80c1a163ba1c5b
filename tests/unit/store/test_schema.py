from __future__ import annotations

import sqlite3

from pipeline_state.store import migrations, schema


def test_the_constant_is_the_number_of_the_newest_migration():
    assert migrations.read()[-1].number == schema.HEAD


def test_the_schema_folder_is_that_of_the_sources(memory):
    assert (schema.schema_folder() / "migrations" / "sqlite").is_dir()
    assert schema.migrations_folder("sqlite").name == memory.database.backend


def test_every_table_is_strict_and_every_status_is_checked(memory):
    tables = memory.database.all(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB 'sqlite_*'"
    )
    assert len(tables) > 10
    for name, sql in tables:
        assert sql.rstrip().removesuffix(", WITHOUT ROWID").endswith("STRICT"), name
        for line in sql.splitlines():
            assert line.split()[0:1] not in (["status"], ["outcome"]) or "CHECK" in line, (name, line)


def test_every_foreign_key_can_be_followed_by_an_index(memory):
    """Without one, deleting a parent row reads the whole child table."""
    connection = memory.connect()
    connection.row_factory = sqlite3.Row
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    for table in tables:
        indexed = {
            connection.execute("SELECT name FROM pragma_index_info(?) WHERE seqno = 0", (index["name"],)).fetchone()[0]
            for index in connection.execute("SELECT name FROM pragma_index_list(?)", (table,)).fetchall()
        }
        columns = connection.execute("SELECT name, pk FROM pragma_table_info(?)", (table,)).fetchall()
        indexed |= {column["name"] for column in columns if column["pk"] == 1}
        # Of a key of several columns the first one is looked up, as of an index.
        keys = 'SELECT "from" FROM pragma_foreign_key_list(?) WHERE seq = 0'
        for key in connection.execute(keys, (table,)).fetchall():
            assert key["from"] in indexed, (table, key["from"])
    connection.close()
