"""The reports of a recorded session, put together from what the database holds, for those who write them down. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store.attempts import COLLECT, TEST_PHASES, Attempt, Subtest
from pipeline_state.store.details import Detail
from pipeline_state.store.runs import Run
from pipeline_state.store.sessions import Session

RERUN = "rerun"
DEAD_WORKER = "???"
"""The phase that pytest-xdist gives to a test whose worker died."""
_UNFINISHED = ("running", "interrupted")


class RecordedSession(NamedTuple):
    """A session with all that is known of it. `attempts` are in the order in which they began."""

    run: Run
    session: Session
    attempts: Sequence[Attempt]
    environment: Mapping[str, str]

    @property
    def pytest_version(self) -> str:
        """The version of pytest that ran; empty if it is not known."""
        return self.environment.get("distribution:pytest", "")

    @property
    def cut_off(self) -> str | None:
        """Why this is not all of what was to run, or None: then pytest itself came to the end of it."""
        if self.run.status == "running":
            return "the session is still going on"
        if self.run.status == "interrupted":
            return "the session was interrupted"
        if self.run.incomplete:
            return f"the record is incomplete: {self.run.incomplete}"
        if any(attempt.outcome in _UNFINISHED for attempt in self.attempts):
            return "the session was interrupted"
        return None


class Report(NamedTuple):
    """One report of pytest.

    `phase` is `collect`, `setup`, `call`, `teardown` or `???`; `outcome` that of the phase, or `rerun` for a failure
    after which the test was tried again, or what pytest never reports: `running`, `interrupted` and `not run`. `text`
    is that of a failure, `duration` in seconds.
    """

    attempt: Attempt
    phase: str
    outcome: str
    duration: float
    detail: Detail
    text: str
    reason: str
    subtest: Subtest | None = None

    @property
    def message(self) -> str:
        """What it was that failed; in many cases the end of the text."""
        return self.text if self.detail.message is None else self.detail.message


def reports(attempts: Sequence[Attempt]) -> Iterator[Report]:
    """Return the reports, each attempt's together; what could not be collected comes first, what never ran last."""
    for attempt in sorted(attempts, key=lambda one: (one.phase != COLLECT, one.started_at or "~")):
        yield from _reports_of(attempt)


def parts_of(node_id: str) -> tuple[str, list[str], str]:
    """Return the path of a node id, its names, and the parameters with their brackets."""
    path, colons, rest = node_id.partition("::")
    names, bracket, parameters = rest.partition("[")
    return path, names.split("::") if colons else [], bracket + parameters


def version_of(text: str) -> tuple[int, ...]:
    """Return the numbers that a version begins with."""
    return tuple(map(int, re.findall(r"\d+", text)[:3]))


def _reports_of(attempt: Attempt) -> Iterator[Report]:
    details = {(detail.phase, detail.subtest): detail for detail in attempt.details}

    def report(phase: str, outcome: str, duration: float | None = None, subtest: Subtest | None = None) -> Report:
        position = subtest.position if subtest else 0
        detail = details.get((phase, position)) or Detail(phase, position, None, None, None)
        text = (subtest.failure if subtest else detail.failure or attempt.failure) or ""
        reason = (subtest.reason if subtest else attempt.reason) or ""
        known = RERUN if detail.repeated else outcome
        return Report(attempt, phase, known, duration or 0.0, detail, text, reason, subtest)

    if attempt.phase == COLLECT:
        yield report(COLLECT, "failed" if attempt.outcome == "error" else attempt.outcome)
        return
    for phase in TEST_PHASES:
        if phase == "call":  # subtests are parts of it, and reported before it is
            yield from (report(phase, each.outcome, each.duration, each) for each in attempt.subtests)
        known = attempt.phases.get(phase)
        if known and known.outcome not in _UNFINISHED:
            yield report(phase, known.outcome, known.duration)
    if attempt.outcome == "crashed":
        yield report(DEAD_WORKER, "failed")
    elif attempt.outcome in _UNFINISHED:
        yield report(attempt.phase or ("call" if attempt.phases else "setup"), attempt.outcome)
    elif attempt.outcome == "not run" and not attempt.phases:
        yield report("setup", "not run")
