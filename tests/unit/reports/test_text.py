"""The report for people: one line for each finding, whatever is in it, and one that sums up."""

from __future__ import annotations

import pytest

from pipeline_state.checks.result import CheckResult, Explanation, Fixed, Trouble
from pipeline_state.reports.text import explanation_line, finding_line, printable, text_report
from pipeline_state.store.check_runs import CheckSummary
from pipeline_state.store.findings import Finding


def finding(**more):
    values = {
        "detector": "ruff", "rule": "F401", "severity": "error", "category": "style", "path": "src/a.py", "line": 3,
        "column": 8, "end_line": 3, "end_column": 10, "message": "`os` is unused", "fingerprint": "f" * 32,
    }  # fmt: skip
    return Finding(**{**values, **more})


def result(files=2, checked=3, reused=4, findings=(), errors=0, **more):
    return CheckResult(CheckSummary(files, checked, reused, len(findings), errors), (), tuple(findings), **more)


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({}, "src/a.py:3:8: error: `os` is unused [ruff F401]"),
        ({"column": None}, "src/a.py:3: error: `os` is unused [ruff F401]"),
        ({"line": None, "column": None, "severity": "warning"}, "src/a.py: warning: `os` is unused [ruff F401]"),
        ({"message": "two\nlines  and\ttabs"}, "src/a.py:3:8: error: two lines and tabs [ruff F401]"),
        ({"message": "red \x1b[31m"}, "src/a.py:3:8: error: red \\x1b[31m [ruff F401]"),
        ({"path": "two\nlines.py"}, "two\\nlines.py:3:8: error: `os` is unused [ruff F401]"),
    ],
)
def test_a_finding_is_one_line_that_editors_follow(more, line):
    assert finding_line(finding(**more)) == line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ünï ☃", "plain ünï ☃"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("\x1b[2J\x07", "\\x1b[2J\\x07"),
        ("\udcff", "\\udcff"),
        ("\u202etxt.exe", "\\u202etxt.exe"),
        ("it's", "it's"),
    ],
)
def test_nothing_that_a_terminal_would_obey_is_printed(text, shown):
    assert printable(text) == shown
    assert printable(text).isprintable()


@pytest.mark.parametrize(
    ("result", "line"),
    [
        (result(), "nothing found: 2 files, 3 checked, 4 reused in 1.50 s"),
        (result(files=1), "nothing found: 1 file, 3 checked, 4 reused in 1.50 s"),
        (result(0, 0, 0), "nothing to check: 0 files, 0 checked, 0 reused in 1.50 s"),
        (result(findings=[finding()]), "1 finding: 2 files, 3 checked, 4 reused in 1.50 s"),
        (
            result(findings=[finding()] * 2, errors=1, fixed=(Fixed("eof", "a"), Fixed("tws", "a"), Fixed("eof", "b"))),
            "2 findings, 2 fixed, 1 error: 2 files, 3 checked, 4 reused in 1.50 s",
        ),
    ],
)
def test_the_last_line_sums_up(result, line):
    assert text_report(result, 1.499).splitlines()[-1] == line


def test_findings_come_first_and_then_what_was_fixed():
    lines = text_report(result(findings=[finding(), finding(line=9)], fixed=(Fixed("eof", "b\n"),)), 0).splitlines()
    assert [line.split(":")[0] for line in lines] == ["src/a.py", "src/a.py", "b\\n", "2 findings, 1 fixed"]


def test_troubles_and_notices_are_no_part_of_the_report():
    said = result(troubles=(Trouble("ruff", None, "why"),), notices=("a notice",), errors=1)
    assert text_report(said, 0).count("\n") == 1


@pytest.mark.parametrize(
    ("explanation", "line"),
    [
        (Explanation("ruff", "a.py", True), "reused ruff a.py: nothing moved"),
        (Explanation("ruff", "a.py", False, ("content", "scope")), "judged ruff a.py: moved: content, scope"),
        (Explanation("ruff", "a\n", False, (), "not judged before"), "judged ruff a\\n: not judged before"),
    ],
)
def test_why_a_verdict_was_reused_or_not_is_one_line(explanation, line):
    assert explanation_line(explanation) == line
