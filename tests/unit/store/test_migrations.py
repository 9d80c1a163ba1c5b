from __future__ import annotations

import os
import sqlite3

import pytest

from pipeline_state import __version__
from pipeline_state.errors import MigrationError, NewerDatabaseError, ReadOnlyDatabaseError
from pipeline_state.store import migrations
from pipeline_state.store.backup import backups
from pipeline_state.store.database import Database
from pipeline_state.store.migrations import Applied, history, migrate, parse, plan, statements
from pipeline_state.store.schema import HEAD

FIRST = b"""
CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT) STRICT;
CREATE TABLE child (parent INTEGER NOT NULL REFERENCES parent (id) ON DELETE CASCADE) STRICT;
"""
SECOND = b"-- more\nALTER TABLE parent ADD COLUMN age INTEGER;"
REBUILD = b"""
CREATE TABLE other (id INTEGER PRIMARY KEY, name TEXT) STRICT;
INSERT INTO other SELECT id, name FROM parent;
DROP TABLE parent;
ALTER TABLE other RENAME TO parent;
"""


def scripts(*contents):
    return tuple(parse(number, f"m{number}", content) for number, content in enumerate(contents, start=1))


def applied(*contents):
    return [Applied(each.number, each.name, each.sha256, "", 1, "0.1") for each in scripts(*contents)]


@pytest.fixture
def database(path):
    database = Database(path)
    yield database
    database.close()


@pytest.fixture
def filled(database):
    migrate(database, scripts(FIRST))
    with database.transaction():
        database.many("INSERT INTO parent VALUES (?, ?)", [(1, "a"), (2, "b")])
        database.many("INSERT INTO child VALUES (?)", [(1,), (1,), (2,)])
    return database


def count(database, table):
    return database.one(f"SELECT count(*) FROM {table}")[0]


def version(database):
    return database.one("PRAGMA user_version")[0]


# planning is pure


def test_what_is_missing_is_planned_in_order():
    known = scripts(FIRST, SECOND, REBUILD)
    assert plan([], known) == known
    assert plan(applied(FIRST), known) == known[1:]
    assert plan(applied(FIRST, SECOND, REBUILD), known) == ()


def test_a_newer_database_has_nothing_missing():
    assert plan(applied(FIRST, SECOND), scripts(FIRST)) == ()


def test_an_altered_migration_is_noticed():
    with pytest.raises(MigrationError, match="0001"):
        plan(applied(SECOND), scripts(FIRST))


def test_line_ends_do_not_alter_a_migration(tmp_path):
    for ending in (b"\n", b"\r\n"):
        folder = tmp_path / ending.hex()
        folder.mkdir()
        (folder / "0001_a.sql").write_bytes(b"SELECT 1;" + ending + b"SELECT 2;" + ending)
    one, other = (migrations.read(folder)[0] for folder in tmp_path.iterdir())
    assert one.sha256 == other.sha256


@pytest.mark.parametrize(
    "names", [["0002_b.sql"], ["0001_a.sql", "0003_c.sql"], ["1_a.sql"], ["0001_a.sql", "x.sql"], []]
)
def test_migrations_are_numbered_without_gaps(tmp_path, names):
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(MigrationError):
        migrations.read(tmp_path)


def test_a_header_says_who_may_still_write():
    migration = parse(3, "x", b"-- Why.\n-- oldest-writer: 3\n-- row-counts-may-change: a b\nSELECT 1;")
    assert migration.oldest_writer == 3
    assert migration.changed_counts == {"a", "b"}
    assert parse(3, "x", b"SELECT 1;").oldest_writer == 1


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("SELECT 1; SELECT 2;", ["SELECT 1;", "SELECT 2;"]),
        ("SELECT ';'; -- a; b\nSELECT 2", ["SELECT ';';", "-- a; b\nSELECT 2"]),
        ("SELECT 1;\n-- the end;\n/* really; */\n", ["SELECT 1;"]),
        ("", []),
    ],
)
def test_a_script_is_cut_into_statements(script, expected):
    assert list(statements(script)) == expected


def test_a_trigger_is_one_statement():
    trigger = "CREATE TRIGGER t AFTER INSERT ON x BEGIN DELETE FROM y; DELETE FROM z; END;"
    assert list(statements(f"{trigger} SELECT 1;")) == [trigger, "SELECT 1;"]


# applying


def test_migrations_are_applied_once_and_recorded(database):
    known = scripts(FIRST, SECOND)
    assert migrate(database, known) == (1, 2)
    assert migrate(database, known) == ()
    past = history(database)
    assert [(entry.number, entry.name, entry.sha256, entry.program) for entry in past] == [
        (each.number, each.name, each.sha256, __version__) for each in known
    ]
    assert version(database) == 2
    assert database.one("PRAGMA foreign_keys")[0] == 1


@pytest.mark.parametrize(
    "broken",
    [
        b"ALTER TABLE parent ADD COLUMN age INTEGER; SELECT * FROM nowhere;",
        b"ALTER TABLE parent ADD COLUMN age INTEGER; COMMIT;",
        b"DELETE FROM child; INSERT INTO child VALUES (77);",
        b"CREATE TABLE other (id INTEGER PRIMARY KEY) STRICT; DROP TABLE parent; ALTER TABLE other RENAME TO parent;",
        b"CREATE TABLE other (x) ; DROP TABLE child; ALTER TABLE other RENAME TO child;",
    ],
    ids=["fails", "ends the transaction", "breaks a reference", "loses rows", "loses rows of a child"],
)
def test_a_migration_that_goes_wrong_leaves_the_old_version_whole(filled, broken):
    before = list(filled.connection.iterdump())
    with pytest.raises(MigrationError):
        migrate(filled, scripts(FIRST, broken))
    if b"COMMIT" not in broken:
        assert list(filled.connection.iterdump()) == before
    assert version(filled) == 1
    assert filled.one("PRAGMA foreign_keys")[0] == 1


