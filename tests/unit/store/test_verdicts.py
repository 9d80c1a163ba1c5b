"""Verdicts are true in any worktree; what is judged belongs to one."""

from __future__ import annotations

import pytest

from pipeline_state.errors import StateError
from pipeline_state.store.findings import Finding
from pipeline_state.store.verdicts import Judged, Verdict, Verdicts

FIELDS = b"f" * 54


def key(number):
    return number.to_bytes(16, "big")


def finding(**more):
    values = {
        "detector": "ruff", "rule": "F401", "severity": "error", "category": "style", "path": "a.py", "line": 1,
        "column": 8, "end_line": 1, "end_column": 10, "message": "unused", "fingerprint": "f" * 32,
    }  # fmt: skip
    return Finding(**{**values, **more})


@pytest.fixture
def run_id(memory):
    return memory.runs.begin("check").id


@pytest.fixture
def store(memory, run_id):
    def store(*verdicts):
        memory.database.write(lambda: memory.verdicts.add(run_id, verdicts))

    return store


@pytest.fixture
def stand(memory):
    def stand(*judged):
        memory.database.write(lambda: memory.verdicts.stand(judged))

    return stand


@pytest.fixture
def elsewhere(memory):
    """The verdicts as another worktree sees them that shares the database."""
    with memory.database.transaction():
        memory.database.execute("INSERT INTO worktrees (token, first_seen_at) VALUES ('other', '')")
    row = memory.database.one("SELECT id FROM worktrees WHERE token = 'other'")
    return Verdicts(memory.database, row["id"])


def test_a_verdict_is_found_by_its_key_alone(memory, store, elsewhere):
    store(Verdict(key(1), "ruff", "clean"), Verdict(key(2), "json", "excluded"))
    for verdicts in (memory.verdicts, elsewhere):
        assert verdicts.outcomes([key(1), key(2), key(3)]) == {key(1): "clean", key(2): "excluded"}
    assert memory.verdicts.outcomes([]) == {}


def test_any_number_of_keys_can_be_asked_for_at_once(memory, store):
    keys = [key(number) for number in range(2500)]
    store(*(Verdict(one, "ruff", "clean") for one in keys[::2]))
    assert set(memory.verdicts.outcomes(keys)) == set(keys[::2])


def test_a_verdict_that_is_there_stays_with_its_findings(memory, store):
    store(Verdict(key(1), "ruff", "findings", (finding(),)))
    store(Verdict(key(1), "ruff", "findings", (finding(message="other"), finding())), Verdict(key(2), "ruff", "clean"))
    assert memory.findings.of_keys({key(1): "ruff"}) == {key(1): (finding(),)}
    assert memory.verdicts.outcomes([key(2)]) == {key(2): "clean"}


@pytest.mark.parametrize("outcome", ["error", "missing", "fixed", ""])
def test_what_is_no_judgement_cannot_be_stored(memory, store, outcome):
    with pytest.raises(StateError):
        store(Verdict(key(1), "ruff", "clean"), Verdict(key(2), "ruff", outcome))
    assert memory.verdicts.outcomes([key(1), key(2)]) == {}


def test_what_stands_is_replaced_by_what_stands_later(memory, stand, elsewhere):
    stand(Judged("ruff", "a.py", key(1), FIELDS), Judged("ruff", "b.py", key(2), FIELDS))
    stand(Judged("ruff", "a.py", key(3), b"other"))
    pairs = [("ruff", "a.py"), ("ruff", "b.py"), ("json", "a.py")]
    assert memory.verdicts.judged(pairs) == {
        ("ruff", "a.py"): Judged("ruff", "a.py", key(3), b"other"),
        ("ruff", "b.py"): Judged("ruff", "b.py", key(2), FIELDS),
    }
    assert sorted(memory.verdicts.judged_pairs()) == pairs[:2]
    assert (elsewhere.judged(pairs), elsewhere.judged_pairs()) == ({}, [])


