from __future__ import annotations

import pytest

from pipeline_state.errors import StateError
from pipeline_state.store.check_runs import CheckSummary, DetectorResult

SUMMARY = CheckSummary(files=3, checked=4, reused=5, findings=6, errors=7)
RUFF = DetectorResult("ruff", "0.17.5", "findings", 3, 2, 1, 0.25)
JSON = DetectorResult("json", "1.0", "missing", 1, 0, 0, 0.0, "json is missing")


@pytest.fixture
def record(memory):
    def record(*detectors):
        run = memory.runs.begin("check")
        memory.database.write(lambda: memory.check_runs.record(run.id, SUMMARY, detectors))
        return run.id

    return record


def test_what_a_run_came_to_comes_back_as_it_was(memory, record):
    run = record(RUFF, JSON)
    assert memory.check_runs.summary(run) == SUMMARY
    assert memory.check_runs.detectors(run) == (JSON, RUFF)


def test_a_run_that_has_not_come_to_its_end_has_neither(memory):
    run = memory.runs.begin("check")
    assert memory.check_runs.summary(run.id) is None
    assert memory.check_runs.detectors(run.id) == ()


def test_a_run_comes_to_its_end_once_and_an_outcome_is_one_of_the_table(memory, record):
    run = record(RUFF)
    with pytest.raises(StateError):
        memory.database.write(lambda: memory.check_runs.record(run, SUMMARY, [JSON]))
    assert memory.check_runs.detectors(run) == (RUFF,)
    with pytest.raises(StateError):
        record(RUFF._replace(outcome="perfect"))
