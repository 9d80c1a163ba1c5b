"""Tests that pass and have nothing to say: the straight way from pytest to the journal.

Most tests of most sessions go this way, so what a recorder costs is decided here, by how little is called and looked
at. Whatever is not plain (another outcome, a value, a worker, a second attempt) is left to the chronicle.
"""

from __future__ import annotations

import time

import pytest

from pipeline_state.pytest_plugin.outcomes import CALL, PASSED, SETUP, TEARDOWN, Attempt, Ledger
from pipeline_state.store.journal import Journal, torn
from pipeline_state.store.passes import Pass

_PLAIN = pytest.TestReport


class Passing:
    """Follows one test at a time, from its start to the end of its teardown.

    `started` and `passed` return False for what is not plain, and have done nothing then; both raise `OSError` if a
    line could not be written.
    """

    __slots__ = (
        "_attempts",
        "_begun",
        "_call_s",
        "_ended",
        "_line",
        "_location",
        "_looks_at_output",
        "_next",
        "_node_id",
        "_now",
        "_numbers",
        "_setup_s",
        "_test",
        "_write",
    )

    def __init__(self, journal: Journal, ledger: Ledger, *, looks_at_output: bool) -> None:
        self._write = journal.writer
        self._numbers = ledger.numbers
        self._attempts = ledger.attempts
        self._looks_at_output = looks_at_output
        self._now = time.time_ns  # bound now, out of reach of tests that freeze the clock
        self._ended: list[Pass] = []
        self._next: str | None = None
        """The phase that is reported next; None while no test is followed."""
        self._node_id = ""
        self._location: tuple[str, int | None, str] = ("", None, "")
        self._test = self._line = self._begun = 0
        self._setup_s = self._call_s = 0.0

    def started(self, node_id: str, location: tuple[str, int | None, str]) -> bool:
        """Write down that a test begins."""
        test = self._numbers.get(node_id)
        file, line, _ = location
        if test is None or line is None or self._next or self._attempts[test] or not node_id.startswith(file):
            return False
        self._attempts[test] = 1
        self._next = SETUP
        self._test, self._node_id, self._location, self._line = test, node_id, location, line
        self._begun = begun = self._now()
        entry = b'["s",%d,1,%d,%d]\n' % (test, begun, line)
        if self._write(entry) != len(entry):
            raise torn()
        return True

    def passed(self, report: pytest.TestReport) -> bool:
        """Write down that the next phase of the test passed."""
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
            return False
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
        if self._write(entry) != len(entry):
            raise torn()
        return True

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
