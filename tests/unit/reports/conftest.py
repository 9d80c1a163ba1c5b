"""Findings, results and facts that reports are made of."""

from __future__ import annotations

import pytest

from pipeline_state.checks.result import CheckResult
from pipeline_state.reports.report import RunFacts
from pipeline_state.store.check_runs import CheckSummary, DetectorResult
from pipeline_state.store.findings import Finding


@pytest.fixture(scope="session")
def finding():
    """Makes a finding; what is not said of it is ordinary."""

    def finding(**more):
        values = {
            "detector": "ruff", "rule": "F401", "severity": "error", "category": "style", "path": "src/a.py",
            "line": 3, "column": 8, "end_line": 3, "end_column": 10, "message": "`os` is unused",
            "fingerprint": "f" * 32,
        }  # fmt: skip
        return Finding(**{**values, **more})

    return finding


@pytest.fixture(scope="session")
def result():
    """Makes a result of these findings."""

    def result(*findings, **more):
        errors = sum(not one.tolerated for one in more.get("troubles", ()))
        names = dict.fromkeys(one.detector for one in findings)
        detectors = tuple(DetectorResult(name, "1.2", "findings", 1, 1, 0, 0.25) for name in names)
        return CheckResult(CheckSummary(2, 3, 4, len(findings), errors), detectors, findings, **more)

    return result


@pytest.fixture(scope="session")
def facts():
    """Makes the facts of a run that ended with this exit code."""

    def facts(exit_code=1):
        return RunFacts("0123456789abcdef", "2026-01-31T12:34:56.123456Z", 0.5, "0" * 40, "main", "all", exit_code)

    return facts
