from __future__ import annotations

import pytest

from pipeline_state.config import Retention
from pipeline_state.errors import ReadOnlyDatabaseError
from pipeline_state.store import clock, retention
from pipeline_state.store.retention import Pruned, is_due, prune, vacuum


def days(number):
    return clock.days_ago(number)


@pytest.fixture
def database(memory):
    return memory.database


@pytest.fixture
def runs(memory):
    """Runs of 1 to 10 days ago, by their age."""
    made = {}
    for age in range(1, 11):
        run = memory.runs.begin("check", ["x"], environment={"age": str(age)}, started_at=days(age))
        memory.runs.finish(run.id, 0)
        made[age] = run.id
    return made


def left(memory):
    return {run.id for run in memory.runs.list(-1)}


@pytest.mark.parametrize(("older_than", "keep", "stay"), [(4.5, 2, 4), (4.5, 6, 6), (0, 1, 1), (0, 0, 0), (99, 0, 10)])
def test_old_runs_go_except_for_the_newest(memory, database, runs, older_than, keep, stay):
    pruned = prune(database, older_than, keep)
    assert left(memory) == {run for age, run in runs.items() if age <= stay}
    assert (pruned.runs, pruned.environments) == (10 - stay, 10 - stay)
    assert len(database.all("SELECT * FROM run_arguments")) == stay


def test_a_run_that_is_going_on_stays(memory, database):
    run = memory.runs.begin("check", started_at=days(1000))
    assert prune(database, 1, 0).runs == 0
    assert left(memory) == {run.id}


def test_of_each_kind_and_worktree_the_newest_stay(memory, database):
    for kind in ("check", "pytest"):
        for age in (5, 6):
            memory.runs.finish(memory.runs.begin(kind, started_at=days(age)).id, 0)
    prune(database, 1, 1)
    assert sorted(run.kind for run in memory.runs.list()) == ["check", "pytest"]


def test_verdicts_that_no_file_stands_for_go_with_their_findings(database):
    with database.transaction():
        for key, age in [(b"old", 9), (b"used", 9), (b"new", 1)]:
            database.execute("INSERT INTO verdicts VALUES (?, 'd', 'findings', NULL, ?)", (key, days(age)))
            database.execute(
                "INSERT INTO findings (key, position, rule, severity, category, path, message, fingerprint)"
                " VALUES (?, 0, 'r', 'error', 'other', 'p', 'm', 'f')",
                (key,),
            )
        database.execute("INSERT INTO judged VALUES (1, 'd', 'p', ?, x'')", (b"used",))
    assert prune(database, 5, 0).verdicts == 1
    assert [row["key"] for row in database.all("SELECT key FROM verdicts ORDER BY key")] == [b"new", b"used"]
    assert len(database.all("SELECT * FROM findings")) == 2


def test_many_verdicts_go_in_small_transactions(database, monkeypatch):
    monkeypatch.setattr(retention, "_BATCH", 10)
    with database.transaction():
        rows = [(b"%d" % number, days(9)) for number in range(35)]
        database.many("INSERT INTO verdicts VALUES (?, 'd', 'clean', NULL, ?)", rows)
    assert prune(database, 5, 0).verdicts == 35


def test_tests_without_attempts_go(memory, database):
    run = memory.runs.begin("pytest", started_at=days(9))
    with database.transaction():
        database.many("INSERT INTO tests (rootdir, node_id) VALUES ('', ?)", [("a",), ("b",)])
        database.execute(
            "INSERT INTO attempts (run, test, number, outcome)"
            " SELECT ?, id, 1, 'passed' FROM tests WHERE node_id = 'a'",
            (run.id,),
        )
    assert prune(database, 5, 0).tests == 1
    memory.runs.finish(run.id, 0)
    assert prune(database, 5, 0) == Pruned(runs=1, verdicts=0, tests=1, environments=0)


def test_housekeeping_is_done_once_a_day(memory, database, runs):
    assert memory.housekeeping(Retention(days=5, runs=0))
    assert len(left(memory)) == 4
    assert not is_due(database)
    assert not memory.housekeeping(Retention(days=0, runs=0))
    with database.transaction():
        database.execute("UPDATE maintenance SET done_at = ?", (days(1.1),))
    assert memory.housekeeping(Retention(days=0, runs=0))
    assert left(memory) == set()
    assert len(runs) == 10


def test_what_can_only_be_read_is_left_alone(state, reopen):
    assert state.path
    reader = reopen(read_only=True)
    assert not reader.housekeeping(Retention())
    with pytest.raises(ReadOnlyDatabaseError):
        vacuum(reader.database)


def test_vacuum_gives_space_back(state, path):
    with state.database.transaction():
        state.database.many("INSERT INTO maintenance VALUES (?, '')", [(f"{number}" * 500,) for number in range(1000)])
    with state.database.transaction():
        state.database.execute("DELETE FROM maintenance")
    vacuum(state.database)
    size = path.stat().st_size
    assert size < 500_000
    assert state.database.one("PRAGMA integrity_check")[0] == "ok"
