"""What pytest says, as lines of the journal; put together by hand, for this is where a recorder's time goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple
from json import dumps
from json.encoder import encode_basestring_ascii as quoted

import pytest

from pipeline_state.pytest_plugin.outcomes import (
    CALL,
    CRASHED,
    DEAD_WORKER,
    ERROR,
    FAILED,
    PASSED,
    RERUN,
    RUNNING,
    SETUP,
    SKIPPED,
    TEARDOWN,
    Attempt,
    Ledger,
    phase_outcome,
)
from pipeline_state.pytest_plugin.subtests import describe, is_subtest
from pipeline_state.store.attempts import COLLECT, Part, Subtest
from pipeline_state.store.journal import Journal, torn
from pipeline_state.store.storable import storable_text


class Chronicle:
    """Writes the journal of a session, and keeps what has not been taken from it yet.

    The methods that write raise `OSError` if a line could not be written.
    """

    def __init__(self, journal: Journal) -> None:
        self._append = journal.append
        self._write = journal.writer  # the same without the cost of a call, for what happens most
        self._journal = journal
        self._ledger = Ledger()
        self._latest: Attempt | None = None
        self._location: tuple[str, int | None, str] | None = None
        self.chosen: int | None = None
        """How many tests were chosen to run, once that is known."""
        self._now = time.time_ns  # bound now, out of reach of tests that freeze the clock

    def collected(self, node_ids: Sequence[str]) -> None:
        """Write down what was chosen to run; under xdist once for each worker, and all say the same."""
        new = [node_id for node_id in dict.fromkeys(node_ids) if node_id not in self._ledger.numbers]
        if new:
            self._add(new)
        self._append(b'["c",%d]\n' % len(node_ids))
        self.chosen = len(node_ids)

    def uncollected(self, report: pytest.CollectReport) -> None:
        """Write down that something could not be collected, or was skipped as a whole."""
        node_id = report.nodeid or "."
        if node_id in self._ledger.numbers:  # another worker has said so
            return
        attempt = self._ledger.begin(self._number(node_id), node_id)
        outcome = phase_outcome(report.outcome, expected=hasattr(report, "wasxfail"))
        attempt.outcome = ERROR if outcome == FAILED else outcome
        attempt.phase = COLLECT
        self._end(attempt)
        self._append(
            f'["r",{attempt.test},1,"{COLLECT}","{outcome}",0,{_rest(attempt, report, outcome)}'.encode("ascii")
        )

    def started(self, node_id: str, location: tuple[str, int | None, str]) -> None:
        """Write down that a test begins."""
        ledger = self._ledger
        if node_id not in ledger.numbers:
            self._add([node_id])
        self._start(ledger.begin(ledger.numbers[node_id], node_id), location, self._now())

    def passed(self, report: pytest.TestReport) -> bool:
        """Write down a phase that passed, if that is all there is to say. False: it is for `reported` to do.

        Most reports are like this. What a recorder costs is decided here, by how little is called and looked at.
        """
        attempt = self._latest
        if attempt is None or report.outcome != PASSED or type(report) is not pytest.TestReport:
            return False
        more = report.__dict__
        if "wasxfail" in more or "node" in more or more.get("user_properties"):
            return False
        # pytest gives all reports of a test the same location; to ask for its node id costs more.
        if report.location is not self._location and report.nodeid != attempt.node_id:
            return False
        phase, seconds, outcome = report.when, report.duration, attempt.outcome
        if phase == CALL and outcome == RUNNING and attempt.setup_outcome == PASSED:
            attempt.outcome = attempt.call_outcome = PASSED
            attempt.call_s = seconds
            line = b'["r",%d,%d,"call","passed",%.6f,"passed"]\n'
        elif phase == SETUP and outcome == RUNNING and attempt.setup_outcome is None:
            attempt.setup_outcome = PASSED
            attempt.setup_s = seconds
            line = b'["r",%d,%d,"setup","passed",%.6f,"running"]\n'
        elif phase == TEARDOWN and outcome == PASSED:
            attempt.teardown_outcome = PASSED
            attempt.teardown_s = seconds
            self._end(attempt)
            line = b'["r",%d,%d,"teardown","passed",%.6f,"passed"]\n'
        else:
            return False
        entry = line % (attempt.test, attempt.number, seconds)
        if self._write(entry) != len(entry):
            raise torn()
        return True

    def add_values(self, report: pytest.TestReport, ask: Callable[[int], Sequence[Mapping[str, object]]]) -> None:
        """Write down what `ask`, given the number of the attempt, has to add to what is known of a test."""
        node = report.__dict__.get("node")
        worker = None if node is None else node.gateway.id
        attempt = self._ledger.attempt_of(self._number(report.nodeid), report.nodeid, worker, str(report.when))
        pairs = [pair for answer in ask(attempt.number) for pair in answer.items()]
        if pairs:
            self._values(attempt, pairs)

    def reported(self, report: pytest.TestReport) -> None:
        """Write down what became of a phase, a subtest, or a test whose worker died."""
        more = report.__dict__
        node = more.get("node")  # set by xdist: the worker that it comes from
        phase = str(report.when)
        worker: str | None = None if node is None else node.gateway.id
        attempt = self._ledger.attempt_of(self._number(report.nodeid), report.nodeid, worker, phase)
        if attempt.begun is None:  # a repetition, or a test that another plugin runs in its own way
            begun: float = more.get("start", 0.0)
            self._start(attempt, report.location, int(begun * 1e9) or self._now())
        properties = more.get("user_properties") or ()
        if len(properties) > attempt.properties:  # each report has all that there are so far
            new = properties[attempt.properties :]
            attempt.properties = len(properties)
            self._values(attempt, new)
        outcome = phase_outcome(report.outcome, expected="wasxfail" in more)
        if phase == DEAD_WORKER:
            attempt.outcome, attempt.phase = CRASHED, None
        elif is_subtest(report):
            self._subtest(attempt, report, outcome)
            return
        else:
            attempt.add(phase, outcome, report.duration)
        rest = _rest(attempt, report, outcome)
        attempt.repeated |= report.outcome == RERUN
        if phase in (TEARDOWN, DEAD_WORKER):
            self._end(attempt)
        begin = f'["r",{attempt.test},{attempt.number},"{phase}","{outcome}",{report.duration:.6f},'
        self._append(f"{begin}{rest}".encode("ascii"))

    def ended(self, exit_status: int, ended_at: int) -> None:
        """Write down the end of the session; the time in nanoseconds since 1970."""
        self._append(b'["e",%d,%d]\n' % (exit_status, ended_at))

    def take(self) -> Sequence[Part]:
        """Return what has happened since the last time: the attempts that ended, and those that are under way."""
        return self._ledger.take()

    def begun(self) -> int:
        """Return how many tests began."""
        return len(self._ledger.numbers) - len(self._ledger.never_begun())

    def never_begun(self) -> list[str]:
        """Return the tests that were chosen and did not begin."""
        return self._ledger.never_begun()

    def _number(self, node_id: str) -> int:
        test = self._ledger.numbers.get(node_id)
        return self._add([node_id]) if test is None else test

    def _add(self, node_ids: Sequence[str]) -> int:
        """Give tests their numbers and return the first."""
        numbers = [self._ledger.add(node_id) for node_id in node_ids]
        self._append(b'["n",%d,%s]\n' % (numbers[0], dumps(list(node_ids)).encode("ascii")))
        return numbers[0]

    def _start(self, attempt: Attempt, location: tuple[str, int | None, str], begun: int) -> None:
        file, line, _ = location
        attempt.begun = begun
        attempt.line = line
        self._latest = attempt
        self._location = location
        if line is not None and attempt.node_id.startswith(file):
            entry = b'["s",%d,%d,%d,%d]\n' % (attempt.test, attempt.number, begun, line)
            if self._write(entry) != len(entry):
                raise torn()
        else:  # a test that was inherited from a class in another file, or one that has no line
            attempt.file = file
            self._append(f"{dumps(['s', attempt.test, attempt.number, begun, line, file])}\n".encode("ascii"))

    def _values(self, attempt: Attempt, properties: Sequence[tuple[str, object]]) -> None:
        first = len(attempt.values) + 1
        pairs = [(storable_text(str(name)), storable_text(str(value))) for name, value in properties]
        attempt.values = [*attempt.values, *pairs]
        self._append(f"{dumps(['v', attempt.test, attempt.number, first, pairs])}\n".encode("ascii"))

    def _subtest(self, attempt: Attempt, report: pytest.TestReport, outcome: str) -> None:
        failure = storable_text(report.longreprtext) if outcome == FAILED else None
        position = len(attempt.subtests) + 1
        subtest = Subtest(position, describe(report), outcome, report.duration, _reason(report), failure)
        attempt.add_subtest(subtest)
        fields = ["u", attempt.test, attempt.number, attempt.outcome, attempt.phase, attempt.worker, *astuple(subtest)]
        self._append(f"{dumps(fields)}\n".encode("ascii"))

    def _end(self, attempt: Attempt) -> None:
        self._ledger.end(attempt)
        self._latest = None


def _rest(attempt: Attempt, report: pytest.TestReport | pytest.CollectReport, outcome: str) -> str:
    """Take the reason and the failure from a report, and return the end of its line."""
    attempt.reason = _reason(report) or attempt.reason
    failure = None
    if outcome == FAILED:
        text = storable_text(report.longreprtext)
        failure = attempt.failure = storable_text(f"{attempt.failure}\n\n{text}") if attempt.failure else text
    fields = (attempt.outcome, attempt.phase, attempt.worker, attempt.reason, failure)
    return ",".join("null" if field is None else quoted(field) for field in fields) + "]\n"


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str | None:
    """Return why a test was skipped or expected to fail."""
    expected = getattr(report, "wasxfail", None)
    if expected is not None:
        return storable_text(str(expected).removeprefix("reason: "))
    if report.outcome == SKIPPED and isinstance(report.longrepr, tuple):
        return storable_text(str(report.longrepr[2]).removeprefix("Skipped: "))
    return None
