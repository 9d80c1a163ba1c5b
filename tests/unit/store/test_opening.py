from __future__ import annotations

import os
import shutil
import sqlite3
import stat

import pytest

from pipeline_state.errors import (
    ForeignDatabaseError,
    NoDatabaseError,
    ReadOnlyDatabaseError,
    StateError,
    UnsafeFileSystemError,
)
from pipeline_state.location import Location
from pipeline_state.store import opening
from pipeline_state.store.connection import APPLICATION_ID, file_uri
from pipeline_state.store.database import Database
from pipeline_state.store.schema import HEAD
from pipeline_state.store.state import open_at

posix_only = pytest.mark.skipif(os.name == "nt", reason="permissions are POSIX")


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def pragmas(database, *names):
    return [database.connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]


def bytes_below(folder):
    return {path: path.read_bytes() for path in sorted(folder.iterdir())}


def plain(path, *statements):
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    return connection


def test_a_new_database_is_ours_and_in_wal_mode(state):
    assert pragmas(state.database, "application_id", "journal_mode") == [APPLICATION_ID, "wal"]


def test_every_connection_is_set_up_the_same(state):
    expected = [1, 0, 64 << 20, 0, 5000]
    names = ("foreign_keys", "trusted_schema", "journal_size_limit", "mmap_size", "busy_timeout")
    assert pragmas(state.database, *names) == expected


@posix_only
def test_the_files_are_for_their_owner_alone(tmp_path, reopen):
    old = os.umask(0)
    try:
        state = reopen(tmp_path / ".worktrees" / "pipeline_state.db")
        state.runs.begin("check")
    finally:
        os.umask(old)
    folder = tmp_path / ".worktrees"
    modes = {path.name: mode_of(path) for path in folder.iterdir() if path.is_file() and path.name != ".gitignore"}
    assert set(modes) > {"pipeline_state.db", "pipeline_state.db-wal", "pipeline_state.db-shm"}
    assert set(modes.values()) == {0o600}
    assert mode_of(folder) == 0o700


def test_the_state_folder_is_ignored_by_git_once(tmp_path, reopen):
    ignore = tmp_path / ".worktrees" / ".gitignore"
    reopen(tmp_path / ".worktrees" / "a.db")
    assert "*" in ignore.read_text().split()
    ignore.write_text("mine\n")
    reopen(tmp_path / ".worktrees" / "b.db")
    assert ignore.read_text() == "mine\n"


def test_a_folder_of_the_users_gets_no_ignore_file(tmp_path, reopen):
    reopen(tmp_path / "theirs" / "state.db")
    assert not (tmp_path / "theirs" / ".gitignore").exists()


def test_an_empty_file_is_an_empty_database(path, reopen):
    path.touch()
    assert reopen().runs.latest() is None


@pytest.mark.parametrize("name", ["a b", "per%20cent", "ques?tion", "ha#sh", "ünï", "new\nline", "-dash", "a'quote\""])
def test_any_name_is_a_name(tmp_path, reopen, name):
    reopen(tmp_path / name).runs.begin("check")
    assert (tmp_path / name).stat().st_size
    assert sorted(entry.name for entry in tmp_path.iterdir() if not entry.name.startswith(name)) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows names are text")
def test_a_name_that_is_no_text_is_a_name(tmp_path, reopen):
    reopen(tmp_path / os.fsdecode(b"caf\xe9.db"))
    assert b"caf\xe9.db" in os.listdir(os.fsencode(tmp_path))


def test_what_is_opened_again_is_what_was_closed(reopen):
    run = reopen().runs.begin("check")
    assert reopen().runs.get(run.id).id == run.id


@pytest.mark.parametrize("journal", ["delete", "wal"])
@pytest.mark.parametrize("mark", ["PRAGMA application_id = 7", "PRAGMA user_version = 3", "CREATE TABLE u (x)"])
def test_another_applications_database_is_refused_and_untouched(path, reopen, journal, mark):
    plain(path, f"PRAGMA journal_mode = {journal}", "CREATE TABLE t (x)", "INSERT INTO t VALUES (1)", mark).close()
    before = bytes_below(path.parent)
    with pytest.raises(ForeignDatabaseError, match="another application"):
        reopen()
    assert bytes_below(path.parent) == before


def test_the_log_that_another_application_left_is_not_taken_in(tmp_path, reopen):
    live = plain(tmp_path / "live", "PRAGMA journal_mode = wal", "CREATE TABLE t (x)", "PRAGMA wal_checkpoint")
    live.execute("INSERT INTO t VALUES (1)")
    folder = tmp_path / "crashed"
    folder.mkdir()
    for ending in ("", "-wal"):
        shutil.copy(f"{tmp_path / 'live'}{ending}", f"{folder / 'live'}{ending}")
    live.close()
    before = bytes_below(folder)
    with pytest.raises(ForeignDatabaseError):
        reopen(folder / "live")
    assert bytes_below(folder) == before


def test_a_text_file_is_refused_and_untouched(path, reopen):
    path.write_text("not a database, but longer than the header of one would be; " * 4)
    before = bytes_below(path.parent)
    with pytest.raises(ForeignDatabaseError, match="not an SQLite database"):
        reopen()
    assert bytes_below(path.parent) == before


def test_a_folder_is_no_database(tmp_path, reopen):
    with pytest.raises(StateError, match="folder"):
        reopen(tmp_path)


