"""What became of a test: from what pytest reports, phase by phase, to one overall outcome. Pure.

pytest reports setup, call and teardown one by one; a report may stand for an expected failure, for a subtest, or for
an attempt that another plugin is about to repeat. `Ledger` keeps apart the attempts that are under way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline_state.store.attempts import Part, Subtest

if TYPE_CHECKING:
    import pytest

RUNNING = "running"
PASSED = "passed"
FAILED = "failed"
ERROR = "error"
SKIPPED = "skipped"
XFAILED = "xfailed"
XPASSED = "xpassed"
CRASHED = "crashed"
NOT_RUN = "not run"
RERUN = "rerun"
"""What pytest-rerunfailures reports of a failure that it is about to try again."""

SETUP = "setup"
CALL = "call"
TEARDOWN = "teardown"
DEAD_WORKER = "???"
"""What pytest-xdist gives as the phase when a worker died while it ran the test."""


def phase_outcome(reported: str, *, expected: bool) -> str:
    """Return the outcome of one phase; `expected` says that the report carries `wasxfail`."""
    if expected:
        return XFAILED if reported == SKIPPED else XPASSED if reported == PASSED else FAILED
    return FAILED if reported == RERUN else reported


def judge(setup: str | None, call: str | None, teardown: str | None, failed_subtests: int) -> tuple[str, str | None]:
    """Return the overall outcome of an attempt and the phase that decided it, if one did.

    Each phase is given by its `phase_outcome`, or None if it was not reported. A result stands as soon as the call is
    reported; a teardown that fails turns it into an error, unless it was a failure already.
    """
    if setup == FAILED:
        return ERROR, SETUP
    if call == FAILED or failed_subtests:
        return FAILED, CALL
    if teardown == FAILED:
        return ERROR, TEARDOWN
    if setup in (SKIPPED, XFAILED):
        return setup, SETUP
    if call in (SKIPPED, XFAILED, XPASSED):
        return call, CALL
    if call == PASSED:
        return PASSED, None
    # No call: still to come, or never (--setup-only, --setup-plan).
    return (RUNNING if teardown is None else NOT_RUN), None


class Attempt(Part):
    """One execution of one test, as far as it is known."""

    failed_subtests = 0
    properties = 0
    """How many of the report's user properties are among the values."""
    repeated = False
    """Whether pytest-rerunfailures has said that it will try the test again."""
    doubtful: pytest.TestReport | None = None
    """The report of a call that passed although subtests failed: pytest's terminal may change it."""

    def __init__(self, test: int, node_id: str, number: int) -> None:
        self.test = test
        self.node_id = node_id
        self.number = number

    def add(self, phase: str, outcome: str, seconds: float) -> None:
        """Take the outcome of a phase and its duration."""
        if phase == CALL:
            self.call_outcome, self.call_s = outcome, seconds
        elif phase == SETUP:
            self.setup_outcome, self.setup_s = outcome, seconds
        elif phase == TEARDOWN:
            self.teardown_outcome, self.teardown_s = outcome, seconds
        self._judge()

    def add_subtest(self, subtest: Subtest) -> None:
        """Take what became of a subtest: a failing one makes its test failed, whatever is said of the test later."""
        if self.subtests:
            self.subtests.append(subtest)
        else:
            self.subtests = [subtest]
        self.failed_subtests += subtest.outcome == FAILED
        self._judge()

    def _judge(self) -> None:
        self.outcome, self.phase = judge(
            self.setup_outcome, self.call_outcome, self.teardown_outcome, self.failed_subtests
        )


class Ledger:
    """The tests of a session by number, and which attempt a report belongs to."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        """The number of each test by its node id: 0, 1, 2 in the order in which they were added."""
        self.attempts: list[int] = []
        """How many attempts have begun at each test, by its number."""
        self._under_way: dict[int, list[Attempt]] = {}
        self._ended: list[Attempt] = []

    def add(self, node_id: str) -> int:
        """Give a test its number."""
        number = self.numbers[node_id] = len(self.attempts)
        self.attempts.append(0)
        return number

    def begin(self, test: int, node_id: str) -> Attempt:
        """Begin the next attempt of a test."""
        number = self.attempts[test] = self.attempts[test] + 1
        attempt = Attempt(test, node_id, number)
        if test in self._under_way:
            self._under_way[test].append(attempt)
        else:
            self._under_way[test] = [attempt]
        return attempt

    def attempt_of(self, test: int, node_id: str, worker: str | None, phase: str) -> Attempt:
        """Return the attempt that a report of this phase, from this worker, is about; a new one if there is none.

        A start does not say which worker it comes from, so the first report of a worker claims the oldest unclaimed
        attempt. pytest-rerunfailures logs one start for all repetitions: what follows a failure that it repeats is
        the next attempt, except for a teardown; so is a second setup.
        """
        for attempt in self._under_way.get(test, ()):
            if attempt.worker is None:
                attempt.worker = worker
            if attempt.worker == worker:
                second = attempt.repeated if phase != SETUP else attempt.setup_outcome is not None
                if not second or phase == TEARDOWN:
                    return attempt
                self.end(attempt)
                break
        attempt = self.begin(test, node_id)
        attempt.worker = worker
        return attempt

    def end(self, attempt: Attempt) -> None:
        """Close an attempt: reports that follow belong to another one."""
        self._ended.append(attempt)
        attempts = self._under_way[attempt.test]
        if len(attempts) == 1:
            del self._under_way[attempt.test]
        else:
            attempts.remove(attempt)

    def under_way(self) -> list[Attempt]:
        """Return the attempts that have begun and not ended."""
        return [attempt for attempts in self._under_way.values() for attempt in attempts]

    def take(self) -> list[Attempt]:
        """Return the attempts that have ended since the last time, and those that are under way."""
        ended, self._ended = self._ended, []
        return ended + self.under_way()

    def never_begun(self) -> list[str]:
        """Return the tests that no attempt was made at."""
        return [node_id for node_id, test in self.numbers.items() if not self.attempts[test]]
