"""What is known of tests over all recorded sessions of a worktree: how long, how steady, how they went."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline_state.store.attempts import UNKNOWN, Attempts
from pipeline_state.store.database import Database
from pipeline_state.store.queries import load
from pipeline_state.store.storable import storable_id


@dataclass(frozen=True, slots=True)
class TimedTest:
    """A test and how long it last took, all phases together, in seconds; `rootdir` is relative to the worktree."""

    rootdir: str
    node_id: str
    outcome: str
    run: str
    duration_s: float


@dataclass(frozen=True, slots=True)
class FlakyTest:
    """A test that came out differently in one and the same commit, state of the tree and environment.

    `outcomes` counts attempts by outcome.
    """

    rootdir: str
    node_id: str
    commit_id: str | None
    last_seen_at: str
    outcomes: dict[str, int]


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """One attempt at a test. `at` is when it began, or its run, if it never did; `duration_s` in seconds.

    `file` (relative to `rootdir`) and `line` (from 1) are where the test was seen last.
    """

    rootdir: str
    node_id: str
    run: str
    number: int
    outcome: str
    phase: str | None
    commit_id: str | None
    branch: str | None
    at: str
    duration_s: float | None
    file: str
    line: int | None


class Tests:
    """The tests of a worktree."""

    __test__ = False  # for pytest, which collects by name

    def __init__(self, database: Database, worktree: int) -> None:
        self._database, self._worktree = database, worktree
        self._sql = load("tests", database.backend)
        self._attempts = load("attempts", database.backend)

    def latest_rootdir(self) -> str | None:
        """Return the root directory of the latest session, or None if there is none."""
        row = self._database.one(self._sql["latest_rootdir"], {"worktree": self._worktree})
        return None if row is None else str(row["rootdir"])

    def slowest(self, limit: int) -> list[TimedTest]:
        """Return the tests that last took longest, the slowest first; a negative `limit` means all."""
        found: dict[tuple[str, str], TimedTest] = {}
        for session in self._database.all(self._attempts["sessions"], {"worktree": self._worktree}):
            timed: dict[tuple[str, str], TimedTest] = {}
            for row in self._database.all(self._attempts["results"], {"run": session["id"]}):
                if row["setup_s"] is not None and row["outcome"] not in UNKNOWN:
                    test = (session["rootdir"], row["node_id"])
                    timed[test] = TimedTest(*test, row["outcome"], session["id"], row["seconds"])
            found = timed | found
        ordered = sorted(found.values(), key=lambda test: (-test.duration_s, test.rootdir, test.node_id))
        return ordered[:limit] if limit >= 0 else ordered

    def durations(self, rootdir: str) -> dict[str, float]:
        """Return how long each test below a root directory last took, in seconds, by node id.

        Of a test that has not run in this worktree it is what the one that it began with knew.
        """
        known = {row["node_id"]: row["inherited_s"] for row in self._database.all(self._sql["inherited"], (rootdir,))}
        results = Attempts(self._database, self._worktree).last_results(rootdir)
        known |= {result.node_id: result.duration for result in results if result.duration is not None}
        return dict(sorted(known.items()))

    def flaky(self) -> list[FlakyTest]:
        """Return the tests that came out differently in the same state; where that was last seen first."""
        found: dict[tuple[str, str, str | None, str], FlakyTest] = {}
        for row in self._database.all(self._sql["flaky"], {"worktree": self._worktree}):
            state = (row["rootdir"], row["node_id"], row["commit_id"], row["latest"])
            outcomes = found.setdefault(state, FlakyTest(*state, {})).outcomes
            outcomes[row["outcome"]] = outcomes.get(row["outcome"], 0) + row["attempts"]
        return list(found.values())

    def flaky_in(self, run: str) -> list[str]:
        """Return the tests of a run that failed there, or in one of the last runs in the same state, but not each time.

        Costs little where little has failed: a session ends with it.
        """
        return [row["node_id"] for row in self._database.all(self._sql["flaky_in"], {"run": run})]

    def history(self, node_id: str) -> list[PastAttempt]:
        """Return the attempts at a test, the latest first."""
        wanted = {"worktree": self._worktree, "node_id": storable_id(node_id)}
        rows = map(dict, self._database.all(self._sql["history"], wanted))
        return [PastAttempt(**{**row, "file": row["file"] or str(row["node_id"]).partition("::")[0]}) for row in rows]
