"""A recorded session as JUnit XML: as pytest itself writes it, where pytest came to the end. Pure.

What was cut off is complete all the same: what crashed or was interrupted is an error, what did not run is skipped, and
one erroneous test case stands for the session.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable

from pipeline_state.reports.replay import RecordedSession, Report, parts_of, reports, version_of
from pipeline_state.store.attempts import COLLECT, TEST_PHASES
from pipeline_state.store.clock import seconds

_ILLEGAL = re.compile("[^\t\n\r -~\x80-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SHORTENS = (9, 2)
"""Since this version pytest shortens messages; the text of an element has all of it."""
_MENDED = (9, 1)
"""Before this version pytest took characters beyond U+FFFF for such that XML cannot hold, and counted a test whose
teardown failed as two unless its call had failed, too; since then it is the other way round."""
_BEYOND = re.compile("[\U00010000-\U0010ffff]")
_BUDGET = 500
"""Characters of a message that is shortened."""


def junit_xml(session: RecordedSession) -> str:
    """Return a session as an XML document."""
    version = version_of(session.pytest_version) or _SHORTENS
    run, suite = session.run, _Suite(version)
    cut_off = session.cut_off
    for report in reports(session.attempts):
        # Of a session that pytest ended (`--maxfail`, errors of collection) pytest names no test that did not run.
        if report.outcome != "not run" or cut_off:
            suite.take(report)
    if session.session.internal_error:
        suite.add_error("internal", "internal error", session.session.internal_error)
    if cut_off:
        suite.add_error("session", cut_off, cut_off)
    counts = suite.counts
    root = ET.Element("testsuites", name="pytest tests")
    node = ET.SubElement(
        root,
        "testsuite",
        name="pytest",
        errors=str(counts["error"]),
        failures=str(counts["failure"]),
        skipped=str(counts["skipped"]),
        tests=str(counts.total() - suite.doubled),
        time=f"{seconds(run.finished_at or run.started_at) - seconds(run.started_at):.3f}",
        timestamp=run.started_at.replace("Z", "+00:00"),
        hostname=_escape(run.host),
    )
    _add_properties(node, session.session.properties)
    node.extend(case.element() for case in suite.cases)
    if version < _MENDED:
        for each in root.iter():
            each.text = each.text and _escape(each.text, _BEYOND)
            each.attrib.update({name: _escape(value, _BEYOND) for name, value in each.attrib.items()})
    return f'<?xml version="1.0" encoding="utf-8"?>{ET.tostring(root, encoding="unicode")}\n'


class _Case:
    """A test case. `failed` says that its call failed."""

    def __init__(self, classname: str, name: str) -> None:
        self.classname, self.name = classname, name
        self.duration = 0.0
        self.failed = False
        self.properties: list[tuple[str, str]] = []
        self.children: list[ET.Element] = []

    def element(self) -> ET.Element:
        names = {"classname": _escape(self.classname), "name": _escape(self.name)}
        node = ET.Element("testcase", names, time=f"{self.duration:.3f}")
        _add_properties(node, self.properties)
        node.extend(self.children)
        return node


class _Suite:
    """The cases so far, and how often each element was written. It goes about it as pytest does."""

    def __init__(self, version: tuple[int, ...]) -> None:
        self.cases: list[_Case] = []
        self.counts: Counter[str] = Counter()
        self.doubled = 0
        """How many errors of teardowns do not count as tests."""
        self._open: dict[tuple[str, str | None], _Case] = {}
        self._version = version

    def take(self, report: Report) -> None:
        """Add what a report says."""
        case = self._case_of(report)
        if report.subtest is None:  # the duration of a call includes its subtests
            case.duration += report.duration
        match report.outcome:
            case "passed" | "xpassed" if report.phase == "call":
                self.counts["passed"] += 1
            case "failed" if report.phase == COLLECT:
                self._add(case, "error", "collection failure", report.text)
            case "failed" if report.phase == "call":
                case.failed = True
                self._add(case, "failure", self._short(report.message), report.text)
            case "failed":
                case = self._fail_around(case, report)
            case "skipped":
                self._skip(case, report)
            case "xfailed":
                self._add(case, "skipped", report.reason, type="pytest.xfail")
            case "running" | "interrupted":
                self._add(case, "error", f"{report.outcome} in {report.phase}", report.reason)
            case "not run":
                self._add(case, "skipped", "not run", type="pipeline-state.not-run")
        if report.phase == "teardown":
            self._close(case, report, TEST_PHASES)

    def add_error(self, name: str, message: str, text: str) -> None:
        """Add a case that stands for the session."""
        case = _Case("pytest", name)
        self.cases.append(case)
        self._add(case, "error", message, text)

    def _case_of(self, report: Report) -> _Case:
        key = (report.attempt.node_id, report.attempt.worker)
        if key not in self._open:
            self._open[key] = case = _Case(*_address(report.attempt.node_id))
            self.cases.append(case)
        return self._open[key]

    def _close(self, case: _Case, report: Report, phases: tuple[str, ...]) -> None:
        case.properties = [(one.name, one.value) for one in report.attempt.values if one.phase in phases]
        self._open.pop((report.attempt.node_id, report.attempt.worker), None)

    def _fail_around(self, case: _Case, report: Report) -> _Case:
        """Add a failure of setup or teardown, or of the worker; return the case that has it."""
        if report.phase == "teardown":
            if case.failed:  # a case has one result: the teardown gets one of its own
                self._close(case, report, ("setup", "call"))
            self.doubled += case.failed is (self._version < _MENDED)
            case = self._case_of(report)
        where = "teardown" if report.phase == "teardown" else "setup"  # pytest says so of a dead worker, too
        self._add(case, "error", self._short(f'failed on {where} with "{report.message}"'), report.text)
        return case

    def _skip(self, case: _Case, report: Report) -> None:
        detail = report.detail
        if report.phase == COLLECT:
            self._add(case, "skipped", "collection skipped", repr((detail.path, detail.line, detail.message)))
        else:
            reason = report.reason if detail.message is None else detail.message.removeprefix("Skipped: ")
            self._add(case, "skipped", reason, f"{detail.path}:{detail.line}: {reason}", type="pytest.skip")

    def _add(self, case: _Case, tag: str, message: str, text: str | None = None, **attributes: str) -> None:
        node = ET.Element(tag, {**attributes, "message": _escape(message)})
        node.text = None if text is None else _escape(text)
        case.children.append(node)
        self.counts[tag] += 1

    def _short(self, message: str) -> str:
        return _shortened(message) if self._version >= _SHORTENS else message


def _add_properties(node: ET.Element, pairs: Iterable[tuple[str, str]]) -> None:
    properties = [ET.Element("property", name=_escape(name), value=_escape(value)) for name, value in pairs]
    if properties:
        ET.SubElement(node, "properties").extend(properties)


def _address(node_id: str) -> tuple[str, str]:
    """Return the class name and the name of a case: the file is a part of the class, with dots."""
    path, names, parameters = parts_of(node_id)
    *classes, name = [re.sub(r"\.py$", "", path.replace("/", ".")), *names]
    return ".".join(classes), name + parameters


def _shortened(message: str) -> str:
    """Return the lines of a message that fit into 500 characters, and what is left out, in pytest's words."""
    lines = message.splitlines() or [""]
    kept: list[str] = []
    size = 0
    for line in lines:
        if kept and size + len(line) + 1 > _BUDGET:
            break
        kept.append(line)
        size += len(line) + 1
    text = "\n".join(kept)
    cut = len(text) > _BUDGET
    more = len(lines) - len(kept)
    if not (cut or more):
        return message
    note = f"+{more} more line{'s' if more > 1 else ''}" if more else "truncated"
    return f"{text[:_BUDGET] + '...' if cut else text}\n[{note}; full report in element text]"


def _escape(text: str, illegal: re.Pattern[str] = _ILLEGAL) -> str:
    """Return text without what XML cannot hold, in the form that pytest gives it: `#x07`."""
    return illegal.sub(lambda match: f"#x{ord(match[0]):0{2 if ord(match[0]) <= 0xFF else 4}X}", text)
