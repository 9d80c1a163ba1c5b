"""What a check run came to: its summary, and the result of each detector."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store import queries

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    from typing import Literal

    from pipeline_state.store.database import Database

    DetectorOutcome = Literal["clean", "findings", "fixed", "excluded", "error", "missing"]
else:
    DetectorOutcome = str


class CheckSummary(NamedTuple):
    """The summary of a check run; `checked` and `reused` count pairs of detector and file."""

    files: int
    checked: int
    reused: int
    findings: int
    errors: int


class DetectorResult(NamedTuple):
    """What one detector came to in a run. `message` says why, for `error` and `missing`. `duration_s` is in seconds."""

    id: str
    version: str
    outcome: DetectorOutcome
    files: int
    checked: int
    reused: int
    duration_s: float
    message: str | None = None


class CheckRuns:
    """The results of check runs, by run id."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = queries.load("check_runs", database.backend)

    def record(self, run_id: str, summary: CheckSummary, detectors: Sequence[DetectorResult]) -> None:
        """Store what a run came to. Inside a transaction."""
        self._database.execute(
            self._sql["summary"],
            (run_id, summary.files, summary.checked, summary.reused, summary.findings, summary.errors),
        )
        self._database.many(
            self._sql["detector"],
            (
                (
                    run_id,
                    one.id,
                    one.version,
                    one.outcome,
                    one.files,
                    one.checked,
                    one.reused,
                    one.duration_s,
                    one.message,
                )
                for one in detectors
            ),
        )

    def summary(self, run_id: str) -> CheckSummary | None:
        """Return the summary of a run; `None` for one that has not come to its end."""
        row = self._database.one(self._sql["get_summary"], (run_id,))
        return None if row is None else CheckSummary(*tuple(row))

    def detectors(self, run_id: str) -> tuple[DetectorResult, ...]:
        """Return the result of each detector of a run, by id."""
        return tuple(DetectorResult(*tuple(row)) for row in self._database.all(self._sql["get_detectors"], (run_id,)))
