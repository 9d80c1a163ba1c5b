"""The report as JUnit XML: a test suite for each detector, a test case for each of its files.

A file with findings is a failure, one that could not be judged an error, one that was left out is skipped. Whatever was
not judged is never a test case that passed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pipeline_state.checks.audience import FileOutcome
from pipeline_state.checks.result import CheckResult, Trouble
from pipeline_state.named_tuple import NamedTuple
from pipeline_state.reports.report import RunFacts
from pipeline_state.reports.text import finding_line, one_line, printable
from pipeline_state.store.findings import SEVERITIES, Finding

_EVERYWHERE = "pipeline-state"
"""The suite of what concerns no single detector."""

_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
_IN_TEXT = str.maketrans({key: _ESCAPES[key] for key in "&<>\r"})
_IN_ATTRIBUTE = str.maketrans(_ESCAPES)


class _Case(NamedTuple):
    """A test case; `kind` is the element that says why it did not pass, `None` if it did."""

    name: str
    file: str | None
    kind: str | None = None
    type: str = ""
    message: str = ""
    text: str = ""
    remark: str = ""


def junit_report(result: CheckResult, run: RunFacts, outcomes: Sequence[FileOutcome]) -> str:
    """Return the report; `outcomes` lists every detector with every file that was selected for it."""
    suites = _suites(result, outcomes)
    durations = {one.id: one.duration_s for one in result.detectors}
    cases = [case for suite in suites.values() for case in suite]
    lines = ['<?xml version="1.0" encoding="utf-8"?>']
    lines.append(_open("testsuites", [("name", _EVERYWHERE), *_counts(cases), ("time", f"{run.duration_s:.3f}")]))
    for name, suite in suites.items():
        attributes = [
            ("name", name),
            *_counts(suite),
            ("time", f"{durations.get(name, 0.0):.3f}"),
            ("timestamp", run.started_at[:19]),
        ]
        lines.append(_open("testsuite", attributes))
        lines += [line for case in suite for line in _case(name, case)]
        lines.append("</testsuite>")
    lines.append("</testsuites>\n")
    return "\n".join(lines)


def _suites(result: CheckResult, outcomes: Sequence[FileOutcome]) -> dict[str, list[_Case]]:
    found = _by_file(result.findings)
    known = _by_file(result.baseline.known if result.baseline is not None else ())
    fixed = {(one.detector, one.path) for one in result.fixed}
    troubles = {(one.detector, one.path): one for one in result.troubles}
    failing = SEVERITIES[: SEVERITIES.index(result.fail_on) + 1]
    suites: dict[str, list[_Case]] = {one.id: [] for one in result.detectors}
    left = dict(troubles)
    for one in outcomes:
        pair = (one.detector, one.path)
        trouble = left.pop(pair, None)
        if trouble is None and one.outcome in ("error", "missing"):
            trouble = troubles.get((one.detector, None))
            case = _not_judged(one.path, trouble)
        elif trouble is not None:
            case = _troubled(one.path, one.path, trouble)
        else:
            case = _judged(one, found.get(pair, ()), known.get(pair, ()), failing, fixed=pair in fixed)
        suites.setdefault(one.detector, []).append(case)
    for (detector, path), trouble in left.items():
        suite = detector or _EVERYWHERE
        suites.setdefault(suite, []).append(_troubled(path or suite, path, trouble))
    return {name: cases for name, cases in suites.items() if cases}


def _judged(
    one: FileOutcome, found: Sequence[Finding], known: Sequence[Finding], failing: Sequence[str], *, fixed: bool
) -> _Case:
    remarks = [f"in the baseline: {finding_line(finding)}" for finding in known]
    if one.outcome == "excluded":
        return _Case(one.path, one.path, "skipped", message="left out by the tool's own configuration")
    grave = [finding for finding in found if finding.severity in failing]
    remarks += [finding_line(finding) for finding in found if finding not in grave]
    remark = "\n".join(remarks)
    if grave:
        first = grave[0]
        message = f"{len(grave)} findings" if len(grave) > 1 else one_line(first.message)
        text = "\n".join(map(finding_line, grave))
        return _Case(one.path, one.path, "failure", first.rule, message, text, remark)
    if fixed:
        return _Case(one.path, one.path, "failure", "fixed", "fixed: commit what has changed", remark=remark)
    return _Case(one.path, one.path, remark=remark)


def _troubled(name: str, file: str | None, trouble: Trouble) -> _Case:
    message = one_line(trouble.message)
    if trouble.tolerated:
        return _Case(name, file, "skipped", message=f"not judged: {message}")
    return _Case(name, file, "error", "not judged", message, trouble.message)


def _not_judged(path: str, trouble: Trouble | None) -> _Case:
    """A file of a detector that is in trouble as a whole, which has a test case of its own for that."""
    why = one_line(trouble.message) if trouble is not None else "the detector could not be run"
    return _Case(path, path, "skipped", message=f"not judged: {why}")


def _by_file(findings: Iterable[Finding]) -> Mapping[tuple[str, str], Sequence[Finding]]:
    found: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        found.setdefault((finding.detector, finding.path), []).append(finding)
    return found


def _counts(cases: Sequence[_Case]) -> list[tuple[str, str]]:
    kinds = [case.kind for case in cases]
    numbers = (len(kinds), kinds.count("failure"), kinds.count("error"), kinds.count("skipped"))
    return [
        (name, str(number)) for name, number in zip(("tests", "failures", "errors", "skipped"), numbers, strict=True)
    ]


def _case(suite: str, case: _Case) -> Iterator[str]:
    attributes = [("classname", suite), ("name", case.name), ("file", case.file or "")]
    opened = _open("testcase", [(name, value) for name, value in attributes if value])
    if case.kind is None and not case.remark:
        yield f"{opened[:-1]}/>"
        return
    yield opened
    if case.kind is not None:
        why = [(name, value) for name, value in (("type", case.type), ("message", case.message)) if value]
        yield f"{_open(case.kind, why)}{_in_text(case.text)}</{case.kind}>"
    if case.remark:
        yield f"<system-out>{_in_text(case.remark)}</system-out>"
    yield "</testcase>"


def _open(element: str, attributes: Iterable[tuple[str, str]]) -> str:
    said = "".join(f' {name}="{_characters(value).translate(_IN_ATTRIBUTE)}"' for name, value in attributes)
    return f"<{element}{said}>"


def _in_text(text: str) -> str:
    return _characters(text).translate(_IN_TEXT)


def _characters(text: str) -> str:
    """Return a text without the characters that XML cannot hold, not even escaped."""
    return _NOT_XML.sub(lambda match: printable(match[0]), text)
