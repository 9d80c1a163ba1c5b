from __future__ import annotations

import sqlite3

import pytest

from pipeline_state.errors import (
    BusyDatabaseError,
    CorruptDatabaseError,
    DatabaseGoneError,
    DiskFullError,
    ForeignDatabaseError,
    ReadOnlyDatabaseError,
    StateError,
)
from pipeline_state.store import faults

CASES = [
    (5, "database is locked", BusyDatabaseError),
    (5 | 2 << 8, "database is locked", BusyDatabaseError),  # SQLITE_BUSY_SNAPSHOT
    (6, "database table is locked", BusyDatabaseError),
    (8, "attempt to write a readonly database", ReadOnlyDatabaseError),
    (11, "database disk image is malformed", CorruptDatabaseError),
    (11, "malformed database schema (x)", CorruptDatabaseError),
    (1, "unsupported file format", CorruptDatabaseError),
    (1, "", CorruptDatabaseError),
    (13, "database or disk is full", DiskFullError),
    (14, "unable to open database file", StateError),
    (26, "file is not a database", ForeignDatabaseError),
    (10, "disk I/O error", StateError),
    (19, "UNIQUE constraint failed: x.y", StateError),
]


def error_of(code, text):
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(("code", "text", "kind"), CASES)
def test_each_code_is_an_error_of_ours_that_names_file_and_cause(tmp_path, code, text, kind):
    path = str(tmp_path / "state.db")
    fault = faults.translate(error_of(code, text), path, "write")
    assert type(fault) is kind
    assert str(fault).startswith(f"cannot write {path}: ")


@pytest.mark.parametrize(("text", "kind"), [case[1:] for case in CASES])
def test_where_python_hides_the_code_the_text_tells(tmp_path, text, kind):
    assert type(faults.translate(sqlite3.OperationalError(text), str(tmp_path / "x"), "read")) is kind


def test_a_database_that_was_moved_is_gone(tmp_path):
    moved = error_of(8 | 4 << 8, "attempt to write a readonly database")
    assert isinstance(faults.translate(moved, str(tmp_path / "x"), "write"), DatabaseGoneError)


def test_a_header_that_forbids_writing_is_damage(tmp_path):
    path = tmp_path / "state.db"
    path.touch()
    forbidden = error_of(8, "attempt to write a readonly database")
    assert isinstance(faults.translate(forbidden, str(path), "write"), CorruptDatabaseError)


def test_a_short_read_is_damage(tmp_path):
    assert isinstance(
        faults.translate(error_of(10 | 2 << 8, "disk I/O error"), str(tmp_path / "x"), "read"), CorruptDatabaseError
    )


def test_what_cannot_be_opened_is_explained(tmp_path):
    cannot = error_of(14, "unable to open database file")
    assert "is a folder" in str(faults.translate(cannot, str(tmp_path), "open"))
    assert "there is no folder" in str(faults.translate(cannot, str(tmp_path / "a" / "b"), "open"))


def test_the_probe_for_space_leaves_nothing_behind(tmp_path):
    assert faults.why_no_more_fits(str(tmp_path / "x")) is None
    assert list(tmp_path.iterdir()) == []
