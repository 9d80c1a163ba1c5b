"""What a check came to, as an exit code."""

from __future__ import annotations

import pytest

from pipeline_state.checks.findings import SEVERITIES, Finding
from pipeline_state.checks.result import CheckResult, Fixed, Trouble
from pipeline_state.store.check_runs import CheckSummary


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