def test_a_log_without_its_database_is_not_read_into_the_new_one(path, tmp_path, reopen):
    state = reopen()
    state.runs.begin("check")
    shutil.copy(f"{path}-wal", tmp_path / "kept-wal")
    state.close()
    for entry in tmp_path.glob("state.db*"):
        entry.unlink() if entry.is_file() else shutil.rmtree(entry)
    shutil.move(tmp_path / "kept-wal", f"{path}-wal")
    assert reopen().runs.latest() is None
    assert len(list(tmp_path.glob("state.db.orphan-*-wal"))) == 1


def test_eight_first_openings_at_once_make_one_database(path, in_process, reopen):
    from concurrent.futures import ThreadPoolExecutor

    code = """
        from pipeline_state.location import Location
        from pathlib import Path
        with state.open_at(Location(sys.argv[1], "argument", None)) as opened:
            print(opened.runs.begin("check").id)
    """
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(lambda _: in_process(code, path).strip(), range(8)))
    state = reopen()
    assert {run.id for run in state.runs.list(-1)} == ids
    assert len(ids) == 8
    applied = state.database.all("SELECT number FROM schema_version")
    assert [row["number"] for row in applied] == list(range(1, HEAD + 1))


def test_reading_only_makes_nothing(path, reopen):
    with pytest.raises(NoDatabaseError, match="no state database"):
        reopen(read_only=True)
    assert not path.exists()
    path.touch()
    with pytest.raises(NoDatabaseError, match="empty"):
        reopen(read_only=True)
    assert path.read_bytes() == b""


def test_what_is_opened_for_reading_cannot_be_written(reopen):
    run = reopen().runs.begin("check")
    state = reopen(read_only=True)
    assert state.runs.get(run.id)
    with pytest.raises(ReadOnlyDatabaseError, match="only read"):
        state.runs.begin("check")


READ_AND_TRY_TO_WRITE = """
    from pathlib import Path
    from pipeline_state.errors import StateError
    from pipeline_state.location import Location
    opened = state.open_at(Location(sys.argv[1], "argument", None))
    print(len(opened.runs.list(all_worktrees=True)), opened.read_only)
    try:
        opened.runs.begin("check")
    except StateError as error:
        print(type(error).__name__)
"""


@posix_only
@pytest.mark.parametrize("open_meanwhile", [False, True])
@pytest.mark.parametrize(("file_mode", "folder_mode"), [(0o444, 0o777), (0o444, 0o555), (0o666, 0o555)])
def test_what_this_user_may_only_read_is_read(
    public_folder, in_process, reopen, open_meanwhile, file_mode, folder_mode
):
    path = public_folder / "state.db"
    state = reopen(path)
    run = state.runs.begin("check")
    state.runs.finish(run.id, 0)
    if not open_meanwhile:
        state.close()
    for file in public_folder.glob("state.db*"):
        file.chmod(0o777 if file.is_dir() else file_mode)
    public_folder.chmod(folder_mode)
    answer = in_process(READ_AND_TRY_TO_WRITE, path, unprivileged=True).split()
    writable = open_meanwhile and file_mode == 0o666
    assert answer == (["1", "False"] if writable else ["1", "True", "ReadOnlyDatabaseError"])


@posix_only
def test_changes_in_a_log_that_cannot_be_read_are_not_overlooked(public_folder, in_process, reopen, tmp_path):
    state = reopen(tmp_path / "state.db")
    state.runs.begin("check")
    for ending in ("", "-wal"):
        shutil.copy(f"{tmp_path / 'state.db'}{ending}", f"{public_folder / 'state.db'}{ending}")
        os.chmod(f"{public_folder / 'state.db'}{ending}", 0o444)
    public_folder.chmod(0o555)
    answer = in_process(READ_AND_TRY_TO_WRITE, public_folder / "state.db", unprivileged=True, check=False)
    assert "its last changes are in state.db-wal" in answer.stderr


@posix_only
def test_where_nothing_can_be_made_it_is_said(public_folder, in_process):
    public_folder.chmod(0o555)
    answer = in_process(READ_AND_TRY_TO_WRITE, public_folder / "a" / "state.db", unprivileged=True, check=False)
    assert "ReadOnlyDatabaseError: cannot create" in answer.stderr


def test_on_a_shared_file_system_a_new_database_has_no_wal(path, monkeypatch):
    monkeypatch.setattr(opening, "_shared_type", lambda *_: "nfs4")
    with open_at(Location(str(path), "argument", None)) as state:
        state.runs.begin("check")
        assert pragmas(state.database, "journal_mode", "synchronous") == ["delete", 2]
        assert "nfs4" in state.notices[0]
    with open_at(Location(str(path), "argument", None)) as state:
        assert state.notices == ()
    monkeypatch.undo()
    with open_at(Location(str(path), "argument", None)) as state:  # the mode of a database in use is never changed
        assert pragmas(state.database, "journal_mode") == ["delete"]


def test_a_wal_database_on_a_shared_file_system_is_refused(state, path, monkeypatch):
    state.close()
    monkeypatch.setattr(opening, "_shared_type", lambda *_: "virtiofs")
    for read_only in (False, True):
        with pytest.raises(UnsafeFileSystemError, match="PIPELINE_DB_PATH"):
            Database(path, read_only=read_only)


def test_a_uri_is_ascii_and_absolute():
    uri = file_uri("ünï?#%", mode="ro")
    assert uri.isascii()
    assert uri.startswith("file:///")
    assert uri.endswith("%c3%bcn%c3%af%3f%23%25?mode=ro")
