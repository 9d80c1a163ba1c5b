"""Lines read with somebody's regular expression: what is read, what is refused, and that it ends."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_state.checks.declaration import Output, ReportError
from pipeline_state.checks.parsers import pattern
from pipeline_state.checks.parsers.entries import Meaning
from pipeline_state.checks.parsers.pattern import Pattern, objection

REPORTS = Path(__file__).parent / "reports"
UNIX = Pattern(r"(?P<path>.+?):(?P<line>\d+):(?:(?P<column>\d+):)? (?P<message>.*)")
RUFF = Pattern(
    r"(?P<path>.+?):(?P<line>\d+):(?P<column>\d+): (?P<rule>[A-Z]+\d+) (?P<message>.*)",
    passed_over=r"\[\*\] .*fixable.*",
    closing=r"Found (?P<count>\d+) errors?\.|All checks passed!",
)
MYPY = Pattern(
    r"(?P<path>.+?):(?P<line>\d+):(?P<column>\d+):(?P<end_line>\d+):(?P<end_column>\d+): (?P<severity>\w+): "
    r"(?P<message>.*?)(?:  \[(?P<rule>[\w-]+)\])?",
    closing=r"Found (?P<count>\d+) errors? in .*|Success: .*",
    meaning=Meaning(category="type"),
)


def read(stdout, wanted=UNIX, *names):
    stdout = stdout if isinstance(stdout, bytes) else stdout.encode()
    return pattern.parse(Output(("tool", *names), 1, stdout, b"", names), wanted).problems


def test_what_real_tools_wrote_is_read():
    found = read((REPORTS / "ruff-0.17.txt").read_bytes(), RUFF)
    assert {name: [(p.rule, p.line, p.column) for p in said] for name, said in found.items()} == {
        "a.py": [("F401", 1, 8), ("F401", 1, 12), ("F821", 3, 12)],
        "sp ace é%%20.py": [("F401", 1, 8)],
    }
    (problem,) = read((REPORTS / "mypy-2.txt").read_bytes(), MYPY)["t.py"]
    assert (problem.rule, problem.column, problem.end_column) == ("assignment", 10, 12)
    assert (problem.severity, problem.category) == ("error", "type")


def test_with_a_closing_line_no_beginning_of_a_report_is_a_report():
    whole = (REPORTS / "ruff-0.17.txt").read_bytes()
    end = whole.index(b"[*] 3 fixable")
    for length in range(0, end, 7):
        with pytest.raises(ReportError):
            read(whole[:length], RUFF)
    assert read(whole[:end], RUFF)


def test_the_count_of_the_closing_line_must_be_true():
    assert read("a.py:1:1: F401 m\nFound 1 error.\n", RUFF)
    assert read("All checks passed!\n", RUFF) == {}
    for text in ("Found 1 error.\n", "a.py:1:1: F401 m\nFound 2 errors.\n", "Found 0 errors.\na.py:1:1: F401 m\n"):
        with pytest.raises(ReportError):
            read(text, RUFF)


def test_a_line_that_is_not_known_is_refused():
    assert list(read("a.py:1: m\n\n  \n")) == ["a.py"]
    for text in ("a.py:1: m\nTraceback (most recent call last):\n", "a.py:1: m", "x\n"):
        with pytest.raises(ReportError):
            read(text)
    passed = UNIX._replace(passed_over=r"In file included .*")
    assert list(read("In file included from b.h\na.py:1: m\r\n", passed)) == ["a.py"]


def test_a_finding_that_may_be_about_another_file_is_refused():
    assert list(read("a.py:1:2: m\n", UNIX, "a.py", "a.pyi")) == ["a.py"]
    with pytest.raises(ReportError, match="or about"):
        read("a.py:1: b:2: m\n", UNIX, "a.py", "a.py:1: b")


def test_undecodable_names_come_back_as_they_were():
    assert list(read(b"caf\xe9.py:1: m\n")) == ["caf\udce9.py"]


def test_stderr_can_be_read_instead():
    output = Output(("tool",), 1, b"noise", b"a.py:1: m\n")
    assert list(pattern.parse(output, UNIX._replace(stream="stderr")).problems) == ["a.py"]


def test_an_expression_that_takes_too_long_is_ended(monkeypatch):
    monkeypatch.setattr(pattern, "LONGEST_S", 0.5)
    start = time.monotonic()
    with pytest.raises(ReportError, match="could not be matched"):
        read("a" * 60 + "!\n", Pattern(r"(?P<path>(a+)+)(?P<message>$)"))
    assert time.monotonic() - start < 5


def test_a_line_without_an_end_in_sight_is_refused():
    with pytest.raises(ReportError, match="more than"):
        read("a.py:1: " + "x" * pattern.LONGEST_LINE + "\n")


@pytest.mark.parametrize(
    "expression", ["(", "(?P<path>.*)", "(?P<message>.*)", "(?P<path>.)(?P<message>.)(?P<other>.)"]
)
def test_what_is_no_pattern_of_findings_is_told(expression):
    assert objection(Pattern(expression))
    assert objection(UNIX) is objection(RUFF) is objection(MYPY) is None
    assert "no regular expression" in objection(UNIX._replace(closing="["))


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.text("ab/. é", min_size=1), st.integers(1, 99), st.text("xyz: é")), max_size=5))
def test_what_was_written_is_what_is_read(found):
    wanted = Pattern(r"(?P<path>[^|]+)\|(?P<line>\d+)\|(?P<message>.*)", closing="end (?P<count>[0-9]+)")
    written = "".join(f"{path}|{line}|{message}\n" for path, line, message in found) + f"end {len(found)}\n"
    problems = read(written, wanted)
    read_back = [(path, p.line, p.message) for path, said in problems.items() for p in said]
    assert sorted(read_back) == sorted(found)
