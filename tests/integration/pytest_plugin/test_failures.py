"""Whatever fails in the recorder, the tests' own outcome and exit code stay as they are."""

from __future__ import annotations

import sys

import pytest

from pipeline_state import open_state
from pipeline_state.store.intake import take_in

TESTS = "def test_1(): pass\ndef test_2(): assert 0\ndef test_3(): pass\n"
EXPECTED = {"test_1": "passed", "test_2": "failed", "test_3": "passed"}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits of size and open files that vanish are POSIX")


def warnings_in(output):
    return [line for line in output.splitlines() if "pipeline-state: warning" in line]


def block(path):
    """Put a file where a folder is to be made: that stops root, too, whom permissions do not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")


def test_a_folder_that_cannot_be_written_sends_the_journal_to_the_users_state_folder(project, monkeypatch):
    project.write(test_x=TESTS)
    block(project.root / ".worktrees")
    done = project.record()
    assert done.returncode == 1, done.stdout
    assert "1 failed, 2 passed" in done.stdout
    [journal] = (project.home / "state" / "pipeline-state").rglob("*.jsonl")
    warnings = warnings_in(done.stdout)
    assert len(warnings) == 1
    assert str(journal) in warnings[0]

    (project.root / ".worktrees").unlink()
    monkeypatch.chdir(project.root)
    with open_state() as state:
        [run] = take_in(state).closed
        assert state.runs.get(run).exit_code == 1
    assert project.outcomes() == EXPECTED
    assert not journal.exists()


def test_no_folder_at_all_means_one_warning(project):
    project.write(test_x=TESTS)
    block(project.root / ".worktrees")
    block(project.home / "state")
    done = project.record()
    assert done.returncode == 1
    assert "1 failed, 2 passed" in done.stdout
    assert len(warnings_in(done.stdout)) == 1


FULL = """
import resource

import pytest

def test_before(): pass

def test_limit():
    import pathlib
    [journal] = pathlib.Path({root!r}).glob("*.jsonl")
    size = journal.stat().st_size + 60
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

@pytest.mark.parametrize("number", range(1000))  # fills the room that was taken for the journal before
def test_not_kept(number): pass

def test_failed(): assert 0

def test_after():
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
"""


def test_a_full_disk_costs_one_warning_that_names_the_first_test_not_kept(project):
    project.write(test_x=FULL.format(root=str(project.database) + ".runs"))
    done = project.record("-p", "no:cacheprovider", "--capture=no")
    assert done.returncode == 1, done.stdout
    assert "1 failed, 1003 passed" in done.stdout
    [warning] = warnings_in(done.stdout)
    assert "test_not_kept" in warning
    run, attempts = project.latest()
    assert (run.status, run.exit_code) == ("finished", 1)
    assert "nothing is recorded from" in run.incomplete
    outcomes = {one.node_id.partition("::")[2]: one.outcome for one in attempts}
    assert outcomes["test_before"] == "passed"
    assert "test_failed" not in outcomes, "it ran: to call it not run would be wrong"


def test_a_full_disk_and_then_kill_leaves_a_record_that_says_that_it_is_cut_short(project):
    text = FULL.format(root=str(project.database) + ".runs") + "    import os\n    os.kill(os.getpid(), 9)\n"
    project.write(test_x=text)
    project.record("-p", "no:cacheprovider", "--capture=no")
    run, attempts = project.latest()
    assert run.status == "interrupted"
    assert run.incomplete
    assert "not run" not in {one.outcome for one in attempts}


@pytest.mark.parametrize("damage", ["text", "newer", "folder"])
def test_a_database_that_cannot_be_used_leaves_the_journal(project, tmp_path, damage):
    project.write(test_x=TESTS)
    database = tmp_path / "other.db"
    if damage == "text":
        database.write_text("this is no database " * 100)
    elif damage == "newer":
        with open_state(database) as state:
            connection = state.connect()
            connection.execute("PRAGMA user_version = 99")
            connection.execute("INSERT INTO schema_version VALUES (99, 'newer', '', '', 99, '99.0')")
            connection.close()
    else:
        (tmp_path / "other.db").mkdir()
    before = database.read_bytes() if database.is_file() else None
    done = project.record("--pipeline-state-db", str(database))
    if damage == "folder":  # named by hand: better told at once
        assert done.returncode == 4
        assert "it is a folder" in done.stdout
        return
    assert done.returncode == 1
    assert "1 failed, 2 passed" in done.stdout
    [warning] = warnings_in(done.stdout)
    [journal] = database.with_name("other.db.runs").glob("*.jsonl")
    assert str(journal) in warning
    if damage == "text":
        assert database.read_bytes() == before


def test_a_locked_database_during_the_run_is_waited_for_at_the_end(project):
    project.write(
        test_x="import sqlite3\n"
        "connection = None\n"
        "def test_1():\n"
        "    global connection\n"
        f"    connection = sqlite3.connect({str(project.database)!r}, isolation_level=None)\n"
        "    connection.execute('BEGIN IMMEDIATE')\n"
        "def test_2(): connection.execute('ROLLBACK')\n"
    )
    assert project.record().returncode == 0
    assert project.outcomes() == {"test_1": "passed", "test_2": "passed"}


GRIEF = """
import pathlib, shutil, sqlite3, subprocess, sys, time

