"""Executions of tests: one row for each attempt, with an outcome for each phase and one overall."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline_state.store.database import Database, Row
from pipeline_state.store.queries import load

OUTCOMES = frozenset(
    {"running", "passed", "failed", "error", "skipped", "xfailed", "xpassed", "crashed", "interrupted", "not run"}
)
UNSUCCESSFUL = ("failed", "error", "crashed", "interrupted")
"""Outcomes of tests that ran and did not end well."""
TEST_PHASES = ("setup", "call", "teardown")
PHASES = frozenset({"collect", *TEST_PHASES})


@dataclass(slots=True)
class Part:
    """What is known of an attempt so far, to be added to what the database holds of it."""

    node_id: str
    number: int
    outcome: str = "running"
    worker: str | None = None
    phase: str | None = None
    started_at: str | None = None
    phases: dict[str, tuple[str, float]] = field(default_factory=dict)
    reason: str | None = None
    failure: str | None = None
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    """The outcome of a phase, and its duration in seconds if it came to an end."""

    outcome: str
    duration: float | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One execution of one test in one run.

    `number` counts from 1; `phase` is the one that decided the outcome; `file` and `node_id` are relative to `rootdir`,
    and that to the worktree; `line` counts from 1. `phases` holds those that were reported, in order.
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


class Attempts:
    """The attempts at tests of a state database."""

    def __init__(self, database: Database, _worktree: int) -> None:
        self._database = database
        self._sql = load("attempts", database.backend)

    def add(self, run: str, rootdir: str, parts: Sequence[Part]) -> None:
        """Add what is new of some attempts; part of a transaction."""
        self._database.many(self._sql["add_test"], [(rootdir, part.node_id) for part in parts])
        self._database.many(self._sql["add"], [_row(run, rootdir, part) for part in parts])

    def interrupt(self, run: str, reason: str | None) -> None:
        """Mark what had begun and not ended as interrupted; part of a transaction."""
        self._database.execute(self._sql["interrupt_running"], {"run": run, "reason": reason})
        self._database.execute(self._sql["interrupt_teardowns"], {"run": run})

    def add_not_run(self, run: str, rootdir: str, node_ids: Iterable[str]) -> None:
        """Add the tests that were chosen and have no attempt as not run; part of a transaction."""
        rows = [
            {"run": run, "rootdir": rootdir, "node_id": node_id, "file": node_id.partition("::")[0]}
            for node_id in node_ids
        ]
        self._database.many(self._sql["add_test"], [(rootdir, row["node_id"]) for row in rows])
        self._database.many(self._sql["add_not_run"], rows)

    def of_run(self, run: str) -> list[Attempt]:
        """Return the attempts of a run, in the order in which they began."""
        return [_attempt(row) for row in self._database.all(self._sql["of_run"], {"run": run})]

    def count(self, run: str) -> dict[str, int]:
        """Return how many tests of a run have each outcome; the last attempt of a test counts."""
        return {row["outcome"]: row["tests"] for row in self._database.all(self._sql["count"], {"run": run})}


def _row(run: str, rootdir: str, part: Part) -> tuple[Any, ...]:
    setup, call, teardown = (part.phases.get(phase, (None, None)) for phase in TEST_PHASES)
    return (
        *(run, rootdir, part.node_id, part.number, part.worker, part.outcome, part.phase, part.started_at),
        *(*setup, *call, *teardown),
        *(part.reason, part.failure, part.file, part.line),
    )


def _attempt(row: Row) -> Attempt:
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
        file=row["file"],
        line=row["line"],
    )
