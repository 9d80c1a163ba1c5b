"""Executions of tests: one row for each attempt, with an outcome for each phase and one overall."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, MutableSequence, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pipeline_state.store import many_rows
from pipeline_state.store.clock import stamp
from pipeline_state.store.comparison import Change
from pipeline_state.store.database import Database, Row
from pipeline_state.store.details import Detail, Details, Section, Value
from pipeline_state.store.known_tests import KnownTests, Place
from pipeline_state.store.queries import load
from pipeline_state.store.storable import storable_id

OUTCOMES = frozenset(
    {"running", "passed", "failed", "error", "skipped", "xfailed", "xpassed", "crashed", "interrupted", "not run"}
)
UNKNOWN = frozenset({"running", "interrupted", "not run"})
"""Outcomes that say nothing of the test."""
SUBTEST_OUTCOMES = frozenset({"passed", "failed", "skipped", "xfailed", "xpassed"})
UNSUCCESSFUL = ("failed", "error", "crashed", "interrupted")
"""Outcomes of tests that ran and did not end well."""
TEST_PHASES = ("setup", "call", "teardown")
COLLECT = "collect"
PHASES = frozenset({COLLECT, *TEST_PHASES})


@dataclass(frozen=True, slots=True)
class Subtest:
    """What became of a part of an attempt. `position` counts from 1 as pytest reported them; `duration` in seconds."""

    position: int
    description: str
    outcome: str
    duration: float | None
    reason: str | None
    failure: str | None


class Part:
    """What is known of an attempt so far, to be added to what the database holds of it.

    Texts are as pytest gives them. `begun` is in nanoseconds since 1970; `line` counts from 0; without a `file` it is
    the one in the node id. Fields that were never set cost nothing: there are many attempts.
    """

    outcome: str = "running"
    phase: str | None = None
    worker: str | None = None
    begun: int | None = None
    setup_outcome: str | None = None
    setup_s: float | None = None
    call_outcome: str | None = None
    call_s: float | None = None
    teardown_outcome: str | None = None
    teardown_s: float | None = None
    reason: str | None = None
    failure: str | None = None
    file: str | None = None
    line: int | None = None
    subtests: MutableSequence[Subtest] = []  # noqa: RUF012 - shared, and never added to
    values: Sequence[Value] = ()
    first_value: int = 1
    """The position of the first of `values` among all that the test recorded."""
    details: Sequence[Detail] = ()
    sections: Sequence[Section] = ()
    first_section: int = 1
    """The position of the first of `sections` among all that are kept of the attempt."""
    markers: Sequence[str] = ()

    def __init__(self, node_id: str, number: int) -> None:
        self.node_id = node_id
        self.number = number


@dataclass(frozen=True, slots=True)
class Phase:
    """The outcome of a phase, and its duration in seconds if it came to an end."""

    outcome: str
    duration: float | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One execution of one test in one run.

    `number` counts from 1; `phase` is the one that decided the outcome; `file` and `node_id` are relative to `rootdir`,
    and that to the worktree; `line` counts from 1; both are where the test was seen last. `phases` holds those that
    were reported, in order.
    """

    run: str
    rootdir: str
    node_id: str
    number: int
    worker: str | None
    outcome: str
    phase: str | None
    started_at: str | None
    phases: dict[str, Phase]
    reason: str | None
    failure: str | None
    file: str | None
    line: int | None
    subtests: tuple[Subtest, ...] = ()
    values: tuple[Value, ...] = ()
    """What the test recorded of itself, in order."""
    details: tuple[Detail, ...] = ()
    sections: tuple[Section, ...] = ()
    """The captured output that was kept."""
    markers: tuple[str, ...] = ()
    """The names of the markers of the test, as they were when it was last run."""


@dataclass(frozen=True, slots=True)
class Result:
    """An attempt in short. `duration` is of all phases, in seconds; None if none came to an end.

    `torn_down` is False if the result was known, but the end of the teardown was not seen.
    """

    node_id: str
    worker: str | None
    outcome: str
    torn_down: bool
    duration: float | None


@dataclass(frozen=True, slots=True)
class FailingTest:
    """A test whose last known result is not good, and the run that found it so; `rootdir` as in `Attempt`."""

    rootdir: str
    node_id: str
    outcome: str
    run: str