DATABASE = pathlib.Path({database!r})

def test_1(): pass

def test_2():
    shutil.copy(DATABASE, DATABASE.with_name("good copy"))
    {what}
    assert 0

def test_3(): pass
"""
LOCKS = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); "
LOCKS += "c.execute('BEGIN EXCLUSIVE'); print('locked', flush=True); sys.stdin.read()"
GRIEFS = {
    "newer": "c = sqlite3.connect(DATABASE); c.execute('PRAGMA user_version = 99'); "
    "c.execute('INSERT INTO schema_version VALUES (99, ?, ?, ?, 99, ?)', ('newer', '', '', '99.0')); c.commit()",
    "corrupt": "DATABASE.write_bytes(b'SQLite format 3' + bytes(5000))",
    "locked": f"subprocess.Popen([sys.executable, '-c', {LOCKS!r}, str(DATABASE)], stdin=subprocess.PIPE, "
    "stdout=subprocess.PIPE).stdout.readline()",
    "no room": "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (16000, 16000))",
    "a folder in its place": "DATABASE.unlink(); DATABASE.mkdir()",
}


@pytest.mark.parametrize("grief", GRIEFS)
def test_what_comes_over_the_database_during_a_run_is_not_the_tests_loss(project, grief):
    project.write(test_x=GRIEF.format(database=str(project.database), what=GRIEFS[grief]))
    done = project.record("-p", "no:cacheprovider")
    assert done.returncode == 1, done.stdout
    assert "1 failed, 2 passed" in done.stdout
    [warning] = warnings_in(done.stdout)
    [journal] = project.journals()
    assert str(journal) in warning
    for path in project.database.parent.glob("pipeline_state.db*"):
        if path.name in ("pipeline_state.db", "pipeline_state.db-wal", "pipeline_state.db-shm"):
            path.rmdir() if path.is_dir() else path.unlink()
    (project.database.with_name("good copy")).rename(project.database)
    assert project.outcomes() == EXPECTED, "the next command takes in what was kept"
    assert not project.journals()


def test_a_database_that_vanishes_during_the_run_is_made_again(project):
    project.write(
        test_x="import pathlib\ndef test_1():\n"
        f"    for path in pathlib.Path({str(project.root)!r}, '.worktrees').glob('pipeline_state.db*'):\n"
        "        path.is_dir() or path.unlink()\n"
    )
    assert project.record().returncode == 0
    assert project.outcomes() == {"test_1": "passed"}


def test_a_journal_that_vanishes_during_the_run_changes_nothing(project):
    project.write(
        test_x="import pathlib\ndef test_1():\n"
        f"    for path in pathlib.Path({str(project.root)!r}, '.worktrees').rglob('*.jsonl'):\n"
        "        path.unlink()\n"
    )
    assert project.record().returncode == 0
    assert project.outcomes() == {"test_1": "passed"}


def test_a_defect_in_the_recorder_changes_nothing(project):
    project.write(
        test_x=TESTS,
        conftest="def pytest_collection_finish(session):\n"
        "    recorder = session.config.pluginmanager.get_plugin('pipeline_state_recorder')\n"
        "    recorder._chronicle.passing._numbers = None\n",
    )
    done = project.record()
    assert done.returncode == 1
    assert "1 failed, 2 passed" in done.stdout
    [warning] = warnings_in(done.stdout)
    assert "nothing is recorded from test_x.py::test_1 on: AttributeError" in warning
    assert project.latest()[0].incomplete


def test_with_no_terminal_a_warning_is_said_all_the_same(project, tmp_path):
    project.write(test_x="def test_1(): pass\n")
    (tmp_path / "text.db").write_text("no database " * 100)
    done = project.record("-p", "no:terminal", "--pipeline-state-db", str(tmp_path / "text.db"))
    assert done.returncode == 0
    assert len(warnings_in(done.stdout)) == 1