def test_asking_for_many_pairs_gives_the_same_as_asking_for_few(memory, stand):
    judged = [Judged("ruff", f"{number}.py", key(number), FIELDS) for number in range(2100)]
    stand(*judged)
    pairs = [(one.detector, one.path) for one in judged]
    found = memory.verdicts.judged(pairs)
    assert found == {(one.detector, one.path): one for one in judged}
    assert memory.verdicts.judged(pairs[:5]) == {pair: found[pair] for pair in pairs[:5]}


def test_what_is_forgotten_does_not_stand_here_and_stands_elsewhere(memory, elsewhere):
    def everything():
        for verdicts in (memory.verdicts, elsewhere):
            verdicts.stand(
                Judged(detector, path, key(1), FIELDS) for detector in ("ruff", "json") for path in ("a", "b")
            )

    verdicts, write = memory.verdicts, memory.database.write
    for forget, left in (
        (lambda: verdicts.forget_paths(["a", "gone"]), {("ruff", "b"), ("json", "b")}),
        (lambda: verdicts.forget_pairs([("ruff", "a")]), {("json", "a"), ("ruff", "b"), ("json", "b")}),
        (lambda: verdicts.forget_other_detectors(["json"]), {("json", "a"), ("json", "b")}),
        (lambda: verdicts.forget_other_detectors([]), set()),
    ):
        write(everything)
        write(forget)
        assert set(verdicts.judged_pairs()) == left
        assert len(elsewhere.judged_pairs()) == 4


def test_a_verdict_outlives_what_stood_on_it(memory, store, stand):
    store(Verdict(key(1), "ruff", "clean"))
    stand(Judged("ruff", "a.py", key(1), FIELDS))
    memory.database.write(lambda: memory.verdicts.forget_paths(["a.py"]))
    assert memory.verdicts.outcomes([key(1)]) == {key(1): "clean"}


# findings ----------------------------------------------------------------------------------------------------------


def test_findings_come_back_as_they_were_in_their_order(memory, store):
    found = (finding(rule="b"), finding(rule="a", line=None, column=None, end_line=None, end_column=None))
    store(Verdict(key(1), "ruff", "findings", found), Verdict(key(2), "json", "clean"))
    assert memory.findings.of_keys({key(1): "ruff", key(2): "json", key(3): "ruff"}) == {key(1): found}


@pytest.mark.parametrize("field", ["severity", "category"])
def test_a_severity_or_a_category_that_nobody_knows_cannot_be_stored(memory, store, field):
    with pytest.raises(StateError):
        store(Verdict(key(1), "ruff", "findings", (finding(**{field: "grave"}),)))
    assert memory.verdicts.outcomes([key(1)]) == {}


def test_the_findings_of_a_run_are_those_that_it_established(memory, store, run_id):
    store(
        Verdict(key(1), "ruff", "findings", (finding(path="b.py"), finding(path="a.py", line=9), finding(path="a.py")))
    )
    assert [(one.path, one.line) for one in memory.findings.of_run(run_id)] == [("a.py", 1), ("a.py", 9), ("b.py", 1)]
    assert memory.findings.of_run(memory.runs.begin("check").id) == ()


def test_open_findings_are_those_that_stand(memory, store, stand):
    store(
        Verdict(key(1), "ruff", "findings", (finding(), finding(severity="warning"), finding())),
        Verdict(key(2), "ruff", "findings", (finding(),)),
        Verdict(key(3), "json", "findings", (finding(),)),
    )
    stand(Judged("ruff", "a.py", key(1), FIELDS), Judged("json", "a.json", key(3), FIELDS))
    assert memory.findings.open_counts() == (("json", "error", 1), ("ruff", "error", 2), ("ruff", "warning", 1))
    stand(Judged("ruff", "a.py", key(9), FIELDS))
    assert memory.findings.open_counts() == (("json", "error", 1),)
