"""The reports of tools that judge whole projects: read completely, or not at all."""

from __future__ import annotations

import json

import pytest

from pipeline_state.checks.declaration import Output, ReportError
from pipeline_state.checks.detectors import mypy_report, pylint_report, pyright_report

LOG = """\
LOG:  Mypy Version:           2.4.1
LOG:  Found source:           BuildSource(path='./pkg/a.py', module='pkg.a', has_text=False, followed=False)
LOG:  Found source:           BuildSource(path="./it's b.py", module="it's b", has_text=False, followed=False)
"""
END = "LOG:  Build finished in 0.271 seconds with 2 modules, and 1 errors\n"
ERROR = {
    "file": "pkg/a.py",
    "line": 2,
    "column": 11,
    "end_line": 2,
    "end_column": 12,
    "message": 'Incompatible return value type (got "int", expected "str")',
    "hint": "a hint\nSee https://mypy.readthedocs.io/",
    "code": "return-value",
    "severity": "error",
}


def mypy(code, *messages, log=LOG + END):
    text = "\n" + "".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in messages)
    return mypy_report.parse(Output(("mypy",), code, text.encode(), log.encode()))


def test_mypy_an_error_has_its_place_and_hint_and_every_source_is_judged():
    report = mypy(1, ERROR)
    assert report.judged == {"pkg/a.py", "it's b.py"}
    (problem,) = report.problems["pkg/a.py"]
    assert (problem.rule, problem.severity, problem.category) == ("return-value", "error", "type")
    assert (problem.line, problem.column, problem.end_line, problem.end_column) == (2, 12, 2, 13)
    assert problem.message == 'Incompatible return value type (got "int", expected "str"); a hint'


def test_mypy_a_note_alone_is_no_finding_and_what_is_not_needed_is_a_warning():
    assert mypy(1, {**ERROR, "severity": "note"}).problems == {}
    report = mypy(1, {**ERROR, "code": "unused-ignore", "column": -1, "end_column": -1})
    (problem,) = report.problems["pkg/a.py"]
    assert (problem.severity, problem.column, problem.end_column) == ("warning", None, None)


def test_mypy_after_a_syntax_error_every_other_file_is_not_judged():
    report = mypy(2, {**ERROR, "code": "syntax"}, log=LOG)
    assert [one.category for one in report.problems["pkg/a.py"]] == ["syntax"]
    assert list(report.unprocessed) == ["it's b.py"]
    assert "pkg/a.py:2" in report.unprocessed["it's b.py"]


@pytest.mark.parametrize("code", ["syntax", "misc"])
def test_mypy_what_it_said_before_it_stopped_depends_on_its_cache_and_does_not_count(code):
    stopping = {**ERROR, "message": "what stops it", "code": code}
    before = [{**ERROR, "file": "it's b.py"}, ERROR]
    report = mypy(2, *before, stopping, log=LOG)
    assert report == mypy(2, stopping, log=LOG)
    assert [one.message for one in report.problems["pkg/a.py"]] == ["what stops it; a hint"]
    assert report.unprocessed["it's b.py"].endswith("mypy stopped: pkg/a.py:2: what stops it")


@pytest.mark.parametrize(
    ("code", "messages", "log"),
    [
        (0, (), LOG),
        (0, (), END),
        (0, (ERROR,), LOG + END),
        (1, (), LOG + END),
        (1, (ERROR,), LOG),
        (1, (json.dumps(ERROR)[:60],), LOG + END),
        (1, ("garbage",), LOG + END),
        (1, ({**ERROR, "severity": "fatal"},), LOG + END),
        (1, ({**ERROR, "line": "2"},), LOG + END),
        (2, (), LOG),
        (2, ({**ERROR, "file": "mypy.ini"},), LOG),
        (2, ({**ERROR, "severity": "note"},), LOG),
    ],
)
def test_mypy_what_is_not_whole_is_no_report(code, messages, log):
    with pytest.raises(ReportError):
        mypy(code, *messages, log=log)


MESSAGE = {
    "type": "warning",
    "symbol": "unused-argument",
    "message": "Unused argument 'x'",
    "messageId": "W0613",
    "line": 3,
    "column": 16,
    "endLine": 3,
    "endColumn": 17,
    "path": "pkg/b c.py",
}


def pylint(code, *messages, names=("pkg/a.py", "pkg/b c.py"), counted=None, cut=0, count=None):
    count = count or len(names)
    told = [f"{name} ({number} of {count})" for number, name in enumerate(names, 1)]
    counts = {"fatal": 0, "warning": len(messages) if counted is None else counted}
    report = json.dumps({"messages": messages, "statistics": {"messageTypeCount": counts}})
    text = "\n".join(["Get ASTs.", "AST for pkg/a.py", f"Linting {count} modules.", *told, report])
    return pylint_report.parse(Output(("pylint",), code, text[: len(text) - cut].encode(), b""))


