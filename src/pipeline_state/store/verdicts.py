"""The verdicts: what a detector said of a key, and which verdict stands for a detector and a file now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store import clock, queries

if TYPE_CHECKING:
    from pipeline_state.store.database import Database
    from pipeline_state.store.findings import Finding

Outcome = Literal["clean", "findings", "excluded"]

_AT_ONCE = 500
"""Parameters of one statement; SQLite allows 999 in its oldest builds."""

_MANY = 2000
"""From so many pairs on, reading all of them is cheaper than asking for each."""


class Verdict(NamedTuple):
    """What a detector said of a key."""

    key: bytes
    detector: str
    outcome: Outcome
    findings: tuple[Finding, ...] = ()


class Judged(NamedTuple):
    """Which key stands for a detector and a file, with the short digests of the key's fields."""

    detector: str
    path: str
    key: bytes
    fields: bytes


class Verdicts:
    """The verdicts, which are true in any worktree, and what is judged in this one."""

    def __init__(self, database: Database, worktree: int) -> None:
        self._database, self._worktree = database, worktree
        self._sql = queries.load("verdicts", database.backend)

    def outcomes(self, keys: Sequence[bytes]) -> dict[bytes, Outcome]:
        """Return the outcome of each of these keys that has a verdict."""
        found: dict[bytes, Outcome] = {}
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            statement = self._sql["outcomes"].replace("(?)", f"({','.join('?' * len(some))})")
            found.update((row[0], row[1]) for row in self._database.all(statement, some))
        return found

    def judged(self, pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Judged]:
        """Return what is judged of these pairs of detector and path; all that is judged here, if they are many."""
        if len(pairs) >= _MANY:
            rows = self._database.all(self._sql["all_judged"], (self._worktree,))
        else:
            rows = [
                row
                for detector, path in pairs
                for row in self._database.all(self._sql["judged"], (self._worktree, detector, path))
            ]
        return {(row[0], row[1]): Judged(row[0], row[1], row[2], row[3]) for row in rows}

    def judged_pairs(self) -> list[tuple[str, str]]:
        """Return every pair of detector and path that is judged in this worktree."""
        return [(row[0], row[1]) for row in self._database.all(self._sql["judged_pairs"], (self._worktree,))]

    def add(self, run_id: str, verdicts: Iterable[Verdict]) -> None:
        """Store verdicts with their findings. A verdict that is there already stays as it is. Inside a transaction."""
        now = clock.now()
        for verdict in verdicts:
            row = (verdict.key, verdict.detector, verdict.outcome, run_id, now)
            if self._database.execute(self._sql["add"], row) and verdict.findings:
                self._database.many(self._sql["add_finding"], _finding_rows(verdict))

    def withdraw(self, key: bytes) -> None:
        """Forget a verdict with its findings. Inside a transaction."""
        self._database.execute(self._sql["withdraw"], (key,))

    def stand(self, judged: Iterable[Judged]) -> None:
        """Let these keys stand for their detector and file. Inside a transaction."""
        self._database.many(
            self._sql["stand"], ((self._worktree, one.detector, one.path, one.key, one.fields) for one in judged)
        )

    def forget_paths(self, paths: Iterable[str]) -> None:
        """Nothing stands for these files any more. Inside a transaction."""
        self._database.many(self._sql["forget_path"], ((self._worktree, path) for path in paths))

    def forget_pairs(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Nothing stands for these pairs of detector and path any more. Inside a transaction."""
        self._database.many(self._sql["forget_pair"], ((self._worktree, *pair) for pair in pairs))

    def forget_other_detectors(self, detectors: Sequence[str]) -> None:
        """Nothing stands for any detector but these. Inside a transaction."""
        for row in self._database.all(self._sql["judged_detectors"], (self._worktree,)):
            if row[0] not in detectors:
                self._database.execute(self._sql["forget_detector"], (self._worktree, row[0]))


def _finding_rows(verdict: Verdict) -> Iterable[tuple[object, ...]]:
    for position, finding in enumerate(verdict.findings):
        yield (
            verdict.key, position, finding.rule, finding.severity, finding.category, finding.path, finding.line,
            finding.column, finding.end_line, finding.end_column, finding.message, finding.fingerprint,
        )  # fmt: skip
