"""A recorded session as lines of JSON, in the form of pytest-reportlog. Pure.

pytest reads each line back as the report that it was (`pytest_report_from_serializable`): text and place of a failure
are there, the frames of a traceback one by one are not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pipeline_state.reports.replay import DEAD_WORKER, RecordedSession, Report, parts_of, reports
from pipeline_state.store.attempts import COLLECT, TEST_PHASES
from pipeline_state.store.clock import seconds

_INTERRUPTED = 2
"""The exit status of pytest for a session that was interrupted: one that was killed has none of its own."""


def report_log(session: RecordedSession) -> str:
    """Return a session, one JSON object in a line."""
    return "".join(f"{json.dumps(line)}\n" for line in _lines(session))


def _lines(session: RecordedSession) -> Iterator[dict[str, Any]]:
    cut_off = session.cut_off
    exit_status = session.run.exit_code
    yield {"pytest_version": session.pytest_version, "$report_type": "SessionStart"}
    clock = 0.0
    for report in reports(session.attempts):
        if report.phase == COLLECT:
            yield _collect_report(report)
        elif report.outcome != "not run" or cut_off:
            if report.phase == "setup" and report.attempt.started_at:
                clock = seconds(report.attempt.started_at)
            yield _test_report(report, clock)
            clock += 0.0 if report.subtest else report.duration
    for error in filter(None, (session.session.internal_error, cut_off)):
        yield _collected("", "failed", error, [])
    yield {"exitstatus": _INTERRUPTED if exit_status is None else exit_status, "$report_type": "SessionFinish"}


def _collect_report(report: Report) -> dict[str, Any]:
    longrepr = report.text if report.outcome == "failed" else _place(report)
    sections = [[section.name, section.content] for section in report.attempt.sections]
    return _collected(report.attempt.node_id, report.outcome, longrepr, sections)


def _collected(node_id: str, outcome: str, longrepr: object, sections: list[list[str]]) -> dict[str, Any]:
    return {
        "outcome": outcome,
        "longrepr": longrepr,
        "result": None,
        "sections": sections,
        "nodeid": node_id,
        "$report_type": "CollectReport",
    }


def _test_report(report: Report, begun: float) -> dict[str, Any]:
    attempt = report.attempt
    path, names, parameters = parts_of(attempt.node_id)
    domain = ".".join(names) + parameters
    position = report.subtest.position if report.subtest else 0
    line: dict[str, Any] = {
        "location": [attempt.file or path, None if attempt.line is None else attempt.line - 1, domain],
        "keywords": dict.fromkeys([*names, *attempt.markers], 1),
        "outcome": {"xpassed": "passed", "xfailed": "skipped", "not run": "skipped"}.get(
            report.outcome, report.outcome
        ),
        "longrepr": None,
        "when": report.phase,
        "user_properties": [[name, value] for name, value, phase in attempt.values if _is_by(phase, report.phase)],
        "sections": [
            [section.name, section.content]
            for section in attempt.sections
            if section.subtest == position and _is_by(section.phase, report.phase)
        ],
        "duration": report.duration,
        "start": begun,
        "stop": begun + report.duration,
        "nodeid": attempt.node_id,
        "$report_type": "TestReport",
    }
    if attempt.worker:
        line["worker_id"] = attempt.worker
    match report.outcome:
        case "failed" | "rerun":
            line["longrepr"] = _failure(report)
        case "running" | "interrupted":
            line |= {"outcome": "failed", "longrepr": f"{report.outcome} in {report.phase}"}
        case "skipped":
            line["longrepr"] = _place(report)
        case "not run":
            line["longrepr"] = [attempt.file or path, attempt.line or 0, "Skipped: not run"]
        case "xfailed" | "xpassed":
            line["wasxfail"] = report.reason
    if report.subtest:
        line |= {"$report_type": "SubTestReport", "_subtest.context": {"msg": report.subtest.description, "kwargs": {}}}
    return line


def _place(report: Report) -> list[object]:
    """Return file, line and reason of a skip."""
    _, _, message, path, line, *_ = report.detail
    return [path or report.attempt.file or "", line or 0, f"Skipped: {report.reason}" if message is None else message]


def _failure(report: Report) -> object:
    """Return a failure as pytest's own reports hold it: of the traceback the text as a whole."""
    _, _, message, path, line, *_ = report.detail
    if message is None:
        return report.text
    crash = {"path": path or "", "lineno": line or 0, "message": message}
    entry = {"type": "ReprEntryNative", "data": {"lines": [report.text]}}
    traceback = {"reprentries": [entry], "extraline": None, "style": "native"}
    return {"reprcrash": crash, "reprtraceback": traceback, "sections": [], "chain": [[traceback, crash, None]]}


def _is_by(phase: str | None, by: str) -> bool:
    """Whether what the report of one phase brought is in the report of another: each has all that there is so far."""
    if phase is None:
        return False
    order = (*TEST_PHASES, DEAD_WORKER)
    return order.index(phase) <= order.index(by) if by in order else True
