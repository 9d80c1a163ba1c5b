"""What a report of pytest says beside its outcome: text, message, place, captured output. Pure."""

from __future__ import annotations

import pytest

from pipeline_state.pytest_plugin.outcomes import CALL, FAILED, RERUN, SETUP, SKIPPED, Attempt
from pipeline_state.store.details import Detail, Section
from pipeline_state.store.storable import storable_text

AnyReport = pytest.TestReport | pytest.CollectReport


def text_of(report: AnyReport, limit: int) -> str:
    """Return the text of a failure; unlike `longreprtext`, it does not begin with the name of the worker."""
    try:
        text = str(report.longrepr)
    except UnicodeEncodeError:  # as pytest does
        text = "<unprintable longrepr>"
    return storable_text(text, limit)


def reason_of(report: AnyReport) -> str | None:
    """Return why a test was skipped or expected to fail."""
    expected = getattr(report, "wasxfail", None)
    if expected is not None:
        return storable_text(str(expected).removeprefix("reason: "))
    if report.outcome == SKIPPED and isinstance(report.longrepr, tuple):
        return storable_text(str(report.longrepr[2]).removeprefix("Skipped: "))
    return None


def detail_of(report: AnyReport, phase: str, subtest: int, limit: int) -> Detail | None:
    """Return what a failure or a skip says of itself, or None if there is nothing to say."""
    repeated = report.outcome == RERUN
    longrepr = report.longrepr
    if isinstance(longrepr, tuple):  # a skip
        path, line, message = longrepr
    else:
        crash = getattr(longrepr, "reprcrash", None)
        if crash is None or not (report.failed or repeated):
            return Detail(phase, subtest, None, None, None, repeated=True) if repeated else None
        path, line, message = crash.path, crash.lineno, crash.message
    place = (storable_text(str(path)), line)
    return Detail(phase, subtest, storable_text(str(message), limit), *place, repeated=repeated)


def details_of(report: pytest.TestReport, attempt: Attempt, phase: str, limit: int) -> list[Detail]:
    """Return what there is to say of a phase that has been added to its attempt.

    The attempt holds one text of a failure. Where it is not the first one, both are told apart.
    """
    detail = detail_of(report, phase, 0, limit)
    failed = [
        before
        for before, outcome in ((SETUP, attempt.setup_outcome), (CALL, attempt.call_outcome))
        if outcome == FAILED and before != phase
    ]
    if not (failed and attempt.failure and (report.failed or report.outcome == RERUN)):
        return [detail] if detail else []
    own = detail or Detail(phase, 0, None, None, None)
    first = Detail(failed[0], 0, None, None, None, attempt.failure)
    return [first, own._replace(failure=text_of(report, limit))]


def sections_of(report: AnyReport, phase: str, subtest: int, limit: int, known: int = 0) -> list[Section]:
    """Return the captured output of a report beyond its first `known` sections: each has all that there is so far."""
    sections = report.sections[known:]
    if subtest:  # what the test had printed before is the test's
        sections = [section for section in sections if section[0].endswith(f" {CALL}")]
    return [Section(phase, subtest, storable_text(name), storable_text(text, limit)) for name, text in sections]
