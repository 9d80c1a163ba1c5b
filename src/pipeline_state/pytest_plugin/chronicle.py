"""What pytest says, as lines of the journal; put together by hand, for this is where a recorder's time goes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from json import dumps
from json.encoder import encode_basestring_ascii as quoted

import pytest

from pipeline_state.pytest_plugin.outcomes import (
    CRASHED,
    DEAD_WORKER,
    ERROR,
    FAILED,
    PASSED,
    RERUN,
    SKIPPED,
    TEARDOWN,
    Attempt,
    Ledger,
    phase_outcome,
)
from pipeline_state.store.journal import Journal
from pipeline_state.store.storable import storable_text

_SUBTEST = "subtest"


class Chronicle:
    """Writes the journal of a session. Each method raises `OSError` if its line could not be written."""

    def __init__(self, journal: Journal) -> None:
        self._append = journal.append
        self._ledger = Ledger()
        self._now = time.time_ns  # bound now, out of reach of tests that freeze the clock

    @property
    def tests(self) -> int:
        """How many tests and files are known."""
        return len(self._ledger)

    def collected(self, node_ids: Sequence[str]) -> None:
        """Write down what was chosen to run; under xdist once for each worker, and all say the same."""
        new = [node_id for node_id in dict.fromkeys(node_ids) if self._ledger.number_of(node_id) is None]
        if new:
            self._add(new)
        self._append(b'["c",%d]\n' % len(node_ids))

    def uncollected(self, report: pytest.CollectReport) -> None:
        """Write down that something could not be collected, or was skipped as a whole."""
        node_id = report.nodeid or "."
        if self._ledger.number_of(node_id) is not None:  # another worker has said so
            return
        outcome = phase_outcome(report.outcome, expected=hasattr(report, "wasxfail"))
        overall = ERROR if outcome == FAILED else outcome
        text = quoted(storable_text(report.longreprtext)) if outcome == FAILED else "null"
        begin = f'["r",{self._number(node_id)},1,"collect","{outcome}",0,"{overall}","collect"'
        self._append(f"{begin},null,{_reason(report)},{text}]\n".encode("ascii"))

    def started(self, node_id: str, location: tuple[str, int | None, str]) -> None:
        """Write down that a test begins."""
        self._start(self._ledger.begin(self._number(node_id)), node_id, location, self._now())

    def reported(self, report: pytest.TestReport) -> None:
        """Write down what became of a phase, a subtest, or a test whose worker died."""
        node = getattr(report, "node", None)  # set by xdist: the worker that it comes from
        worker: str | None = None if node is None else node.gateway.id
        node_id, phase = report.nodeid, str(report.when)
        attempt = self._ledger.attempt_of(self._number(node_id), worker, phase)
        if not attempt.announced:  # a repetition, or a test that another plugin runs in its own way
            begun: float = getattr(report, "start", 0.0)
            self._start(attempt, node_id, report.location, int(begun * 1e9) or self._now())
        self._append(self._line(report, attempt, phase, worker))

    def ended(self, exit_status: int, ended_at: int) -> None:
        """Write down the end of the session; the time in nanoseconds since 1970."""
        self._append(b'["e",%d,%d]\n' % (exit_status, ended_at))

    def _number(self, node_id: str) -> int:
        test = self._ledger.number_of(node_id)
        return self._add([node_id]) if test is None else test

    def _add(self, node_ids: Sequence[str]) -> int:
        """Give tests their numbers and return the first."""
        numbers = [self._ledger.add(node_id) for node_id in node_ids]
        self._append(b'["n",%d,%s]\n' % (numbers[0], dumps(list(node_ids)).encode("ascii")))
        return numbers[0]

    def _start(self, attempt: Attempt, node_id: str, location: tuple[str, int | None, str], begun: int) -> None:
        attempt.announced = True
        file, line, _ = location
        if node_id.startswith(file):
            place = "" if line is None else f",{line}"
        else:  # a test that was inherited from a class in another file
            place = f",{'null' if line is None else line},{quoted(file)}"
        self._append(f'["s",{attempt.test},{attempt.number},{begun}{place}]\n'.encode("ascii"))

    def _line(self, report: pytest.TestReport, attempt: Attempt, phase: str, worker: str | None) -> bytes:
        outcome = phase_outcome(report.outcome, expected=hasattr(report, "wasxfail"))
        overall: str
        decided: str | None
        if phase == DEAD_WORKER:
            overall, decided = CRASHED, None
        elif type(report) is not pytest.TestReport and hasattr(report, "context"):
            overall, decided = attempt.add_subtest(outcome)
            phase = _SUBTEST
        else:
            overall, decided = attempt.add(phase, outcome)
        if phase in (TEARDOWN, DEAD_WORKER) or report.outcome == RERUN:
            self._ledger.end(attempt)
        begin = f'["r",{attempt.test},{attempt.number},"{phase}","{outcome}",{report.duration:.6f},"{overall}"'
        if decided is None and worker is None and outcome == PASSED:
            return f"{begin}]\n".encode("ascii")
        if outcome == FAILED:
            text = storable_text(report.longreprtext)
            attempt.failure = storable_text(f"{attempt.failure}\n\n{text}") if attempt.failure else text
        failure = _or_null(attempt.failure if outcome == FAILED else None)
        return f"{begin},{_or_null(decided)},{_or_null(worker)},{_reason(report)},{failure}]\n".encode("ascii")


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Return why a test was skipped or expected to fail, as JSON."""
    expected = getattr(report, "wasxfail", None)
    if expected is not None:
        return quoted(storable_text(str(expected).removeprefix("reason: ")))
    if report.outcome == SKIPPED and isinstance(report.longrepr, tuple):
        return quoted(storable_text(str(report.longrepr[2]).removeprefix("Skipped: ")))
    return "null"


def _or_null(text: str | None) -> str:
    return "null" if text is None else quoted(text)