def test_rebuilding_a_parent_keeps_its_children(filled):
    migrate(filled, scripts(FIRST, REBUILD))
    assert (count(filled, "parent"), count(filled, "child")) == (2, 3)
    assert version(filled) == 2


def test_rows_may_go_where_the_migration_says_so(filled):
    fewer = b"-- row-counts-may-change: parent child\nDELETE FROM child;" + REBUILD.replace(
        b"parent;\nD", b"parent LIMIT 1;\nD"
    )
    migrate(filled, scripts(FIRST, fewer))
    assert (count(filled, "parent"), count(filled, "child")) == (1, 0)


def test_before_data_is_migrated_a_backup_is_kept(filled, path):
    migrate(filled, scripts(FIRST, SECOND))
    (copy,) = backups(path)
    connection = sqlite3.connect(copy)
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert connection.execute("SELECT count(*) FROM child").fetchone() == (3,)
    connection.close()


def test_an_empty_database_needs_no_backup(database, path):
    migrate(database, scripts(FIRST))
    migrate(database, scripts(FIRST, SECOND))
    assert backups(path) == []


@pytest.mark.usefixtures("filled")
def test_what_can_only_be_read_is_not_migrated(path):
    reader = Database(path, read_only=True)
    with pytest.raises(ReadOnlyDatabaseError):
        migrate(reader, scripts(FIRST, SECOND))
    reader.close()


def test_an_older_program_goes_on_beside_a_newer_schema(filled):
    migrate(filled, scripts(FIRST, SECOND))
    migrations.refuse_newer(filled, known=1)
    assert migrate(filled, scripts(FIRST)) == ()
    assert version(filled) == 2


def test_an_older_program_is_refused_where_the_schema_says_so(filled):
    migrate(filled, scripts(FIRST, b"-- oldest-writer: 2\nALTER TABLE parent DROP COLUMN name;"))
    with pytest.raises(NewerDatabaseError, match=f"update pipeline-state to {__version__}"):
        migrations.refuse_newer(filled, known=1)
    migrations.refuse_newer(filled, known=2)


def test_opening_asks_a_newer_database_whether_we_may(state, path, reopen):
    state.close()

    def change(script):
        connection = sqlite3.connect(path)
        connection.executescript(script)
        connection.close()

    newer = HEAD + 1
    change(f"INSERT INTO schema_version VALUES ({newer}, 'later', 'x', '', 1, '9.0'); PRAGMA user_version = {newer};")
    again = reopen()
    assert again.runs.latest() is None
    again.close()
    change(f"UPDATE schema_version SET oldest_writer = {newer} WHERE number = {newer};")
    with pytest.raises(NewerDatabaseError, match=r"update pipeline-state to 9\.0"):
        reopen()


@pytest.mark.parametrize("step", range(4))
def test_a_migration_that_is_killed_leaves_the_old_version_whole(filled, path, in_process, step):
    filled.close()
    code = """
        import sqlite3
        from pathlib import Path
        from pipeline_state.store.database import Database
        known = migrations.read(Path(sys.argv[1]))
        database = Database(sys.argv[2])
        steps = []
        def count(statement):
            if statement.split()[0] in ("CREATE", "INSERT", "DROP", "ALTER"):
                steps.append(statement)
            if len(steps) > int(sys.argv[3]):
                os.kill(os.getpid(), 9)
        database.connection.set_trace_callback(count)
        migrations.migrate(database, known)
    """
    folder = path.parent / "migrations"
    folder.mkdir()
    (folder / "0001_m1.sql").write_bytes(FIRST)
    (folder / "0002_m2.sql").write_bytes(REBUILD)
    answer = in_process(code, folder, path, step + 1, check=False)
    assert answer.returncode in (-9, 1), answer.stderr
    database = Database(path)
    assert (version(database), count(database, "parent"), count(database, "child")) == (1, 2, 3)
    assert migrate(database, migrations.read(folder)) == (2,)
    assert (version(database), count(database, "parent"), count(database, "child")) == (2, 2, 3)
    database.close()


@pytest.mark.skipif(os.name == "nt", reason="slow where processes are")
def test_four_that_migrate_at_once_apply_each_migration_once(filled, path, in_process):
    from concurrent.futures import ThreadPoolExecutor

    filled.close()
    folder = path.parent / "migrations"
    folder.mkdir()
    for number, content in enumerate([FIRST, SECOND, REBUILD], start=1):
        (folder / f"{number:04}_m{number}.sql").write_bytes(content)
    code = """
        from pathlib import Path
        from pipeline_state.store.database import Database
        print(*migrations.migrate(Database(sys.argv[2]), migrations.read(Path(sys.argv[1]))))
    """
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: in_process(code, folder, path), range(4)))
    assert sorted(" ".join(answers).split()) == ["2", "3"]
    assert len(backups(path)) == 1
