"""What a check came to, as an exit code."""

from __future__ import annotations

import pytest

from pipeline_state.checks.findings import SEVERITIES, Finding
from pipeline_state.checks.result import CheckResult, Fixed, Trouble, by_detector
from pipeline_state.store.check_runs import CheckSummary, DetectorResult


def found(severity):
    finding = Finding("ruff", "E501", severity, "style", "a.py", 1, 1, None, None, "message", "f" * 32)
    return CheckResult(CheckSummary(1, 1, 0, 1, 0), (), (finding,))


@pytest.mark.parametrize(("fail_on", "codes"), [("note", [1, 1, 1]), ("warning", [1, 1, 0]), ("error", [1, 0, 0])])
def test_a_finding_fails_only_if_it_is_grave_enough(fail_on, codes):
    results = [found(severity)._replace(fail_on=fail_on) for severity in SEVERITIES]
    assert [result.exit_code for result in results] == codes


def test_what_was_fixed_or_could_not_be_judged_is_not_a_matter_of_weight():
    result = found("note")._replace(fail_on="error")
    assert result.exit_code == 0
    assert result._replace(fixed=(Fixed("ruff", "a.py"),)).exit_code == 1
    assert result._replace(troubles=(Trouble("ruff", None, "broken"),)).exit_code == 3


def test_a_detector_has_one_result_under_all_of_its_settings():
    outcomes = ("clean", "excluded", "findings")
    parts = [
        DetectorResult("ruff", "" if outcome == "clean" else "1", outcome, 2, 1, 1, 0.25, None) for outcome in outcomes
    ]
    other = DetectorResult("json", "2", "clean", 1, 1, 0, 0.5)
    assert by_detector([parts[0], other, *parts[1:]]) == (
        DetectorResult("ruff", "1", "findings", 6, 3, 3, 0.75, None),
        other,
    )


@pytest.mark.parametrize(
    ("outcomes", "whole"),
    [
        (("excluded", "excluded"), "excluded"),
        (("excluded", "clean"), "clean"),
        (("clean", "fixed"), "fixed"),
        (("findings", "error"), "error"),
        (("error", "missing"), "missing"),
    ],
)
def test_the_gravest_outcome_is_that_of_the_whole(outcomes, whole):
    parts = [DetectorResult("ruff", "1", outcome, 1, 1, 0, 0.1, outcome) for outcome in outcomes]
    (one,) = by_detector(parts)
    assert (one.outcome, one.message) == (whole, outcomes[0])