def test_pylint_a_message_has_its_place_and_every_file_that_it_names_is_judged():
    report = pylint(4, MESSAGE)
    assert report.judged == {"pkg/a.py", "pkg/b c.py"}
    (problem,) = report.problems["pkg/b c.py"]
    assert (problem.rule, problem.severity, problem.category) == ("W0613", "warning", "other")
    assert (problem.line, problem.column, problem.end_line, problem.end_column) == (3, 17, 3, 18)


@pytest.mark.parametrize(
    ("kind", "number", "severity", "category"),
    [
        ("error", "E0001", "error", "syntax"),
        ("error", "E0602", "error", "other"),
        ("error", "E1101", "error", "type"),
        ("convention", "C0114", "note", "style"),
        ("convention", "C0301", "note", "format"),
        ("refactor", "R0903", "note", "style"),
    ],
)
def test_pylint_a_rule_has_its_weight(kind, number, severity, category):
    (problem,) = pylint(2, {**MESSAGE, "type": kind, "messageId": number}).problems["pkg/b c.py"]
    assert (problem.severity, problem.category) == (severity, category)


def test_pylint_a_file_that_it_fails_on_is_not_judged_and_zero_may_stand_for_findings():
    assert list(pylint(1, {**MESSAGE, "type": "fatal"}).unprocessed) == ["pkg/b c.py"]
    assert list(pylint(0, MESSAGE).problems) == ["pkg/b c.py"]
    assert not pylint(4, {**MESSAGE, "path": "pylintrc"}, counted=0).problems


@pytest.mark.parametrize(
    ("code", "messages", "more"),
    [
        (4, (MESSAGE,), {"counted": 2}),
        (4, (MESSAGE,), {"cut": 1}),
        (4, (MESSAGE,), {"cut": 300}),
        (4, (MESSAGE,), {"count": 3}),
        (1, (), {}),
        (2, ({**MESSAGE, "type": "error", "path": "pylintrc"},), {"counted": 0}),
        (4, ({**MESSAGE, "type": "other"},), {}),
        (4, ({**MESSAGE, "line": None},), {}),
    ],
)
def test_pylint_what_is_not_whole_is_no_report(code, messages, more):
    with pytest.raises(ReportError):
        pylint(code, *messages, **more)


DIAGNOSTIC = {
    "file": "/root/pkg/b.py",
    "severity": "warning",
    "message": 'Import "x" is\n  not used',
    "range": {"start": {"line": 1, "character": 7}, "end": {"line": 1, "character": 14}},
    "rule": "reportUnusedImport",
}


def pyright(code, *found, errors=0, warnings=0, cut=0):
    summary = {"filesAnalyzed": 5, "errorCount": errors, "warningCount": warnings, "informationCount": 0}
    text = json.dumps({"version": "1.1.414", "generalDiagnostics": found, "summary": summary})
    return pyright_report.parse(Output(("pyright",), code, text[: len(text) - cut].encode(), b""))


def test_pyright_a_finding_has_its_place_and_weight_and_the_files_are_counted():
    report = pyright(0, DIAGNOSTIC, warnings=1)
    (problem,) = report.problems["/root/pkg/b.py"]
    assert (problem.rule, problem.severity, problem.category) == ("reportUnusedImport", "warning", "style")
    assert (problem.line, problem.column, problem.end_column) == (2, 8, 15)
    assert (report.judged, problem.message) == (5, 'Import "x" is not used')


def test_pyright_an_error_without_a_rule_is_one_of_syntax():
    found = {**DIAGNOSTIC, "severity": "error"}
    del found["rule"]
    (problem,) = pyright(1, found, errors=1).problems["/root/pkg/b.py"]
    assert (problem.rule, problem.category) == ("syntax", "syntax")


@pytest.mark.parametrize(
    ("code", "found", "more"),
    [
        (0, (DIAGNOSTIC,), {}),
        (0, (), {"warnings": 1}),
        (0, (DIAGNOSTIC,), {"errors": 1}),
        (1, (DIAGNOSTIC,), {"warnings": 1, "cut": 1}),
        (1, ({**DIAGNOSTIC, "severity": "other"},), {"warnings": 1}),
        (1, ({**DIAGNOSTIC, "range": None},), {"warnings": 1}),
    ],
)
def test_pyright_what_is_not_whole_is_no_report(code, found, more):
    with pytest.raises(ReportError):
        pyright(code, *found, **more)
