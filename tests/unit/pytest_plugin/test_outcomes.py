"""What pytest reports, phase by phase, and the one outcome that follows."""

from __future__ import annotations

import pytest

from pipeline_state.pytest_plugin.outcomes import Ledger, judge, phase_outcome


@pytest.mark.parametrize(
    ("setup", "call", "teardown", "overall", "phase"),
    [
        (None, None, None, "running", None),
        ("passed", None, None, "running", None),
        ("passed", "passed", None, "passed", None),
        ("passed", "passed", "passed", "passed", None),
        ("passed", "failed", "passed", "failed", "call"),
        ("passed", "failed", "failed", "failed", "call"),
        ("failed", None, "passed", "error", "setup"),
        ("failed", None, "failed", "error", "setup"),
        ("passed", "passed", "failed", "error", "teardown"),
        ("passed", "skipped", "failed", "error", "teardown"),
        ("passed", "xfailed", "failed", "error", "teardown"),
        ("skipped", None, "passed", "skipped", "setup"),
        ("skipped", None, "failed", "error", "teardown"),
        ("passed", "skipped", "passed", "skipped", "call"),
        ("passed", "xfailed", "passed", "xfailed", "call"),
        ("xfailed", None, "passed", "xfailed", "setup"),
        ("passed", "xpassed", "passed", "xpassed", "call"),
        ("passed", "passed", "skipped", "passed", None),
        ("passed", None, "passed", "not run", None),
    ],
)
def test_the_outcome_of_an_attempt(setup, call, teardown, overall, phase):
    assert judge(setup, call, teardown, 0) == (overall, phase)


@pytest.mark.parametrize("call", [None, "passed", "skipped", "failed"])
def test_a_failed_subtest_makes_a_test_failed_whatever_its_own_report_says(call):
    assert judge("passed", call, "passed", 1) == ("failed", "call")


def test_a_set_up_that_failed_outranks_subtests():
    assert judge("failed", None, "passed", 1) == ("error", "setup")


@pytest.mark.parametrize(
    ("reported", "expected", "outcome"),
    [
        ("passed", False, "passed"),
        ("failed", False, "failed"),
        ("skipped", False, "skipped"),
        ("rerun", False, "failed"),
        ("skipped", True, "xfailed"),
        ("passed", True, "xpassed"),
        ("failed", True, "failed"),
    ],
)
def test_the_outcome_of_a_phase(reported, expected, outcome):
    assert phase_outcome(reported, expected=expected) == outcome


@pytest.fixture
def ledger():
    ledger = Ledger()
    ledger.add("a")
    return ledger


def test_reports_belong_to_the_attempt_that_was_begun(ledger):
    attempt = ledger.begin(0, "a")
    assert ledger.attempt_of(0, "a", None, "setup") is attempt


def test_a_second_set_up_is_a_second_attempt(ledger):
    first = ledger.begin(0, "a")
    first.add("setup", "passed", 0.1)
    second = ledger.attempt_of(0, "a", None, "setup")
    assert (first.number, second.number) == (1, 2)
    assert ledger.under_way() == [second]


def test_subtests_may_come_before_the_set_up_of_their_repetition(ledger):
    first = ledger.begin(0, "a")
    first.add("setup", "passed", 0.1)
    ledger.end(first)
    second = ledger.attempt_of(0, "a", None, "call")
    assert ledger.attempt_of(0, "a", None, "setup") is second


def test_workers_that_run_the_same_test_have_an_attempt_each(ledger):
    one, other = ledger.begin(0, "a"), ledger.begin(0, "a")
    assert ledger.attempt_of(0, "a", "gw1", "setup") is one
    assert ledger.attempt_of(0, "a", "gw0", "setup") is other
    assert ledger.attempt_of(0, "a", "gw1", "call") is one
    ledger.end(one)
    assert ledger.under_way() == [other]


def test_a_report_without_a_start_begins_an_attempt(ledger):
    assert ledger.attempt_of(0, "a", "gw3", "???").worker == "gw3"
    assert ledger.never_begun() == []


def test_tests_without_an_attempt_never_began(ledger):
    ledger.add("b")
    ledger.begin(0, "a")
    assert ledger.never_begun() == ["b"]
