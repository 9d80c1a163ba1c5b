"""Migrations of databases that hold data: killed anywhere, from every schema there ever was, beside older programs."""

from __future__ import annotations

import shutil
import time

import pytest

from pipeline_state.errors import NewerDatabaseError
from pipeline_state.location import Location
from pipeline_state.store import backup, migrations
from pipeline_state.store.database import Database
from pipeline_state.store.schema import HEAD
from pipeline_state.store.state import open_at

MIGRATIONS = migrations.read()

# A table that others refer to is made anew, as SQLite wants it for all that ALTER TABLE cannot do.
REBUILD = """
CREATE TABLE worktrees_new (
    id            INTEGER PRIMARY KEY,
    token         TEXT NOT NULL UNIQUE,
    first_seen_at TEXT NOT NULL,
    title         TEXT NOT NULL DEFAULT ''
) STRICT;
INSERT INTO worktrees_new (id, token, first_seen_at) SELECT id, token, first_seen_at FROM worktrees;
DROP TABLE worktrees;
ALTER TABLE worktrees_new RENAME TO worktrees;
CREATE TABLE run_arguments_new (
    run      TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    value    TEXT NOT NULL,
    secret   INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (run, position)
) STRICT, WITHOUT ROWID;
INSERT INTO run_arguments_new (run, position, value) SELECT run, position, value FROM run_arguments;
DROP TABLE run_arguments;
ALTER TABLE run_arguments_new RENAME TO run_arguments;
CREATE INDEX findings_by_rule ON findings (rule);
"""
REBUILT = {"worktrees": "title", "run_arguments": "secret"}


def content(database):
    """Return all rows, by table."""
    return {
        table: sorted(map(repr, map(tuple, database.all(f"SELECT * FROM {table}"))))
        for table in migrations.row_counts(database)
        if table != "schema_version"
    }


def content_at(path):
    database = Database(path, read_only=True)
    try:
        return content(database)
    finally:
        database.close()


def version(database):
    return database.one("PRAGMA user_version")[0]


def whole(database):
    return (
        database.one("PRAGMA integrity_check")[0] == "ok"
        and not database.all("PRAGMA foreign_key_check")
        and len(migrations.history(database)) == version(database)
    )


@pytest.fixture
def folder(tmp_path):
    """Our migrations and one more."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrations.migrations_folder(), folder)
    (folder / f"{HEAD + 1:04}_rebuild.sql").write_text(REBUILD, encoding="utf-8")
    return folder


@pytest.mark.parametrize("number", range(1, HEAD + 1))
def test_every_schema_there_ever_was_is_migrated_to_the_newest(path, number, make_filled, open_whole):
    make_filled(path, number)
    before = content_at(path)
    empty = [table for table, rows in before.items() if not rows]
    assert not empty, f"a file history/{number:04}.sql has to fill {empty}"
    with open_whole(path) as state:
        assert version(state.database) == HEAD
        after = content(state.database)
        changed = frozenset().union(*(migration.changed_counts for migration in MIGRATIONS[number:]))
        for table in before.keys() - changed:
            assert len(after[table]) == len(before[table])
        state.runs.begin("check")
    assert [content_at(copy) for copy in backup.backups(path)] == [before] * (number < HEAD)


@pytest.fixture
def interrupted(tmp_path, chance, make_filled, start, go, folder):
    """Migrates a copy of a database and kills it on the way, at a part of the time that it takes."""
    source = tmp_path / "source.db"
    make_filled(source)

    def run(path, killed_after_s=None):
        path.parent.mkdir()
        shutil.copy(source, path)
        process = start("migrate", path, folder)
        assert process.stdout.readline() == "ready\n"
        go(process)
        begun = time.monotonic()
        if killed_after_s is None:
            assert process.stdout.read().split() == [f"{HEAD + 1}"], process.stderr.read()
        else:
            time.sleep(killed_after_s)
            process.kill()
            assert process.stderr.read() == ""
        process.wait()
        return time.monotonic() - begun

    takes_s = run(tmp_path / "whole" / "state.db")
    return lambda path: run(path, chance.uniform(0, 1.1 * takes_s))


def test_a_migration_that_is_killed_is_there_whole_or_not_at_all(tmp_path, rounds, folder, interrupted):
    available = migrations.read(folder)
    before = content_at(tmp_path / "source.db")
    results = set()
    for turn in range(5 * rounds):
        path = tmp_path / f"{turn}" / "state.db"
        interrupted(path)
        database = Database(path)
        assert whole(database)
        results.add(version(database))
        if version(database) == HEAD:
            assert content(database) == before
            assert migrations.migrate(database, available) == (HEAD + 1,)
        assert whole(database)
        after = content(database)
        assert {table: len(rows) for table, rows in after.items()} == {t: len(rows) for t, rows in before.items()}
        assert {table: rows for table, rows in after.items() if table not in REBUILT} == {
            table: rows for table, rows in before.items() if table not in REBUILT
        }
        for table, column in REBUILT.items():
            assert database.one(f"SELECT {column} FROM {table}") is not None
        copies = backup.backups(path)
        assert copies
        for copy in copies:
            backup.examine(copy)
            assert content_at(copy) == before
        database.close()
        shutil.rmtree(path.parent)
    assert HEAD in results, "every migration came to its end before it was killed"


def test_an_older_program_works_on_beside_a_newer_schema(path, make_filled, folder):
    """Also one that had the database open when the newer program came."""
    make_filled(path)
    with open_at(Location(str(path), "argument", None)) as older:
        first = older.runs.begin("check")
        newer = Database(path)
        assert migrations.migrate(newer, migrations.read(folder)) == (HEAD + 1,)
        older.runs.finish(first.id, 0)
        with open_at(Location(str(path), "argument", None)) as another:
            second = another.runs.begin("pytest", ["-x"])
            assert another.runs.get(first.id).status == "finished"
            assert older.runs.get(second.id) == second
        assert version(newer) == HEAD + 1
        assert newer.one("SELECT title FROM worktrees WHERE token = 'none'")[0] == ""
        assert whole(newer)
        newer.close()


def test_an_older_program_is_refused_where_the_newer_schema_says_so(path, make_filled, folder):
    make_filled(path)
    newest = folder / f"{HEAD + 1:04}_rebuild.sql"
    newest.write_text(f"-- oldest-writer: {HEAD + 1}\n{REBUILD}", encoding="utf-8")
    newer = Database(path)
    migrations.migrate(newer, migrations.read(folder))
    with newer.transaction():
        newer.execute("UPDATE schema_version SET program = '77.1' WHERE number = ?", (HEAD + 1,))
    before = content(newer)
    with pytest.raises(NewerDatabaseError, match=r"update pipeline-state to 77\.1"):
        open_at(Location(str(path), "argument", None))
    assert content(newer) == before
    newer.close()
