"""Journals become rows exactly once, however often, by whomever, and wherever they end."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_state import open_state
from pipeline_state.store.intake import Reading, store, take_in
from pipeline_state.store.journal import Header, Journal, find, spill_base
from pipeline_state.store.liveness import runs_folder

T = 1_700_000_000_000_000_000
HEADER = Header(
    run="0123456789abcdef",
    database="/somewhere/state.db",
    worktree="t" * 32,
    started=T,
    selection="run",
    rootdir=".",
    arguments=["-q"],
    commit="c" * 40,
    branch="main",
    tree_digest="d" * 32,
    host="here",
    environment={"python": "3.12.1"},
)
LINES = [
    ["n", 0, ["test_a.py::one", "test_a.py::two", "test_a.py::three", "test_a.py::four"]],
    ["c", 4],
    ["s", 0, 1, T + 1000, 4],
    ["r", 0, 1, "setup", "passed", 0.001, "running"],
    ["r", 0, 1, "call", "passed", 0.002, "passed"],
    ["r", 0, 1, "teardown", "passed", 0.003, "passed"],
    ["s", 1, 1, T + 2000, 9, "base.py"],
    ["r", 1, 1, "setup", "passed", 0.001, "running"],
    ["r", 1, 1, "call", "failed", 0.002, "failed", "call", "gw1", None, "E  assert 0"],
    ["r", 1, 1, "teardown", "failed", 0.003, "failed", "call", "gw1", None, "E  assert 0\n\nE  teardown"],
    ["s", 2, 1, T + 3000, 12],
    ["r", 2, 1, "setup", "passed", 0.001, "running"],
]
END = ["e", 1, T + 9000]


def journal(lines, header=HEADER):
    return header.line() + b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def outcomes(state):
    return {one.node_id.partition("::")[2]: one.outcome for one in state.attempts.of_run(HEADER.run)}


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    with open_state(tmp_path / "state.db") as state:
        yield state


def leave(state, content, base=None, name=f"{HEADER.run}.jsonl"):
    """Leave a journal behind as a session does that was killed."""
    folder = runs_folder(base or state.database.path)
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(content)
    return path


def test_a_dead_session_is_closed_as_interrupted_and_every_test_has_its_outcome(state):
    path = leave(state, journal(LINES))
    assert take_in(state).closed == (HEADER.run,)
    run = state.runs.get(HEADER.run)
    assert (run.status, run.exit_code, run.incomplete, run.worktree) == ("interrupted", None, None, HEADER.worktree)
    assert outcomes(state) == {"one": "passed", "two": "failed", "three": "interrupted", "four": "not run"}
    one, two, three, _ = state.attempts.of_run(HEADER.run)
    assert (one.file, one.line, one.started_at) == ("test_a.py", 5, "2023-11-14T22:13:20.000001Z")
    assert (two.file, two.worker, two.failure) == ("base.py", "gw1", "E  assert 0\n\nE  teardown")
    assert (three.phase, list(three.phases)) == ("call", ["setup"])
    assert not os.path.exists(path)


def test_a_session_that_ended_but_could_not_say_so_to_the_database_is_finished(state):
    leave(state, journal([*LINES[:6], END]))
    take_in(state)
    run = state.runs.get(HEADER.run)
    assert (run.status, run.exit_code, run.finished_at) == ("finished", 1, "2023-11-14T22:13:20.000009Z")


def test_a_kill_in_a_teardown_keeps_the_result_and_names_the_test(state):
    leave(state, journal(LINES[:5]))
    take_in(state)
    [attempt] = [one for one in state.attempts.of_run(HEADER.run) if one.outcome == "passed"]
    assert attempt.phases["teardown"].outcome == "interrupted"


def test_an_attempt_that_was_repeated_has_no_interrupted_teardown(state):
    repeated = ["r", 0, 1, "call", "failed", 0.1, "failed", "call", None, None, "E"]
    again = [["s", 0, 2, T + 4000, 4], *([kind, 0, 2, *rest] for kind, _, _, *rest in LINES[3:6])]
    leave(state, journal([*LINES[:4], repeated, *again]))
    take_in(state)
    first, second = (one for one in state.attempts.of_run(HEADER.run) if one.node_id.endswith("one"))
    assert (first.outcome, list(first.phases)) == ("failed", ["setup", "call"])
    assert second.outcome == "passed"
    assert state.attempts.count(HEADER.run)["passed"] == 1


def test_of_a_test_that_was_repeated_the_last_attempt_is_counted(state):
    failed = [["r", 0, number, "call", "failed", 0.1, "failed", "call", None, None, "E"] for number in (1, 2, 3)]
    again = [["s", 0, number, T + 4000, 4] for number in (2, 3, 4)]
    leave(state, journal([*LINES[:4], failed[0], again[0], failed[1], again[1], failed[2]]))
    take_in(state)
    assert state.attempts.count(HEADER.run) == {"failed": 1, "not run": 3}
    assert len([one for one in state.attempts.of_run(HEADER.run) if one.outcome == "failed"]) == 3


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_a_journal_may_end_anywhere(data):
    content = journal([*LINES, END])
    cut = data.draw(st.integers(0, len(content)))
    again = data.draw(st.integers(0, cut))
    with open_state(":memory:") as state:
        size = len(HEADER.line())
        for end, ended_at in ((again, None), (cut, None), (cut, T)):  # in parts, and then once more
            if end >= size:
                store(state, Reading(content[:end]), ended_at=ended_at)
        if cut < size:
            return
        whole = [json.loads(line) for line in content[size:cut].split(b"\n")[:-1]]
        said = {record[1]: record[6] for record in whole if record[0] == "r"}
        named = {0: "one", 1: "two", 2: "three"}
        found = outcomes(state)
        for test, outcome in said.items():
            assert found[named[test]] == ("interrupted" if outcome == "running" else outcome)
        assert "running" not in found.values()


def test_what_is_taken_in_twice_is_there_once(state):
    content = journal(LINES)
    leave(state, content)
    take_in(state)
    before = state.attempts.of_run(HEADER.run)
    leave(state, content)
    take_in(state)
    assert state.attempts.of_run(HEADER.run) == before


def test_many_may_take_in_the_same_journal_at_once(state):
    leave(state, journal(LINES))
    threads = [Thread(target=take_in, args=(state,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes(state) == {"one": "passed", "two": "failed", "three": "interrupted", "four": "not run"}
    assert find(state.database.path) == []


def test_a_living_session_is_left_alone_unless_asked_for(state):
    living = Journal.create(state.database.path, HEADER)
    for line in LINES:
        living.append(json.dumps(line).encode() + b"\n")
    assert take_in(state).closed == ()
    assert state.runs.list(all_worktrees=True) == ()
    take_in(state, live=True)
    assert state.runs.get(HEADER.run).status == "running"
    assert outcomes(state) == {"one": "passed", "two": "failed", "three": "running"}
    living.append(b'["r",2,1,"call","passed",0.1,"passed"]\n')
    take_in(state, live=True)
    assert outcomes(state)["three"] == "passed"
    living.close()
    take_in(state)
    assert state.runs.get(HEADER.run).status == "interrupted"


def test_a_line_that_cannot_be_read_is_reported_and_the_rest_is_kept(state):
    content = journal([*LINES[:6], END])
    leave(state, content.replace(b'["r", 0, 1, "setup"', b'"r", 0, 1, "setup"'))
    take_in(state)
    run = state.runs.get(HEADER.run)
    assert run.incomplete == "1 lines of the journal could not be read"
    assert outcomes(state)["one"] == "passed"


@pytest.mark.parametrize(
    "line",
    [
        ["r", 99, 1, "call", "passed", 0.1, "passed"],
        ["r", -1, 1, "call", "passed", 0.1, "passed"],
        ["r", 0, 0, "call", "passed", 0.1, "passed"],
        ["r", 0, 1, "call", "passed", "long", "passed"],
        ["r", 0, 1, "call", "passed", 0.1, "splendid"],
        ["r", 0, 1, "call", "failed", 0.1, "failed", "nowhere"],
        ["r", [], 1],
        ["s", 0, 1, "noon"],
        ["s", 0, 1, 10**30],
        ["s"],
        ["n", 17, ["x"]],
        ["n", 4, 5],
        ["e", "well"],
        ["e", 1, 10**30],
        ["?"],
        [["r"]],
    ],
    ids=json.dumps,
)
def test_a_line_that_makes_no_sense_does_no_harm(state, line):
    leave(state, journal([*LINES, line, END]))
    take_in(state)
    assert outcomes(state)["one"] == "passed"
    run = state.runs.get(HEADER.run)
    assert (run.status, run.exit_code) == ("finished", 1)
    assert run.incomplete


def test_a_record_that_was_cut_short_claims_nothing_of_what_it_does_not_know(state):
    leave(state, journal(LINES), name=f"{HEADER.run}.incomplete.jsonl")
    take_in(state)
    assert outcomes(state) == {"one": "passed", "two": "failed", "three": "interrupted"}
    assert state.runs.get(HEADER.run).incomplete


def test_a_journal_of_a_newer_program_stays_where_it_is(state):
    path = leave(state, b'{"version": 99}\n["c", 1]\n')
    assert "format 99" in take_in(state).left[path]
    assert os.path.exists(path)


def test_a_journal_of_an_older_program_is_taken_in(state):
    leave(state, journal(LINES).replace(b'"version": 2', b'"version": 1', 1))
    assert take_in(state).closed == (HEADER.run,)


def test_a_session_that_died_before_its_first_line_leaves_nothing(state):
    path = leave(state, HEADER.line()[:20])
    assert take_in(state).closed == ()
    assert not os.path.exists(path)


def test_the_users_state_folder_is_looked_into(state):
    mine = replace(HEADER, database=state.database.path, worktree=state.token)
    path = leave(state, journal(LINES, mine), base=spill_base(state.token))
    assert take_in(state).closed == (HEADER.run,)
    assert not os.path.exists(path)


def test_what_another_database_of_the_worktree_left_there_is_not_taken(state):
    path = leave(state, journal(LINES), base=spill_base(state.token))
    assert take_in(state).closed == ()
    assert os.path.exists(path)


def test_a_node_id_that_no_encoding_holds_is_stored(state):
    names = ["n", 0, ["\ud800", "a\0b", "caf\udce9.py::x", "ü"]]
    leave(state, journal([names, ["c", 4]]))
    take_in(state)
    assert {one.outcome for one in state.attempts.of_run(HEADER.run)} == {"not run"}
    assert len(state.attempts.of_run(HEADER.run)) == 4


def test_nothing_to_take_in_costs_nothing(state):
    import time

    take_in(state)
    begun = time.perf_counter()
    for _ in range(100):
        take_in(state)
    assert time.perf_counter() - begun < 0.5  # seconds, for a hundred; on a busy machine, too
