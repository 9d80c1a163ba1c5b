"""JUnit XML, read by a library that others read it with."""

from __future__ import annotations

import io

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped

from pipeline_state.checks.audience import FileOutcome
from pipeline_state.checks.baseline import Baselined
from pipeline_state.checks.result import Fixed, Trouble
from pipeline_state.reports.junit import junit_report


@pytest.fixture
def cases(facts):
    """Each test case of the report by suite and name, after its counts were found right."""

    def cases(one, *outcomes):
        pairs = [FileOutcome(*outcome) for outcome in outcomes]
        read = JUnitXml.fromroot(JUnitXml.fromfile(io.BytesIO(junit_report(one, facts(), pairs).encode()))._elem)
        told = (read.tests, read.failures, read.errors, read.skipped)
        read.update_statistics()
        assert told == (read.tests, read.failures, read.errors, read.skipped)
        return {(suite.name, case.name): case for suite in read for case in suite}

    return cases


def kinds(found):
    return {pair: [type(each) for each in case.result] for pair, case in found.items()}


def test_there_is_a_case_for_each_file_and_detector(cases, result, finding):
    found = cases(
        result(finding(), finding(rule="E1", line=9)),
        ("ruff", "src/a.py", "findings"),
        ("ruff", "b.py", "clean"),
        ("black", "src/a.py", "clean"),
        ("black", "b.py", "excluded"),
    )
    assert kinds(found) == {
        ("ruff", "src/a.py"): [Failure],
        ("ruff", "b.py"): [],
        ("black", "src/a.py"): [],
        ("black", "b.py"): [Skipped],
    }
    (failure,) = found["ruff", "src/a.py"].result
    assert failure.message == "2 findings"
    assert failure.text.splitlines() == [
        "src/a.py:3:8: error: `os` is unused [ruff F401]",
        "src/a.py:9:8: error: `os` is unused [ruff E1]",
    ]


def test_one_finding_is_the_message_itself(cases, result, finding):
    (failure,) = cases(result(finding(message='a\n<b> & "c"')), ("ruff", "src/a.py", "findings"))[
        "ruff", "src/a.py"
    ].result
    assert (failure.type, failure.message) == ("F401", 'a <b> & "c"')


def test_a_file_that_could_not_be_judged_is_an_error(cases, result):
    found = cases(
        result(troubles=(Trouble("ruff", "a.py", "it crashed"),)), ("ruff", "a.py", "error"), ("ruff", "b.py", "clean")
    )
    assert kinds(found) == {("ruff", "a.py"): [Error], ("ruff", "b.py"): []}
    assert found["ruff", "a.py"].result[0].message == "it crashed"


def test_no_file_of_a_detector_in_trouble_has_passed(cases, result):
    found = cases(
        result(troubles=(Trouble("mypy", None, "no such tool"),)), ("mypy", "a.py", "error"), ("mypy", "b.py", "error")
    )
    assert kinds(found) == {("mypy", "mypy"): [Error], ("mypy", "a.py"): [Skipped], ("mypy", "b.py"): [Skipped]}
    assert "no such tool" in found["mypy", "a.py"].result[0].message


def test_trouble_without_a_detector_or_a_selected_file_has_a_case_of_its_own(cases, result):
    found = cases(result(troubles=(Trouble(None, None, "a plugin"), Trouble(None, "staged.py", "differs"))))
    assert kinds(found) == {("pipeline-state", "pipeline-state"): [Error], ("pipeline-state", "staged.py"): [Error]}


def test_a_missing_tool_that_is_optional_is_skipped_and_not_passed(cases, result):
    found = cases(result(troubles=(Trouble("mypy", None, "missing", tolerated=True),)), ("mypy", "a.py", "error"))
    assert kinds(found) == {("mypy", "mypy"): [Skipped], ("mypy", "a.py"): [Skipped]}


def test_what_does_not_fail_is_told_and_passes(cases, result, finding):
    light = result(finding(severity="note"), fail_on="warning", baseline=Baselined((finding(rule="old", path="b"),)))
    found = cases(light, ("ruff", "src/a.py", "findings"), ("ruff", "b", "findings"))
    assert kinds(found) == {("ruff", "src/a.py"): [], ("ruff", "b"): []}
    assert "F401" in found["ruff", "src/a.py"].system_out
    assert found["ruff", "b"].system_out.startswith("in the baseline: ")


def test_a_repaired_file_is_a_failure_as_the_exit_code_is(cases, result):
    found = cases(result(fixed=(Fixed("eof", "a.py"),)), ("eof", "a.py", "clean"))
    assert kinds(found) == {("eof", "a.py"): [Failure]}


def test_nothing_to_check_is_no_case_at_all(cases, result):
    assert cases(result()) == {}
