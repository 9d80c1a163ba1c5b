"""What became of a test: from what pytest reports, phase by phase, to one overall outcome. Pure.

pytest reports setup, call and teardown one by one; a report may stand for an expected failure, for a subtest, or for
an attempt that another plugin is about to repeat. `Ledger` keeps apart the attempts that are under way.
"""

from __future__ import annotations

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


class Attempt:
    """One execution of one test that is under way."""

    __slots__ = ("announced", "call", "failed_subtests", "failure", "number", "setup", "teardown", "test", "worker")

    def __init__(self, test: int, number: int, worker: str | None) -> None:
        self.test = test
        self.number = number
        self.worker = worker
        self.setup: str | None = None
        self.call: str | None = None
        self.teardown: str | None = None
        self.failed_subtests = 0
        self.failure: str | None = None
        self.announced = False
        """Whether its start has been written down."""

    def add(self, phase: str, outcome: str) -> tuple[str, str | None]:
        """Take the outcome of a phase and return the overall outcome so far, with the phase that decided it."""
        if phase == CALL:
            self.call = outcome
        elif phase == SETUP:
            self.setup = outcome
        elif phase == TEARDOWN:
            self.teardown = outcome
        return judge(self.setup, self.call, self.teardown, self.failed_subtests)

    def add_subtest(self, outcome: str) -> tuple[str, str | None]:
        """Take the outcome of a subtest: a failing one makes its test failed, whatever is said of the test later."""
        if outcome == FAILED:
            self.failed_subtests += 1
        return judge(self.setup, self.call, self.teardown, self.failed_subtests)


class Ledger:
    """The tests of a session by number, and which attempt a report belongs to."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._attempts: list[int] = []
        self._under_way: dict[int, list[Attempt]] = {}

    def __len__(self) -> int:
        return len(self._attempts)

    def number_of(self, node_id: str) -> int | None:
        """Return the number of a test, or None if it has none yet."""
        return self._numbers.get(node_id)

    def add(self, node_id: str) -> int:
        """Give a test a number: 0, 1, 2 in the order they are added."""
        number = self._numbers[node_id] = len(self._attempts)
        self._attempts.append(0)
        return number

    def begin(self, test: int, worker: str | None = None) -> Attempt:
        """Begin the next attempt of a test."""
        self._attempts[test] += 1
        attempt = Attempt(test, self._attempts[test], worker)
        self._under_way.setdefault(test, []).append(attempt)
        return attempt

    def attempt_of(self, test: int, worker: str | None, phase: str) -> Attempt:
        """Return the attempt that a report of this phase, from this worker, is about; a new one if there is none.

        A start does not say which worker it comes from, so the first report of a worker claims the oldest unclaimed
        attempt. A second setup is a repetition (pytest-rerunfailures logs one start for all of them).
        """
        for attempt in self._under_way.get(test, ()):
            if attempt.worker is None:
                attempt.worker = worker
            if attempt.worker == worker:
                if phase == SETUP and attempt.setup is not None:
                    self.end(attempt)
                    break
                return attempt
        return self.begin(test, worker)

    def end(self, attempt: Attempt) -> None:
        """Close an attempt: reports that follow belong to another one."""
        others = self._under_way.get(attempt.test, [])
        if attempt in others:
            others.remove(attempt)
            if not others:
                del self._under_way[attempt.test]
