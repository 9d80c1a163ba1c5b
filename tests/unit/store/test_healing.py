from __future__ import annotations

import contextlib
import random
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline_state.errors import CorruptDatabaseError, ForeignDatabaseError, StateError
from pipeline_state.location import Location
from pipeline_state.store import health
from pipeline_state.store.backup import back_up
from pipeline_state.store.healing import move_aside
from pipeline_state.store.private_files import DAMAGED
from pipeline_state.store.state import open_at


def open_default(path):
    return open_at(Location(str(path), "worktree", None))


def open_named(path):
    return open_at(Location(str(path), "argument", None))


def overwrite(path, offset, content):
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(content)


def aside(path):
    return sorted(entry for entry in path.parent.iterdir() if ".corrupt-" in entry.name)


@pytest.fixture
def run(state):
    run = state.runs.begin("check")
    state.runs.finish(run.id, 0)
    return state.runs.get(run.id)


@pytest.fixture
def damaged(state, path):
    """A database whose schema cannot be read, and what it was."""
    state.runs.begin("check")
    state.close()
    overwrite(path, 100, b"\xff" * 64)
    return path.read_bytes()


@pytest.mark.parametrize("open_it", [open_default, open_named])
def test_a_damaged_database_of_ours_is_moved_aside_and_begun_anew(path, damaged, open_it):
    with open_it(path) as state:
        assert state.runs.latest() is None
        assert "was damaged" in state.notices[0]
        assert "empty database was begun" in state.notices[0]
        assert health.verify(state.database) == ()
    (moved,) = aside(path)
    assert moved.read_bytes() == damaged
    with open_it(path) as state:
        assert state.notices == ()


def test_the_newest_good_backup_takes_its_place(path, state, run):
    good = back_up(state.database)
    bad = back_up(state.database)
    overwrite(bad, 4096, b"\xff" * 4096)
    state.runs.begin("pytest")
    state.close()
    overwrite(path, 0, b"\0" * 4096)
    with open_default(path) as healed:
        assert f"{good} was restored" in healed.notices[0]
        assert healed.runs.latest() == run


def test_at_the_default_path_anything_unreadable_is_moved_aside(path):
    path.write_text("not a database " * 100)
    with open_default(path) as state:
        assert state.runs.latest() is None
    assert aside(path)[0].read_text() == "not a database " * 100


@pytest.mark.parametrize("open_it", [open_default, open_named])
def test_another_applications_database_is_never_moved(path, open_it):
    connection = sqlite3.connect(path)
    connection.executescript("CREATE TABLE t (x); PRAGMA application_id = 99;")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(ForeignDatabaseError):
        open_it(path)
    assert path.read_bytes() == before
    assert aside(path) == []


def test_a_named_file_that_is_not_ours_is_refused_untouched(path):
    connection = sqlite3.connect(path)
    connection.executescript("CREATE TABLE t (x); PRAGMA application_id = 99;")
    connection.close()
    overwrite(path, 100, b"\xff" * 64)
    before = path.read_bytes()
    with pytest.raises(StateError):
        open_named(path)
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


@pytest.mark.usefixtures("run")
def test_a_damaged_header_does_not_hide_that_it_is_ours(path, state):
    state.close()
    overwrite(path, 0, b"garbage")
    with open_named(path) as healed:
        assert "was damaged" in healed.notices[0]


def test_for_reading_only_nothing_is_healed(path, damaged):
    with pytest.raises(CorruptDatabaseError):
        open_at(Location(str(path), "worktree", None), read_only=True)
    assert path.read_bytes() == damaged


def test_what_belongs_to_a_database_goes_with_it(path):
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).write_text(f"content{ending}")
    moved = move_aside(path)
    assert {entry.name: entry.read_text() for entry in path.parent.iterdir()} == {
        f"{moved.name}{ending}": f"content{ending}" for ending in ("", "-wal", "-shm")
    }


def test_damage_that_is_met_while_reading_is_healed_by_the_next_command(path, state, run):
    root = state.database.one("SELECT rootpage FROM sqlite_schema WHERE name = 'runs'")[0]
    good = back_up(state.database)
    state.close()
    overwrite(path, (root - 1) * 4096, b"\xff" * 4096)
    with open_default(path) as first:
        assert first.notices == ()
        with pytest.raises(CorruptDatabaseError, match="run the command again"):
            first.runs.list()
    with open_default(path) as second:
        assert f"{good} was restored" in second.notices[0]
        assert second.runs.latest() == run
    assert not path.with_name(path.name + DAMAGED).exists()


def test_a_text_with_a_flipped_bit_is_damage_too(path, state, run):
    good = back_up(state.database)
    state.close()
    content = path.read_bytes()
    assert content.count(run.id.encode()) > 1
    path.write_bytes(content.replace(run.id.encode(), b"\xff" + run.id.encode()[1:]))
    with open_default(path) as first, pytest.raises(CorruptDatabaseError, match="run the command again"):
        first.runs.list()
    with open_default(path) as second:
        assert f"{good} was restored" in second.notices[0]
        assert second.runs.latest() == run


def test_a_mark_on_a_sound_database_is_taken_off(path, state, run):
    state.close()
    mark = path.with_name(path.name + DAMAGED)
    mark.touch()
    with open_default(path) as again:
        assert again.notices == ()
        assert again.runs.latest() == run
    assert not mark.exists()


@pytest.mark.usefixtures("damaged")
def test_several_that_find_the_damage_heal_it_once(path, in_process):
    code = """
        from pathlib import Path
        from pipeline_state.location import Location
        with state.open_at(Location(sys.argv[1], "worktree", None)) as opened:
            opened.runs.begin("check")
    """
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: in_process(code, path), range(4)))
    assert len([entry for entry in aside(path) if not entry.name.endswith(("-wal", "-shm"))]) == 1
    with open_default(path) as state:
        assert len(state.runs.list()) == 4


@pytest.mark.parametrize("seed", range(16))
def test_flipped_bytes_end_in_a_typed_error_or_a_sound_database(path, state, seed):
    """Whatever is damaged: never a traceback, and what was there is still there under some name."""
    for number in range(20):
        state.runs.begin("check", [f"--option={number}"])
    state.close()
    chance = random.Random(seed)  # noqa: S311 - the same damage each time
    content = bytearray(path.read_bytes())
    for _ in range(chance.choice([1, 8, 64])):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)
    for _ in range(2):
        with contextlib.suppress(StateError), open_default(path) as again:
            again.runs.list(-1)
            again.runs.begin("check")
            health.verify(again.database)
    assert health.verify_at(path) is not None
    kept = [path, *aside(path)]
    assert any(entry.stat().st_size >= len(content) for entry in kept)
