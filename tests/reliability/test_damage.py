"""Damaged files: opening, reading and writing gives data or one of our errors, and nothing is replaced in silence."""

from __future__ import annotations

import re
import shutil
import sqlite3

import pytest

from pipeline_state.config import Retention
from pipeline_state.errors import PipelineStateError, StateError, UsageError
from pipeline_state.location import Location
from pipeline_state.store import backup, health, retention
from pipeline_state.store.check_runs import CheckSummary, DetectorResult
from pipeline_state.store.connection import APPLICATION_ID
from pipeline_state.store.snapshots import SnapshotRow
from pipeline_state.store.stat_cache import Content, Stamp
from pipeline_state.store.state import open_at
from pipeline_state.store.verdicts import Judged, Verdict

PAGE = 4096
APPLICATION_ID_AT = 68
WRONG = ["NULL", "'text'", "x'fe'", "CAST(x'fe' AS TEXT)", "1.5", "-7", "''", "1e999"]


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A folder that a killed process left: `state.db`, with its last changes in `state.db-wal`."""
    return tmp_path_factory.mktemp("original")


@pytest.fixture
def damaged(tmp_path, original, make_filled, chance):
    """Makes a folder with a copy of the original that has some damage, and returns the path of the database."""
    if not (original / "state.db").exists():
        live = original / "live" / "state.db"
        live.parent.mkdir(exist_ok=True)
        make_filled(live)
        with open_at(Location(str(live), "argument", None)) as state:
            for number in range(20):
                run = state.runs.begin("check", [f"--option={number}"] * 40, environment={"CI": "true"})
                state.runs.finish(run.id, 1)
            for ending in ("", "-wal"):
                shutil.copy(f"{live}{ending}", f"{original / 'state.db'}{ending}")

    return lambda number: damaged_copy(original / "state.db", tmp_path / f"{number}", chance)


def damaged_copy(source, folder, chance):
    """Copy a database with its log, damage one of them or both, and return the path of the copy."""
    folder.mkdir()
    path, log = folder / "state.db", folder / "state.db-wal"
    for ending in ("", "-wal"):
        shutil.copy(f"{source}{ending}", f"{path}{ending}")
    for file in chance.choice([(path,), (path,), (log,), (path, log)]):
        file.write_bytes(damage(bytearray(file.read_bytes()), chance))
    if chance.random() < 0.5:
        (folder / "state.db-shm").write_bytes(chance.randbytes(32_768))
    return path


def damage(content, chance):
    pages = len(content) // PAGE
    page = chance.choice([0, chance.randrange(pages)]) * PAGE
    other = chance.randrange(pages) * PAGE
    match chance.choice(["bits", "bytes", "header", "zeros", "garbage", "swapped", "twice", "cut", "longer"]):
        case "bits":
            for _ in range(chance.choice([1, 10, 100, 1000])):
                content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        case "bytes":
            for _ in range(chance.choice([1, 10, 100, 1000])):
                content[page + chance.randrange(PAGE)] = chance.randrange(256)
        case "header":
            content[chance.randrange(100)] = chance.choice([0, 1, 127, 128, 255])
        case "zeros":
            content[page : page + PAGE] = bytes(PAGE)
        case "garbage":
            content[page : page + PAGE] = chance.randbytes(PAGE)
        case "swapped":
            content[page : page + PAGE], content[other : other + PAGE] = (
                content[other : other + PAGE],
                content[page : page + PAGE],
            )
        case "twice":
            content[page : page + PAGE] = content[other : other + PAGE]
        case "cut":
            del content[chance.randrange(1, len(content)) :]
        case "longer":
            content += chance.randbytes(chance.randrange(3 * PAGE))
    return content


def read_everything(state):
    yield lambda: [state.runs.environment_of(run) for run in state.runs.list(50, all_worktrees=True)]
    yield lambda: [state.runs.find(text, all_worktrees=True) for text in ("latest", f"{1:016x}")]
    yield lambda: state.runs.running("check")
    for number in (1, 2, 3):
        run = f"{number:016x}"
        yield lambda run=run: (
            state.check_runs.summary(run),
            state.check_runs.detectors(run),
            state.findings.of_run(run),
        )
        yield lambda run=run: (
            state.sessions.find(run),
            state.sessions.journal_offset(run),
            state.attempts.of_run(run),
            state.attempts.count(run),
        )
    yield state.attempts.failing
    yield state.findings.open_counts
    yield lambda: state.findings.of_keys({f"{number:016x}".encode(): "ruff" for number in range(9)})
    yield lambda: state.verdicts.outcomes([f"{number:016x}".encode() for number in range(9)])
    yield lambda: (state.verdicts.judged_pairs(), state.verdicts.judged([("ruff", "a.py")]))
    yield lambda: (state.stat_cache.all(), state.stat_cache.get("a.py"))
    yield lambda: (state.snapshots.without_tree("all"), state.snapshots.get("all"))
    yield lambda: state.tools.version(b"\x01")
    yield lambda: health.describe(state.database)
    yield lambda: health.verify(state.database)


def write_everything(state):
    database = state.database

    def record():
        run = state.runs.begin("check", ["--all-files"], environment={"CI": "true"})
        content = Content(Stamp(1, 2, 3, 4, 5), b"x")

        def write():
            state.check_runs.record(
                run.id, CheckSummary(1, 2, 3, 4, 5), [DetectorResult("a", "1", "clean", 1, 1, 0, 0.1)]
            )
            state.verdicts.add(run.id, [Verdict(b"key", "a", "clean")])
            state.verdicts.stand([Judged("a", "a.py", b"key", b"")])
            state.stat_cache.learn({"a.py": content, "b.py": content})
            state.snapshots.put(SnapshotRow("all", b"", b"", b"", b"", "", b"", b"", b"", b"digest", b"tree"))
            state.tools.learn(b"tool", "1")

        database.write(write)
        state.runs.finish(run.id, 0)

    yield record
    yield lambda: state.housekeeping(Retention(runs=195))
    yield lambda: retention.prune(database, 0, 190)
    yield lambda: retention.vacuum(database)
    yield lambda: backup.back_up(database)


def attempt(actions):
    """Do all of it and return our errors. Whatever is not one of ours comes out."""
    errors = []
    for action in actions:
        try:
            action()
        except UsageError:  # what it asks for was in the database that was moved aside
            pass
        except PipelineStateError as error:
            errors.append(error)
    return errors


def taken_for_anothers(path):
    header = path.read_bytes()[:100]
    marked = header[APPLICATION_ID_AT:][:4] == APPLICATION_ID.to_bytes(4, "big")
    return header.startswith(b"SQLite format 3\0") and not marked


def content_of(folder):
    return {entry.name: entry.read_bytes() for entry in folder.iterdir() if not entry.name.endswith("-shm")}


def aside(path):
    return {entry for entry in path.parent.glob("state.db.corrupt-*") if not entry.name.endswith(("-wal", "-shm"))}


def test_at_the_default_path_damage_ends_in_data_or_an_error_of_ours(rounds, damaged):
    told = []
    for number in range(15 * rounds):
        path = damaged(number)
        if taken_for_anothers(path):  # that one is refused, as the last test holds
            continue
        errors = [None]
        for _ in range(4):  # what one command finds damaged, the next one heals
            before, kept = path.stat().st_ino, aside(path)
            notices = ()
            try:
                with open_at(Location(str(path), "worktree", None)) as state:
                    notices = state.notices
                    errors = attempt([*read_everything(state), *write_everything(state)])
            except StateError as error:
                errors = [error]
            healed = [notice for notice in notices if "was damaged" in notice]
            assert len(aside(path) - kept) == len(healed) == (path.stat().st_ino != before)
            assert all(entry.stat().st_size for entry in aside(path))
            told += healed
            if not errors:
                break
        assert not errors, path
        shutil.rmtree(path.parent)
    assert told, "nothing was ever healed"


def test_for_reading_only_no_damage_is_written_to(rounds, damaged):
    for number in range(10 * rounds):
        path = damaged(number)
        before = content_of(path.parent)
        try:
            with open_at(Location(str(path), "worktree", None), read_only=True) as state:
                attempt([*read_everything(state), *write_everything(state)])
        except PipelineStateError:
            pass
        after = content_of(path.parent)
        assert {name: after.get(name) for name in before} == before
        shutil.rmtree(path.parent)


@pytest.fixture
def anothers(tmp_path, chance):
    """Makes a folder with a damaged database of another application, and what it has not checkpointed yet."""
    live = tmp_path / "live.db"
    connection = sqlite3.connect(live, isolation_level=None)
    connection.executescript(
        "PRAGMA journal_mode = wal; CREATE TABLE theirs (x, y); CREATE INDEX i ON theirs (x);"
        "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
        "INSERT INTO theirs SELECT i, hex(randomblob(50)) FROM n; PRAGMA wal_checkpoint;"
    )

    def anothers(number, mark):
        connection.execute(mark)
        connection.execute("UPDATE theirs SET y = y + 1 WHERE x % 7 = ?", (number % 7,))
        return damaged_copy(live, tmp_path / f"{number}", chance)

    yield anothers
    connection.close()


@pytest.mark.parametrize(
    "mark", ["PRAGMA application_id = 7", "PRAGMA user_version = 7", "CREATE TABLE IF NOT EXISTS t (x)"]
)
def test_a_named_file_of_another_application_is_not_changed(rounds, anothers, mark):
    for number in range(10 * rounds):
        path = anothers(number, mark)
        before = content_of(path.parent)
        try:
            open_at(Location(str(path), "argument", None)).close()
        except StateError:
            pass
        else:
            raise AssertionError(f"{path} was opened")
        assert content_of(path.parent) == before
        shutil.rmtree(path.parent)


def columns_of(path):
    connection = sqlite3.connect(path)
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
    found = [(table, row[1]) for table in tables for row in connection.execute(f"PRAGMA table_info({table})")]
    connection.close()
    return found


def put_anywhere(path, table, column, value):
    """Put a value into a column that does not allow it; return whether that can be done."""
    connection = sqlite3.connect(path, isolation_level=None)
    (before,) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
    anything = re.sub(r"\b(TEXT|REAL|INTEGER(?! PRIMARY))\b", "BLOB", before)
    anything = re.sub(r"\bSTRICT(, )?|\bNOT NULL\b", "", anything)
    try:
        for schema, statements in (
            (anything, [f"UPDATE OR IGNORE {table} SET {column} = {value}"]),
            (before, []),
        ):
            connection.execute("PRAGMA writable_schema = ON")
            connection.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (schema, table))
            connection.execute("PRAGMA writable_schema = RESET")
            connection.execute("PRAGMA ignore_check_constraints = ON")
            for statement in statements:
                connection.execute(statement)
    except sqlite3.IntegrityError:  # a primary key stays what it is
        return False
    finally:
        connection.close()
    return True


def test_values_of_the_wrong_type_end_in_data_or_an_error_of_ours(tmp_path, rounds, chance, make_filled):
    make_filled(tmp_path / "state.db")
    columns = columns_of(tmp_path / "state.db")
    for number in range(10 * rounds):
        path = tmp_path / f"{number}" / "state.db"
        path.parent.mkdir()
        shutil.copy(tmp_path / "state.db", path)
        if not put_anywhere(path, *chance.choice(columns), chance.choice(WRONG)):
            continue
        errors = [None]
        for _ in range(4):
            try:
                with open_at(Location(str(path), "worktree", None)) as state:
                    errors = attempt([*read_everything(state), *write_everything(state)])
            except StateError as error:
                errors = [error]
            if not errors:
                break
        assert not errors
        shutil.rmtree(path.parent)


def test_a_name_of_a_test_that_is_a_number_is_data(tmp_path, make_filled):
    path = tmp_path / "state.db"
    make_filled(path)
    assert put_anywhere(path, "tests", "node_id", 1.5)
    with open_at(Location(str(path), "worktree", None)) as state:
        assert attempt(read_everything(state)) == []
