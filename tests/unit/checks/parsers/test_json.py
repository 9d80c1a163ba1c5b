"""JSON and JSON Lines with a mapping of fields, as real tools wrote them, and as they must not be believed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_state.checks.declaration import Output, ReportError
from pipeline_state.checks.parsers import json_lines, json_report
from pipeline_state.checks.parsers.entries import Meaning
from pipeline_state.checks.parsers.fields import Fields

REPORTS = Path(__file__).parent / "reports"
SIMPLE = Fields("path", "message", rule="rule", line="line", severity="severity")
RUFF = Fields(
    "filename",
    "message",
    rule="code",
    line="location.row",
    column="location.column",
    end_line="end_location.row",
    end_column="end_location.column",
    severity="severity",
)
ESLINT = Fields(
    "^.filePath",
    "message",
    findings="*.messages",
    rule="ruleId",
    line="line",
    column="column",
    severity="severity",
    meaning=Meaning(levels={"1": "warning", "2": "error"}),
)
MYPY = Fields(
    "file",
    "message",
    rule="code",
    line="line",
    column="column",
    end_line="end_line",
    end_column="end_column",
    severity="severity",
    meaning=Meaning(first_column=0, category="type"),
)


def output(stdout):
    return Output(("tool",), 1, stdout if isinstance(stdout, bytes) else stdout.encode(), b"")


def whole(report, fields):
    return json_report.parse(output(report if isinstance(report, bytes) else json.dumps(report)), fields).problems


def lines(report, fields=SIMPLE, **more):
    text = report if isinstance(report, bytes | str) else "".join(f"{json.dumps(one)}\n" for one in report)
    return json_lines.parse(output(text), fields, **more).problems


def places(problems):
    return {name: [(p.rule, p.line, p.column, p.severity) for p in found] for name, found in problems.items()}


def test_what_eslint_wrote_is_read_with_the_names_of_files_above_their_messages():
    assert places(whole((REPORTS / "eslint-9.json").read_bytes(), ESLINT)) == {
        "/tree/a.js": [
            ("no-extra-semi", 1, 11, "warning"),
            ("no-cond-assign", 2, 5, "warning"),
            ("no-undef", 2, 14, "error"),
        ]
    }


def test_what_ruff_and_mypy_wrote_line_by_line_is_read():
    assert places(lines((REPORTS / "ruff-0.17.jsonl").read_bytes(), RUFF)) == {
        "/tree/a.py": [("F401", 1, 8, "error"), ("F401", 1, 12, "error"), ("F821", 3, 12, "error")],
        "/tree/sp ace é%%20.py": [("F401", 1, 8, "error")],
    }
    (problem,) = lines((REPORTS / "mypy-2.jsonl").read_bytes(), MYPY)["t.py"]
    assert (problem.rule, problem.column, problem.end_column, problem.category) == ("assignment", 10, 13, "type")


def test_an_object_of_files_is_read_by_its_names():
    fields = Fields("^key", "text", findings="results.*")
    report = {"results": {"a.py": [{"text": "m"}], "b.py": []}}
    assert list(whole(report, fields)) == ["a.py"]


def test_a_path_may_go_up_two_levels_and_into_lists():
    fields = Fields("^^key", "parts.1", findings="*.*", rule="^key")
    assert places(whole({"a.py": {"r1": [{"parts": ["x", "m"]}]}}, fields)) == {"a.py": [("r1", None, None, "warning")]}
    with pytest.raises(ReportError, match="more `\\^`"):
        whole([{"message": "m"}], Fields("^^key", "message"))


def test_what_is_missing_of_a_finding_is_left_out_unless_it_must_be_there():
    found = {"path": "a", "message": "m"}
    assert places(whole([found], SIMPLE)) == {"a": [("unnamed", None, None, "warning")]}
    for part in found:
        for value in (None, [], {}, ""):
            if (part, value) != ("message", ""):
                with pytest.raises(ReportError):
                    whole([{**found, part: value}], SIMPLE)


@pytest.mark.parametrize(
    "more",
    [
        *({"line": wrong} for wrong in ("x", 1.5, True, 2**31)),
        *({"severity": wrong} for wrong in ("grave", [])),
        *({"rule": wrong} for wrong in ([], "a\nb", "x" * 301)),
    ],
)
def test_a_part_that_is_not_what_it_should_be_is_refused(more):
    with pytest.raises(ReportError):
        whole([{"path": "a", "message": "m", **more}], SIMPLE)


def test_failures_that_a_report_lists_make_it_no_verdict():
    fields = SIMPLE._replace(findings="found", errors="errors")
    assert whole({"found": [], "errors": []}, fields) == whole({"found": []}, fields) == {}
    with pytest.raises(ReportError, match="something failed"):
        whole({"found": [], "errors": [{"message": "broke"}]}, fields)
    with pytest.raises(ReportError, match="something failed"):
        lines([{"path": "a", "message": "m", "errors": "x"}], SIMPLE._replace(errors="errors"))


@pytest.mark.parametrize(
    "report",
    [
        *(b"", b"1", b'"x"', b"null", b"{}", b"[1]", b"[]x", b"\xff", b"[" * 100_000),
        *(b'{"found": {}}', b'{"found": [1]}', b'{"found": [{}]}', b'{"found": [NaN]}', b'{"found": [], }'),
        b'{"found": [], "found": []}',
    ],
)
def test_what_is_outside_of_the_format_is_refused(report):
    with pytest.raises(ReportError):
        whole(report, SIMPLE._replace(findings="found"))


@pytest.mark.parametrize("line", [b"1\n", b"[]\n", b"{\n", b'{"path": 1}\n', b"text\n", b"{}", b'{"path": "a"} {}\n'])
def test_a_line_that_is_no_finding_is_refused(line):
    with pytest.raises(ReportError):
        lines(line)


def test_lines_may_have_lists_of_findings():
    fields = SIMPLE._replace(path="^.file", findings="*.messages")
    report = [[{"file": "a", "messages": [{"message": "m"}]}]]
    with pytest.raises(ReportError, match="no object"):
        lines(report, fields)
    fields = Fields("^key", "message", findings="files.*")
    assert list(lines([{"files": {"a": [{"message": "m"}]}}, {"files": {}}], fields)) == ["a"]


def test_a_closing_object_vouches_for_the_end():
    found, end = {"path": "a", "message": "m"}, {"kind": "end", "count": 1}
    assert list(lines([found, end], closing={"kind": "end"})) == ["a"]
    assert list(lines([{"kind": "begin"}, found, end], closing={"kind": "end"}, passed_over={"kind": "begin"})) == ["a"]
    for cut in ([], [found], [end, found]):
        with pytest.raises(ReportError):
            lines(cut, closing={"kind": "end"})


FINDING = st.fixed_dictionaries(
    {"path": st.text(min_size=1, max_size=8).filter(lambda name: "\0" not in name), "message": st.text(max_size=20)},
    optional={"line": st.none() | st.integers(1, 10**6), "rule": st.text("abcXYZ019-", max_size=8)},
)


@given(st.lists(FINDING, max_size=4), st.data())
def test_a_report_that_was_cut_is_never_read_as_the_whole(found, data):
    end = {"kind": "end"}
    report = "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in [*found, end]).encode("utf-8", "replace")
    cut = report[: data.draw(st.integers(0, len(report) - 1))]
    with pytest.raises(ReportError):
        lines(cut, closing=end)
    document = json.dumps({"found": found}, ensure_ascii=False).encode("utf-8", "replace")
    with pytest.raises(ReportError):
        whole(document[: data.draw(st.integers(0, len(document) - 1))], SIMPLE._replace(findings="found"))


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=5))
def test_whatever_stands_in_the_place_of_a_finding_there_is_a_report_or_a_refusal(value):
    for report in ([value], {"found": value}, [{"path": "a", "message": value, "line": value}]):
        for fields in (SIMPLE, SIMPLE._replace(findings="found"), ESLINT):
            try:
                found = whole(json.dumps(report).encode(), fields)
            except ReportError:
                continue
            assert all(isinstance(name, str) and name for name in found)