class Attempts:
    """The attempts at tests of a state database."""

    def __init__(self, database: Database, worktree: int) -> None:
        self._database, self._worktree = database, worktree
        self._sql = load("attempts", database.backend)
        self._tests = KnownTests(database)
        self._details = Details(database)

    def add(self, run: str, rootdir: str, parts: Sequence[Part]) -> None:
        """Add what is new of some attempts; part of a transaction."""
        if not parts:
            return
        node_ids = [storable_id(part.node_id) for part in parts]
        tests = self._tests.numbers(rootdir, node_ids, [_place(part) for part in parts])
        rows = [_row(run, test, part) for test, part in zip(tests, parts, strict=True)]
        many_rows.insert(self._database, self._sql["add"], rows)
        more = [(test, part) for test, part in zip(tests, parts, strict=True) if part.subtests or part.values]
        subtests = [_subtest_row(run, test, part, each) for test, part in more for each in part.subtests]
        self._database.many(self._sql["add_subtest"], subtests)
        values = [row for test, part in more for row in _value_rows(run, test, part)]
        self._database.many(self._sql["add_value"], values)
        self._details.add(run, rootdir, tests, parts)

    def interrupt(self, run: str, reason: str | None) -> None:
        """Mark what had begun and not ended as interrupted; part of a transaction."""
        self._database.execute(self._sql["interrupt_running"], {"run": run, "reason": reason})
        self._database.execute(self._sql["interrupt_teardowns"], {"run": run})

    def add_not_run(self, run: str, rootdir: str, node_ids: Iterable[str]) -> None:
        """Add the tests that were chosen and have no attempt as not run; part of a transaction."""
        rows = [{"run": run, "rootdir": rootdir, "node_id": node_id} for node_id in map(storable_id, node_ids)]
        self._database.many(self._sql["add_name"], [(rootdir, row["node_id"]) for row in rows])
        self._database.many(self._sql["add_not_run"], rows)

    def of_run(self, run: str) -> list[Attempt]:
        """Return the attempts of a run, in the order in which they began."""
        subtests: dict[tuple[int, int], list[Subtest]] = {}
        for row in self._database.all(self._sql["subtests_of_run"], {"run": run}):
            subtests.setdefault((row["test"], row["attempt"]), []).append(_subtest(row))
        values: dict[tuple[int, int], list[Value]] = {}
        for test, attempt, *value in self._database.all(self._sql["values_of_run"], {"run": run}):
            values.setdefault((test, attempt), []).append(Value(*value))
        details, sections = self._details.details_of(run), self._details.sections_of(run)
        markers = self._details.markers_of(run)
        attempts = []
        for row in self._database.all(self._sql["of_run"], {"run": run}):
            key = (row["test"], row["number"])
            more = {
                "subtests": tuple(subtests.get(key, ())),
                "values": tuple(values.get(key, ())),
                "details": tuple(details.get(key, ())),
                "sections": tuple(sections.get(key, ())),
                "markers": tuple(markers.get(key[0], ())),
            }
            attempts.append(_attempt(row, more))
        return attempts

    def results(self, run: str) -> list[Result]:
        """Return the attempts of a run in short; a test that was repeated has its last attempt last."""
        return [_result(row) for row in self._database.all(self._sql["results"], {"run": run})]

    def last_results(self, rootdir: str) -> list[Result]:
        """Return the last known result of each test of this worktree below one root directory, by node id.

        An attempt without a result says nothing of its test: the one before it still stands.
        """
        wanted = self._database.one(self._sql["tests"], {"rootdir": rootdir})
        found: dict[str, Result] = {}
        for session in self._database.all(self._sql["sessions"], {"worktree": self._worktree}):
            if wanted is None or len(found) == wanted["tests"]:  # the newest sessions often have all of them
                break
            if session["rootdir"] == rootdir:
                results = {one.node_id: one for one in self.results(session["id"]) if one.outcome not in UNKNOWN}
                found = results | found
        return [found[node_id] for node_id in sorted(found)]

    def changes(self, run: str) -> list[Change]:
        """Return the tests of a run that failed and did not the time before, or the other way round."""
        rows = self._database.all(self._sql["changes"], {"run": run, "worktree": self._worktree})
        return [Change(row["node_id"], row["before"], row["after"]) for row in rows]

    def failing(self) -> list[FailingTest]:
        """Return the tests of this worktree whose last known result is a failure, an error or a crash."""
        rows = self._database.all(self._sql["failing"], {"worktree": self._worktree})
        return [FailingTest(row["rootdir"], row["node_id"], row["outcome"], row["run"]) for row in rows]

    def count(self, run: str) -> dict[str, int]:
        """Return how many tests of a run have each outcome; the last attempt of a test counts."""
        return {row["outcome"]: row["tests"] for row in self._database.all(self._sql["count"], {"run": run})}


def _place(part: Part) -> Place | None:
    """Return where a test stands as it is stored, or None for one of which no start is known."""
    if part.begun is None:
        return None
    return part.file and storable_id(part.file), None if part.line is None else part.line + 1


def _row(run: str, test: int, part: Part) -> tuple[Any, ...]:
    return (
        run,
        test,
        part.number,
        part.worker,
        part.outcome,
        part.phase,
        None if part.begun is None else stamp(part.begun),
        part.setup_outcome,
        part.setup_s,
        part.call_outcome,
        part.call_s,
        part.teardown_outcome,
        part.teardown_s,
        part.reason,
        part.failure,
    )


def _result(row: Row) -> Result:
    torn_down = row["teardown_outcome"] != "interrupted"
    return Result(
        row["node_id"], row["worker"], row["outcome"], torn_down, None if row["setup_s"] is None else row["seconds"]
    )


def _subtest_row(run: str, test: int, part: Part, subtest: Subtest) -> dict[str, Any]:
    return {"run": run, "test": test, "attempt": part.number, **asdict(subtest)}


def _value_rows(run: str, test: int, part: Part) -> Iterator[tuple[Any, ...]]:
    for position, value in enumerate(part.values, part.first_value):
        yield run, test, part.number, position, *value


def _subtest(row: Row) -> Subtest:
    fields = (row["description"], row["outcome"], row["duration_s"], row["reason"], row["failure"])
    return Subtest(row["position"], *fields)


def _attempt(row: Row, more: Mapping[str, Any]) -> Attempt:
    phases = {
        phase: Phase(row[f"{phase}_outcome"], row[f"{phase}_s"]) for phase in TEST_PHASES if row[f"{phase}_outcome"]
    }
    return Attempt(
        run=row["run"],
        rootdir=row["rootdir"],
        node_id=row["node_id"],
        number=row["number"],
        worker=row["worker"],
        outcome=row["outcome"],
        phase=row["phase"],
        started_at=row["started_at"],
        phases=phases,
        reason=row["reason"],
        failure=row["failure"],
        file=row["file"] or str(row["node_id"]).partition("::")[0],  # text, unless the database is damaged
        line=row["line"],
        **more,
    )
