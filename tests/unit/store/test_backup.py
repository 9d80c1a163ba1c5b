from __future__ import annotations

import os
import sqlite3
import stat

import pytest

from pipeline_state.errors import CorruptDatabaseError, ForeignDatabaseError, NewerDatabaseError, StateError, UsageError
from pipeline_state.store import health
from pipeline_state.store.backup import back_up, backups, restore
from pipeline_state.store.database import Database
from pipeline_state.store.schema import HEAD


def change(path, script):
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.close()


def damage(path, offset=8192, size=2048):
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(b"\xa5" * size)


@pytest.fixture
def run(state):
    return state.runs.begin("check", ["--all"])


def test_a_backup_holds_what_is_still_in_the_log(state, path, run, reopen):
    assert os.path.getsize(f"{path}-wal")
    copy = back_up(state.database)
    assert copy.name.startswith("state.db.backup-20")
    assert reopen(copy).runs.get(run.id) == run


@pytest.mark.usefixtures("run")
def test_a_backup_needs_no_file_beside_it(state, tmp_path):
    copy = back_up(state.database, tmp_path / "copy.db")
    assert copy == tmp_path / "copy.db"
    connection = sqlite3.connect(copy)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    connection.close()


@pytest.mark.skipif(os.name == "nt", reason="permissions are POSIX")
def test_a_backup_is_for_its_owner_alone(state, tmp_path):
    old = os.umask(0)
    try:
        copy = back_up(state.database, tmp_path / "copy.db")
    finally:
        os.umask(old)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_a_backup_replaces_nothing(state, tmp_path):
    (tmp_path / "copy.db").write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        back_up(state.database, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "mine"


def test_two_backups_within_a_second_are_two(state, path):
    assert len({back_up(state.database) for _ in range(3)}) == 3
    assert len(backups(path)) == 3


def test_in_a_folder_a_backup_gets_its_usual_name(state, tmp_path):
    (tmp_path / "copies").mkdir()
    copy = back_up(state.database, tmp_path / "copies")
    assert copy.parent == tmp_path / "copies"
    assert copy.name.startswith("state.db.backup-")


def test_a_folder_that_is_not_there_is_said(state, tmp_path):
    with pytest.raises(UsageError, match="there is no folder"):
        back_up(state.database, tmp_path / "nowhere" / "copy.db")


@pytest.mark.usefixtures("run")
def test_a_backup_that_fails_leaves_nothing_behind(state, path):
    state.close()
    damage(path)
    database = Database(path)
    before = set(path.parent.iterdir())
    with pytest.raises(StateError):
        back_up(database)
    assert not {name for name in set(path.parent.iterdir()) - before if "backup" in name.name}
    database.close()


@pytest.mark.usefixtures("run")
def test_a_damaged_index_is_not_backed_up_but_marked(state, path):
    connection = state.connect()
    root = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'runs_by_time'").fetchone()[0]
    connection.close()
    state.close()
    with path.open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\x0a" + bytes(4) + b"\x10" + bytes(4090))  # an index without entries
    database = Database(path)
    with pytest.raises(CorruptDatabaseError, match="cannot back up"):
        back_up(database)
    assert backups(path) == []
    assert path.with_name(f"{path.name}.damaged").exists()
    database.close()


def test_what_a_killed_backup_left_behind_is_no_backup(path):
    for ending in ("", "-journal", "-wal", "-shm"):
        path.with_name(f"{path.name}.backup-20260131T123456Z.0123abcd.part{ending}").touch()
    assert backups(path) == []


@pytest.mark.usefixtures("state")
def test_what_can_only_be_read_can_be_backed_up(run, reopen, tmp_path):
    copy = back_up(reopen(read_only=True).database, tmp_path / "copy.db")
    assert reopen(copy).runs.get(run.id) == run


def test_a_state_in_memory_can_be_backed_up(memory, tmp_path, reopen):
    run = memory.runs.begin("check")
    assert reopen(back_up(memory.database, tmp_path / "copy.db")).runs.get(run.id)
    with pytest.raises(UsageError, match="name a file"):
        back_up(memory.database)


def test_restoring_brings_the_content_back_and_keeps_what_it_replaces(state, run, tmp_path, reopen):
    copy = back_up(state.database, tmp_path / "copy.db")
    later = state.runs.begin("pytest")
    kept = restore(state.database, copy)
    assert [each.id for each in state.runs.list()] == [run.id]
    assert {each.id for each in reopen(kept).runs.list()} == {run.id, later.id}
    assert health.verify(state.database) == ()
    assert state.database.one("PRAGMA journal_mode")[0] == "wal"


def test_whoever_has_the_database_open_sees_the_restored_content(state, run, tmp_path, reopen):
    other = reopen()
    copy = back_up(state.database, tmp_path / "copy.db")
    later = state.runs.begin("pytest")
    assert other.runs.latest().id == later.id
    restore(state.database, copy)
    assert other.runs.latest().id == run.id
    again = other.runs.begin("check")
    assert state.runs.latest().id == again.id


def test_a_backup_of_an_older_schema_is_migrated(state, tmp_path):
    copy = back_up(state.database, tmp_path / "copy.db")
    change(copy, "DELETE FROM schema_version; PRAGMA user_version = 0; CREATE TABLE schema_version_ (x);")
    with pytest.raises(StateError, match="it is empty"):
        restore(state.database, copy)


def test_a_backup_that_bars_us_is_refused(state, tmp_path):
    copy = back_up(state.database, tmp_path / "copy.db")
    newer = HEAD + 1
    row = f"({newer}, 'later', 'x', '', {newer}, '9.0')"
    change(copy, f"INSERT INTO schema_version VALUES {row}; PRAGMA user_version = {newer};")
    with pytest.raises(NewerDatabaseError):
        restore(state.database, copy)


def test_a_damaged_backup_is_refused_and_nothing_changes(state, run, tmp_path):
    copy = back_up(state.database, tmp_path / "copy.db")
    damage(copy, copy.stat().st_size // 2, 8192)
    with pytest.raises(CorruptDatabaseError):
        restore(state.database, copy)
    assert state.runs.latest() == run


def test_what_is_no_backup_is_refused(state, path, tmp_path):
    (tmp_path / "text").write_text("hello " * 100)
    change(tmp_path / "foreign", "CREATE TABLE t (x)")
    for name in ("text", "foreign"):
        with pytest.raises(ForeignDatabaseError):
            restore(state.database, tmp_path / name)
    with pytest.raises(UsageError, match="no such file"):
        restore(state.database, tmp_path / "nothing")
    with pytest.raises(UsageError, match="the database itself"):
        restore(state.database, path)
