"""Tests that pass and have nothing to say: the straight way from pytest to the journal.

Most tests of most sessions go this way, so what a recorder costs is decided here, by how little is called and looked
at. Whatever is not plain (another outcome, a value, a worker, a second attempt) is left to the chronicle.
"""

from __future__ import annotations

import time
from typing import Protocol

import pytest

from pipeline_state.pytest_plugin.outcomes import CALL, PASSED, SETUP, TEARDOWN, Attempt, Ledger
from pipeline_state.store.journal import Journal, torn
from pipeline_state.store.passes import Pass

_PLAIN = pytest.TestReport


class Others(Protocol):
    """Who records what is not plain, and is told when nothing more can be recorded."""

    def started(self, node_id: str, location: tuple[str, int | None, str]) -> None:
        """Record that a test begins."""

    def reported(self, report: pytest.TestReport) -> None:
        """Record what became of a phase."""

    def lost(self, node_id: str, error: Exception) -> None:
        """Give up recording."""

    def store(self) -> None:
        """Bring what has happened into the database."""


class Passing:
    """The plugin that hears of every test first, and follows one at a time, from its start to the end of its teardown.

    `due`: from when on (`time.monotonic_ns`) what has happened is to be brought into the database.
    """

    __slots__ = (
        "_append",
        "_attempts",
        "_begun",
        "_call_s",
        "_elapsed",
        "_ended",
        "_line",
        "_location",
        "_looks_at_output",
        "_next",
        "_node_id",
        "_now",
        "_numbers",
        "_others",
        "_setup_s",
        "_test",
        "_write",
        "due",
    )

    def __init__(self, journal: Journal, ledger: Ledger, others: Others, *, looks_at_output: bool) -> None:
        self._write, self._append = journal.writer, journal.append
        self._numbers = ledger.numbers
        self._attempts = ledger.attempts
        self._others = others
        self._looks_at_output = looks_at_output
        # Bound now, out of reach of tests that freeze the clock.
        self._now = time.time_ns
        self._elapsed = time.monotonic_ns
        self.due = 0
        self._ended: list[Pass] = []
        self._next: str | None = None
        """The phase that is reported next; None while no test is followed."""
        self._node_id = ""
        self._location: tuple[str, int | None, str] = ("", None, "")
        self._test = self._line = self._begun = 0
        self._setup_s = self._call_s = 0.0

    @pytest.hookimpl(tryfirst=True)  # what the terminal has printed must be on disk already
    def pytest_runtest_logstart(self, nodeid: str, location: tuple[str, int | None, str]) -> None:
        """Write down that a test begins."""
        try:
            test = self._numbers.get(nodeid)
            file, line, _ = location
            if test is None or line is None or self._next or self._attempts[test] or not nodeid.startswith(file):
                return self._others.started(nodeid, location)
            self._attempts[test] = 1
            self._next = SETUP
            self._test, self._node_id, self._location, self._line = test, nodeid, location, line
            self._begun = begun = self._now()
            entry = b'["s",%d,1,%d,%d]\n' % (test, begun, line)
            try:
                if self._write(entry) != len(entry):
                    raise torn()
            except ValueError:
                self._append(entry)
        except Exception as error:  # noqa: BLE001 - nothing that fails in a recorder may change what becomes of tests
            self._others.lost(nodeid, error)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write down that the next phase of the test passed."""
        try:
            more = report.__dict__
            phase = more["when"]
            if (
                phase != self._next
                # pytest gives all reports of a test the same location; to compare the node ids costs more.
                or more["location"] is not self._location
                or more["outcome"] != PASSED
                or more["user_properties"]
                or "node" in more  # it comes from a worker
                or "wasxfail" in more
                or type(report) is not _PLAIN
                or (self._looks_at_output and more["sections"])
            ):
                return self._others.reported(report)
            seconds: float = more["duration"]
            if phase == CALL:
                self._next = TEARDOWN
                self._call_s = seconds
                entry = b'["r",%d,1,"call","passed",%.6f,"passed"]\n' % (self._test, seconds)
            elif phase == SETUP:
                self._next = CALL
                self._setup_s = seconds
                entry = b'["r",%d,1,"setup","passed",%.6f,"running"]\n' % (self._test, seconds)
            else:
                self._next = None
                self._ended.append((self._node_id, self._line, self._begun, self._setup_s, self._call_s, seconds))
                entry = b'["r",%d,1,"teardown","passed",%.6f,"passed"]\n' % (self._test, seconds)
            try:
                if self._write(entry) != len(entry):
                    raise torn()
            except ValueError:
                self._append(entry)
            if phase == TEARDOWN and self._elapsed() > self.due:
                self._others.store()
        except Exception as error:  # noqa: BLE001 - see above
            self._others.lost(report.nodeid, error)

    def stop(self) -> None:
        """Follow no test any more: all that happens is left to the others."""
        self._numbers = {}
        self._next = None

    def take(self) -> list[Pass]:
        """Return the attempts that have ended since the last time."""
        ended, self._ended = self._ended, []
        return ended

    def under_way(self) -> Attempt | None:
        """Return what is known of the test that is followed."""
        if self._next is None:
            return None
        attempt = Attempt(self._test, self._node_id, 1)
        self._tell(attempt)
        return attempt

    def give_up(self, ledger: Ledger) -> None:
        """Leave the test that is followed, if there is one, to the ledger."""
        if self._next is None:
            return
        self._attempts[self._test] = 0
        self._tell(ledger.begin(self._test, self._node_id))
        self._next = None

    def _tell(self, attempt: Attempt) -> None:
        attempt.begun, attempt.line = self._begun, self._line
        if self._next != SETUP:
            attempt.add(SETUP, PASSED, self._setup_s)
        if self._next == TEARDOWN:
            attempt.add(CALL, PASSED, self._call_s)
