"""Annotations of GitHub Actions, in the words of its workflow commands."""

from __future__ import annotations

import re

import pytest

from pipeline_state.checks.result import Fixed, Trouble
from pipeline_state.reports.github import github_report


def unescaped(text):
    """What the runner makes of a property or a message."""
    for escape, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, character)
    return text


@pytest.mark.parametrize(
    ("more", "line"),
    [
        (
            {},
            "::error file=src/a.py,line=3,col=8,endColumn=10,title=ruff F401::src/a.py:3:8: error: unused [ruff F401]",
        ),
        (
            {"severity": "warning", "end_line": 5},
            "::warning file=src/a.py,line=3,endLine=5,title=ruff F401::src/a.py:3:8: warning: unused [ruff F401]",
        ),
        (
            {"severity": "note", "line": None, "column": None},
            "::notice file=src/a.py,title=ruff F401::src/a.py: note: unused [ruff F401]",
        ),
    ],
)
def test_a_finding_is_a_command_of_its_weight_at_its_place(result, finding, more, line):
    assert github_report(result(finding(message="unused", **more))) == f"{line}\n"


def test_a_name_cannot_end_a_property_or_begin_a_command(result, finding):
    name = "a,b:c%d::error::e\r\nf"
    text = github_report(result(finding(path=name, message="m\r\n::stop-commands::x\n100%")))
    assert text.count("\n") == 1
    properties, message = re.fullmatch(r"::error (.*?)::(.*)\n", text).groups()
    said = dict(each.split("=", 1) for each in properties.split(","))
    assert unescaped(said["file"]) == "a,b:c%d::error::e\\r\\nf"
    assert unescaped(message).endswith("error: m ::stop-commands::x 100% [ruff F401]")
    assert message.endswith("100%25 [ruff F401]")


def test_what_could_not_be_judged_is_an_annotation_too(result):
    troubles = (
        Trouble("mypy", None, "two\nlines"),
        Trouble(None, "a.py", "why"),
        Trouble("d", None, "m", tolerated=True),
    )
    assert github_report(result(troubles=troubles)).splitlines() == [
        "::error title=mypy%3A not judged::mypy: two%0Alines",
        "::error file=a.py,title=pipeline-state%3A not judged::a.py: why",
        "::warning title=d%3A not judged::d: m",
    ]


def test_a_repaired_file_is_an_error_as_the_exit_code_is(result):
    text = github_report(result(fixed=(Fixed("end-of-file", "a.py"),)))
    assert text == "::error file=a.py,title=end-of-file::a.py: fixed [end-of-file]; commit what it has changed\n"
