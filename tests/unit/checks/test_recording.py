"""What a run leaves behind; and that a store which cannot be written never stops a check."""

from __future__ import annotations

import pytest

from pipeline_state.checks.recording import Recording
from pipeline_state.checks.result import CheckResult
from pipeline_state.location import Location
from pipeline_state.store.check_runs import CheckSummary, DetectorResult
from pipeline_state.store.snapshots import SnapshotRow
from pipeline_state.store.stat_cache import Content, Stamp
from pipeline_state.store.state import open_at
from pipeline_state.store.verdicts import Judged, Verdict

RESULT = CheckResult(CheckSummary(1, 1, 0, 0, 0), (DetectorResult("json", "1.0", "clean", 1, 1, 0, 0.1),), ())
VERDICT = (Verdict(b"k" * 16, "json", "clean"), Judged("json", "a.json", b"k" * 16, b"f"))
SNAPSHOT = SnapshotRow("all", b"", b"", b"", b"", "", b"", b"", b"", b"digest", b"tree")
KEPT = {
    "learnt": {},
    "standing": (),
    "gone_paths": (),
    "gone_pairs": (),
    "only_detectors": None,
    "snapshot": None,
}


@pytest.fixture
def recording(state):
    return Recording(state, ["check", "--all-files"], "0" * 40, "main")


def break_table(state, table):
    """From now on nothing can be written into a table."""
    connection = state.database.connection
    for what in ("INSERT", "UPDATE"):
        connection.execute(
            f"CREATE TRIGGER broken_{what} BEFORE {what} ON {table} BEGIN SELECT RAISE(ABORT, 'broken'); END"
        )


def test_a_run_is_recorded_from_its_begin_to_its_end(state, recording):
    recording.begin()
    run = state.runs.get(recording.run_id)
    assert (run.kind, run.status, run.arguments) == ("check", "running", ("check", "--all-files"))
    assert (run.commit_id, run.branch) == ("0" * 40, "main")
    recording.finish(RESULT)
    run = state.runs.get(recording.run_id)
    assert (run.status, run.exit_code) == ("finished", 0)
    assert state.check_runs.summary(run.id) == RESULT.summary
    assert state.check_runs.detectors(run.id) == RESULT.detectors
    assert recording.notices == []


def test_a_run_with_nothing_to_do_is_recorded_in_one_go(state, recording):
    recording.finish(RESULT)
    (run,) = state.runs.list()
    assert (run.id, run.status) == (recording.run_id, "finished")
    assert state.check_runs.summary(run.id) == RESULT.summary


def test_what_was_judged_is_stored_with_its_run(state, recording):
    recording.begin()
    recording.judged([VERDICT])
    recording.judged([])
    assert state.verdicts.outcomes([b"k" * 16]) == {b"k" * 16: "clean"}
    assert state.verdicts.judged([("json", "a.json")])[("json", "a.json")] == VERDICT[1]
    assert state.database.one("SELECT run FROM verdicts")[0] == recording.run_id


def test_an_interrupted_run_keeps_what_was_judged(state, recording):
    recording.begin()
    recording.judged([VERDICT])
    recording.interrupt()
    assert state.runs.get(recording.run_id).status == "interrupted"
    assert state.verdicts.outcomes([b"k" * 16]) == {b"k" * 16: "clean"}


def test_what_the_next_run_starts_from_is_kept_together(state, recording):
    recording.begin()
    content = Content(Stamp(1, 2, 3, 4, 5), b"d")
    recording.judged(
        [VERDICT, (VERDICT[0], VERDICT[1]._replace(path="gone")), (VERDICT[0], VERDICT[1]._replace(detector="old"))]
    )
    recording.keep(
        learnt={"caf\udce9": content},
        standing=[VERDICT[1]._replace(path="b.json")],
        gone_paths=["gone"],
        gone_pairs=[],
        only_detectors=["json"],
        snapshot=SNAPSHOT,
    )
    assert state.stat_cache.all() == {'"caf\\351"': content}
    assert sorted(state.verdicts.judged_pairs()) == [("json", "a.json"), ("json", "b.json")]
    assert state.snapshots.get("all") == SNAPSHOT


def begin(recording):
    recording.begin()


@pytest.mark.parametrize(
    ("table", "act"),
    [
        ("runs", begin),
        ("verdicts", lambda one: one.judged([VERDICT])),
        ("judged", lambda one: one.judged([VERDICT])),
        ("snapshots", lambda one: one.keep(**{**KEPT, "snapshot": SNAPSHOT})),
        ("tools", lambda one: one.learn_version(b"d", "1")),
        ("check_summaries", lambda one: one.finish(RESULT)),
        ("runs", lambda one: one.interrupt()),
    ],
)
def test_what_cannot_be_stored_is_said_once_and_the_check_goes_on(state, recording, table, act):
    if act is not begin:
        recording.begin()
    break_table(state, table)
    act(recording)
    for _ in range(2):
        recording.judged([VERDICT])
        recording.keep(**KEPT)
        recording.finish(RESULT)
    (notice,) = recording.notices
    assert "broken" in notice
    assert notice.endswith("the check went on, and nothing more of it is stored")


def test_half_of_what_was_judged_is_not_stored(state, recording):
    recording.begin()
    break_table(state, "judged")
    recording.judged([VERDICT])
    assert state.verdicts.outcomes([b"k" * 16]) == {}


def test_a_state_that_can_only_be_read_is_said_and_left_alone(tmp_path):
    location = Location(str(tmp_path / "state.db"), "argument", None)
    open_at(location).close()
    with open_at(location, read_only=True) as state:
        recording = Recording(state, [], None, None)
        recording.begin()
        recording.judged([VERDICT])
        recording.finish(RESULT)
        assert recording.run_id is None
        assert state.runs.list() == ()
    assert recording.notices == [f"{tmp_path / 'state.db'} can only be read: nothing of this run is stored"]
