"""What pytest says, as lines of the journal; put together by hand, for this is where a recorder's time goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple
from json import dumps
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

import pytest

from pipeline_state.pytest_plugin.details import (
    AnyReport,
    detail_of,
    details_of,
    reason_of,
    sections_of,
    text_of,
)
from pipeline_state.pytest_plugin.informant import TOLD
from pipeline_state.pytest_plugin.keeping import Keeping
from pipeline_state.pytest_plugin.markers import by_name
from pipeline_state.pytest_plugin.outcomes import (
    CALL,
    CRASHED,
    DEAD_WORKER,
    ERROR,
    FAILED,
    PASSED,
    RERUN,
    TEARDOWN,
    Attempt,
    Ledger,
    phase_outcome,
)
from pipeline_state.pytest_plugin.passing import Others, Passing
from pipeline_state.pytest_plugin.subtests import describe, is_subtest
from pipeline_state.store.attempts import COLLECT, Part, Subtest
from pipeline_state.store.details import Detail, Value
from pipeline_state.store.journal import Journal
from pipeline_state.store.recording import Batch
from pipeline_state.store.storable import storable_text


class Chronicle:
    """Writes the journal of a session, and keeps what has not been taken from it yet.

    The methods that write raise `OSError` if a line could not be written.
    """

    def __init__(self, journal: Journal, others: Others, keeping: Keeping | None = None) -> None:
        self._append = journal.append
        self._journal = journal
        self._ledger = Ledger()
        self.chosen: int | None = None
        """How many tests were chosen to run, once that is known."""
        self.properties: list[tuple[str, str]] = []
        """What the session said of itself as a whole."""
        self.internal_error: str | None = None
        self._markers: dict[str, tuple[str, ...]] = {}
        self._capture, self._limit = keeping or Keeping()
        self.passing = Passing(journal, self._ledger, others, looks_at_output=self._capture == "all")
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
        attempt = self._ledger.begin(self._number(node_id), node_id)
        outcome = phase_outcome(report.outcome, expected=hasattr(report, "wasxfail"))
        self._start(attempt, (node_id.partition("::")[0], None, ""), self._now())
        attempt.outcome = ERROR if outcome == FAILED else outcome
        attempt.phase = COLLECT
        detail = detail_of(report, COLLECT, 0, self._limit)
        self._tell(attempt, report, COLLECT, outcome, [detail] if detail else [])
        self._end(attempt)
        begin = f'["r",{attempt.test},{attempt.number},"{COLLECT}","{outcome}",0,'
        self._append(f"{begin}{self._rest(attempt, report, outcome)}".encode("ascii"))

    def started(self, node_id: str, location: tuple[str, int | None, str]) -> None:
        """Write down that a test begins."""
        self.passing.give_up(self._ledger)
        ledger = self._ledger
        if node_id not in ledger.numbers:
            self._add([node_id])
        self._start(ledger.begin(ledger.numbers[node_id], node_id), location, self._now())

    def add_values(self, report: pytest.TestReport, ask: Callable[[int], Sequence[Mapping[str, object]]]) -> None:
        """Write down what `ask`, given the number of the attempt, has to add to what is known of a test."""
        self.passing.give_up(self._ledger)
        node = report.__dict__.get("node")
        worker = None if node is None else node.gateway.id
        attempt = self._ledger.attempt_of(self._number(report.nodeid), report.nodeid, worker, str(report.when))
        pairs = [pair for answer in ask(attempt.number) for pair in answer.items()]
        if pairs:
            self._values(attempt, pairs, None)

    def reported(self, report: pytest.TestReport) -> None:
        """Write down what became of a phase, a subtest, or a test whose worker died."""
        self.passing.give_up(self._ledger)
        more = report.__dict__
        node = more.get("node")  # set by xdist: the worker that it comes from
        if TOLD in more:
            self._told(report.nodeid, more.pop(TOLD))
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
            self._values(attempt, new, None if phase == DEAD_WORKER else phase)
        outcome = phase_outcome(report.outcome, expected="wasxfail" in more)
        if phase == DEAD_WORKER:
            attempt.outcome, attempt.phase = CRASHED, None
        elif is_subtest(report):
            self._subtest(attempt, report, outcome)
            return
        elif phase == TEARDOWN and attempt.doubtful is not None:
            self._settle(attempt, attempt.doubtful)
        self._phase(attempt, report, phase, outcome)
        if phase == CALL and attempt.failed_subtests and outcome == PASSED:
            attempt.doubtful = report
        attempt.repeated |= report.outcome == RERUN
        if phase in (TEARDOWN, DEAD_WORKER):
            self._end(attempt)

    def _settle(self, attempt: Attempt, call: pytest.TestReport) -> None:
        """Write down a call anew that passed but for its subtests: pytest's terminal makes a failure of the report."""
        attempt.doubtful = None
        if call.outcome != PASSED:
            self._phase(attempt, call, CALL, phase_outcome(call.outcome, expected=False))

    def _phase(self, attempt: Attempt, report: pytest.TestReport, phase: str, outcome: str) -> None:
        """Write down what became of a phase."""
        if phase != DEAD_WORKER:
            attempt.add(phase, outcome, report.duration)
            self._tell(attempt, report, phase, outcome, details_of(report, attempt, phase, self._limit))
        rest = self._rest(attempt, report, outcome)
        begin = f'["r",{attempt.test},{attempt.number},"{phase}","{outcome}",{report.duration:.6f},'
        self._append(f"{begin}{rest}".encode("ascii"))

    def marked(self, markers: Mapping[str, tuple[str, ...]]) -> None:
        """Write down the names of the markers of tests, by node id."""
        self._markers.update(markers)
        for name, node_ids in by_name(markers).items():
            tests = [self._number(node_id) for node_id in node_ids]
            self._append(f"{dumps(['m', storable_text(name), tests])}\n".encode("ascii"))

    def add_property(self, name: str, value: str) -> None:
        """Write down what the session says of itself as a whole."""
        pair = (storable_text(name), storable_text(value, self._limit))
        self.properties.append(pair)
        self._append(f"{dumps(['p', len(self.properties), *pair])}\n".encode("ascii"))

    def failed_inside(self, text: str) -> None:
        """Write down an error in pytest itself, or in a plugin; the first one counts."""
        if self.internal_error is None:
            self.internal_error = storable_text(text, self._limit)
            self._append(f"{dumps(['i', self.internal_error])}\n".encode("ascii"))

    def ended(self, exit_status: int, ended_at: int) -> None:
        """Write down the end of the session; the time in nanoseconds since 1970."""
        self._append(b'["e",%d,%d]\n' % (exit_status, ended_at))

    def take(self) -> Batch:
        """Return what has happened since the last time: the attempts that ended, and those that are under way."""
        parts: list[Part] = [*self._ledger.take()]
        under_way = self.passing.under_way()
        if under_way is not None:
            parts.append(under_way)
        if self._markers:
            for part in parts:
                part.markers = self._markers.get(part.node_id, ())
        return Batch(parts, self.passing.take(), self._markers)

    def begun(self) -> int:
        """Return how many tests began."""
        return len(self._ledger.numbers) - len(self._ledger.never_begun())

    @property
    def settled(self) -> bool:
        """Whether every attempt that began has come to the end of its teardown."""
        return self.passing.under_way() is None and not self._ledger.under_way()

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
        if line is not None and attempt.node_id.startswith(file):
            self._append(b'["s",%d,%d,%d,%d]\n' % (attempt.test, attempt.number, begun, line))
        else:  # a test that was inherited from a class in another file, or one that has no line
            attempt.file = file
            self._append(f"{dumps(['s', attempt.test, attempt.number, begun, line, file])}\n".encode("ascii"))

    def _told(self, node_id: str, told: Mapping[str, Any]) -> None:
        """Take what a worker told with a report."""
        for name, value in told.get("properties", ()):
            self.add_property(name, value)
        if "markers" in told:
            self.marked({node_id: tuple(told["markers"])})

    def _values(self, attempt: Attempt, properties: Sequence[tuple[str, object]], phase: str | None) -> None:
        first = len(attempt.values) + 1
        pairs = [(storable_text(str(name)), storable_text(str(value), self._limit)) for name, value in properties]
        attempt.values = [*attempt.values, *(Value(*pair, phase) for pair in pairs)]
        self._append(f"{dumps(['v', attempt.test, attempt.number, first, pairs, phase])}\n".encode("ascii"))

    def _tell(
        self,
        attempt: Attempt,
        report: AnyReport,
        phase: str,
        outcome: str,
        details: Sequence[Detail],
        subtest: int = 0,
    ) -> None:
        """Write down what a report says beside its outcome, and the output that was captured, if it is to be kept."""
        for detail in details:
            attempt.details = [*attempt.details, detail]
            self._append(f"{dumps(['d', attempt.test, attempt.number, *detail])}\n".encode("ascii"))
        if self._capture == "no" or not (self._capture == "all" or outcome == FAILED or attempt.failure):
            return
        known = 0 if subtest else sum(not section.subtest for section in attempt.sections)
        sections = sections_of(report, phase, subtest, self._limit, known)
        if sections:
            first = len(attempt.sections) + 1
            attempt.sections = [*attempt.sections, *sections]
            self._append(f"{dumps(['o', attempt.test, attempt.number, first, sections])}\n".encode("ascii"))

    def _subtest(self, attempt: Attempt, report: pytest.TestReport, outcome: str) -> None:
        failure = text_of(report, self._limit) if outcome == FAILED else None
        position = len(attempt.subtests) + 1
        detail = detail_of(report, CALL, position, self._limit)
        self._tell(attempt, report, CALL, outcome, [detail] if detail else [], position)
        subtest = Subtest(position, describe(report), outcome, report.duration, reason_of(report), failure)
        attempt.add_subtest(subtest)
        fields = ["u", attempt.test, attempt.number, attempt.outcome, attempt.phase, attempt.worker, *astuple(subtest)]
        self._append(f"{dumps(fields)}\n".encode("ascii"))

    def _end(self, attempt: Attempt) -> None:
        self._ledger.end(attempt)

    def _rest(self, attempt: Attempt, report: AnyReport, outcome: str) -> str:
        """Take the reason and the failure from a report, and return the end of its line."""
        attempt.reason = reason_of(report) or attempt.reason
        failure = None
        if outcome == FAILED:
            text = text_of(report, self._limit)
            whole = f"{attempt.failure}\n\n{text}" if attempt.failure else text
            failure = attempt.failure = storable_text(whole, self._limit)
        fields = (attempt.outcome, attempt.phase, attempt.worker, attempt.reason, failure)
        return ",".join("null" if field is None else quoted(field) for field in fields) + "]\n"
