"""The report for machines is what its schema promises."""

from __future__ import annotations

import json

import jsonschema
import pytest

from pipeline_state.checks.result import CheckResult, Fixed, Trouble
from pipeline_state.reports.report import RunFacts, json_report
from pipeline_state.store.check_runs import CheckSummary, DetectorResult
from pipeline_state.store.findings import CATEGORIES, SEVERITIES, Finding
from pipeline_state.store.schema import schema_folder

SCHEMA = json.loads((schema_folder() / "report.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
FACTS = RunFacts("0123456789abcdef", "2026-01-31T12:34:56.123456Z", 0.5, "0" * 40, "main", "all", 3)
FULL = CheckResult(
    CheckSummary(2, 3, 4, 1, 1),
    (
        DetectorResult("ruff", "0.17.5", "error", 2, 3, 4, 0.25, "a.py: why"),
        DetectorResult("json", "", "missing", 1, 0, 0, 0.0, "json is missing"),
    ),
    (Finding("ruff", "F401", "error", "style", '"caf\\351.py"', 3, 8, 3, 10, "two\nlines ☃", "f" * 32),),
    troubles=(Trouble("ruff", "a.py", "why"), Trouble(None, None, "a plugin", tolerated=True)),
    fixed=(Fixed("eof", "b.py"),),
)
EMPTY = CheckResult(CheckSummary(0, 0, 0, 0, 0), (), ())


def checked(result, facts=FACTS):
    report = json.loads(json_report(result, facts))
    VALIDATOR.validate(report)
    return report


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_everything_is_in_the_report():
    report = checked(FULL)
    assert report["version"] == 1
    assert report["run"] == FACTS._asdict()
    assert report["summary"] == {"files": 2, "checked": 3, "reused": 4, "findings": 1, "errors": 1}
    assert [one["id"] for one in report["detectors"]] == ["ruff", "json"]
    assert report["findings"] == [FULL.findings[0]._asdict()]
    assert report["fixed"] == [{"detector": "eof", "path": "b.py"}]
    assert [one["tolerated"] for one in report["errors"]] == [False, True]


def test_each_item_has_a_line_of_its_own():
    lines = json_report(FULL, FACTS).splitlines()
    assert [json.loads(line.strip().rstrip(",")) for line in lines if '"rule"' in line] == [FULL.findings[0]._asdict()]
    assert '  "findings": [],' in json_report(EMPTY, FACTS).splitlines()


def test_a_run_that_is_not_recorded_and_a_commit_that_is_not_there_are_null():
    report = checked(EMPTY, FACTS._replace(id=None, commit=None, branch=None))
    assert (report["run"]["id"], report["run"]["commit"], report["run"]["branch"]) == (None, None, None)


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("category", CATEGORIES)
def test_every_severity_and_category_is_in_the_schema(severity, category):
    one = FULL.findings[0]._replace(severity=severity, category=category, line=None, column=None)
    checked(FULL._replace(findings=(one._replace(end_line=None, end_column=None),)))


@pytest.mark.parametrize("outcome", ["clean", "findings", "fixed", "excluded", "error", "missing"])
def test_every_outcome_is_in_the_schema(outcome):
    checked(FULL._replace(detectors=(FULL.detectors[0]._replace(outcome=outcome),)))


def test_the_report_is_ascii_and_ends_with_a_newline():
    text = json_report(FULL, FACTS)
    assert text.isascii()
    assert text.endswith("}\n")


@pytest.mark.parametrize(("key", "value"), [("outcome", "perfect"), ("duration_s", "long"), ("surprise", 1)])
def test_the_schema_refuses_what_is_not_promised(key, value):
    report = checked(FULL)
    report["detectors"][0][key] = value
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(report)
