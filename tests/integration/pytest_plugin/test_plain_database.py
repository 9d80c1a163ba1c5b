"""Databases with the schema of somebody else's migrations."""

from __future__ import annotations

import pytest

FILES = {
    "0002_more.sql": "CREATE TABLE orders (customer TEXT REFERENCES customers);\n",
    "0001_first.sql": "-- a; comment\nCREATE TABLE customers (name TEXT PRIMARY KEY);\n"
    "INSERT INTO customers VALUES ('a;b');\n",
    "0001_first.down.sql": "DROP TABLE customers;\n",
    "0003_goose.sql": "-- +goose Up\n-- +goose StatementBegin\nCREATE TRIGGER t AFTER INSERT ON orders BEGIN\n"
    "DELETE FROM orders; SELECT 1; END;\n-- +goose StatementEnd\n-- +goose Down\nDROP TRIGGER t;\n",
}

TESTS = """
import sqlite3, threading, pytest

@pytest.fixture(params=["memory", "file"])
def database(request, state_db_factory):
    with state_db_factory(request.param, migrations=FOLDER) as database:
        yield database

@pytest.mark.parametrize("again", [1, 2])
def test_isolated(database, again):
    connection = database.connect()
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type <> 'index'")}
    assert names == {"customers", "orders", "t"}
    assert connection.execute("PRAGMA application_id").fetchone() == (0,)
    assert connection.execute("SELECT * FROM customers").fetchall() == [("a;b",)]
    connection.execute("INSERT INTO customers VALUES ('new')")
    connection.commit()
    other = sqlite3.connect(database.uri, uri=True)
    assert other.execute("SELECT count(*) FROM customers").fetchone() == (2,)
    other.close()
"""


@pytest.fixture
def folder(project):
    folder = project.root / "sql"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("named", ["'sql'", "True"])
def test_each_test_gets_the_schema_and_nothing_of_ours(project, named):
    (project.root / "pytest.ini").write_text("[pytest]\npipeline_state_migrations = sql\n")
    project.write(test_x=TESTS.replace("FOLDER", named))
    done = project.pytest()
    assert "4 passed" in done.stdout, done.stdout


@pytest.mark.usefixtures("folder")
def test_a_connection_left_in_a_transaction_is_the_tests_error(project):
    project.write(
        test_x="import pytest\n"
        "@pytest.fixture\n"
        "def database(state_db_factory):\n"
        "    with state_db_factory(migrations='sql') as database: yield database\n"
        "def test_leaks(database): database.connect().execute(\"INSERT INTO customers VALUES ('x')\")\n"
        "def test_next(database): assert len(database.connect().execute('SELECT * FROM customers').fetchall()) == 1\n"
    )
    done = project.pytest()
    assert "2 passed, 1 error" in done.stdout, done.stdout
    assert "left inside a transaction" in done.stdout


@pytest.mark.parametrize(
    ("call", "why"),
    [
        ("migrations='nowhere'", "holds no .sql files"),
        ("migrations=True", "names no folder"),
        ("'savepoint', migrations='bad'", "it may be memory or file"),
        ("migrations='bad'", "0001_bad.sql cannot be applied: near"),
    ],
)
def test_what_cannot_be_applied_says_why(project, call, why):
    (project.root / "bad").mkdir()
    (project.root / "bad" / "0001_bad.sql").write_text("CREATE TABEL x;\n")
    project.write(test_x=f"def test_1(state_db_factory): state_db_factory({call})\n")
    done = project.pytest()
    assert why in done.stdout
    assert "ValueError" in done.stdout
