from __future__ import annotations

import sqlite3

import pytest

from pipeline_state.store import health


def change(path, script):
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.close()


def test_a_sound_database_has_no_problem(state, path):
    state.runs.begin("check", environment={"a": "b"})
    assert health.verify(state.database) == ()
    assert health.verify_at(path) == ()


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("INSERT INTO run_arguments VALUES ('nobody', 0, 'x')", "references: row"),
        ("UPDATE schema_version SET sha256 = 'other'", "migration 0001"),
        ("PRAGMA user_version = 7", "the version says 7"),
        ("PRAGMA writable_schema = 1; DELETE FROM sqlite_schema WHERE name = 'runs_by_time'", "structure: "),
    ],
)
def test_each_thing_that_is_wrong_is_named(state, path, script, expected):
    state.runs.begin("check")
    state.close()
    change(path, script)
    problems = health.verify_at(path)
    assert any(expected in problem for problem in problems), problems


def test_damage_that_keeps_the_database_from_being_opened_is_an_answer(state, path):
    state.close()
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 64)
    (problem,) = health.verify_at(path)
    assert "damaged" in problem


def test_a_database_is_described(state, path):
    state.runs.begin("check")
    found = health.describe(state.database)
    assert found.rows["runs"] == 1
    assert (found.schema, found.journal_mode, found.backups) == (found.newest_schema, "wal", ())
    assert found.size > 0
    assert found.log_size == path.with_name("state.db-wal").stat().st_size > 0
