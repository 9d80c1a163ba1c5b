"""The findings: what verdicts say is wrong, each under the key of its verdict."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline_state.named_tuple import NamedTuple

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    from typing import Literal, TypeAlias

    from pipeline_state.store.database import Database, Row

    Severity = Literal["error", "warning", "note"]
    Category = Literal["syntax", "type", "test", "security", "style", "format", "other"]
    Told: TypeAlias = Mapping[bytes, tuple["Finding", ...]]
    """Findings by the key of their verdict."""
else:
    Severity = Category = str
    Told = Mapping

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
CATEGORIES: tuple[Category, ...] = ("syntax", "type", "test", "security", "style", "format", "other")


class Finding(NamedTuple):
    """One problem in one file: what is stored, shown and compared.

    `path` is relative to the worktree root, POSIX, in the storable form. Lines and columns count from 1, columns in
    characters, `end_column` is exclusive. `fingerprint` stays the same when lines move.
    """

    detector: str
    rule: str
    severity: Severity
    category: Category
    path: str
    line: int | None
    column: int | None
    end_line: int | None
    end_column: int | None
    message: str
    fingerprint: str


class OpenFindings(NamedTuple):
    """How many findings of one detector and severity stand now."""

    detector: str
    severity: Severity
    number: int


class SeenFinding(NamedTuple):
    """A finding as a verdict has it: when and by which run that was established, in UTC text.

    `fields` are the short digests of the key that stands for the file now; `None` if that is another one.
    """

    finding: Finding
    judged_at: str
    run: str | None
    fields: bytes | None


class Findings:
    """The findings of one worktree."""

    def __init__(self, database: Database, worktree: int) -> None:
        from pipeline_state.store import queries

        self._database, self._worktree = database, worktree
        self._sql = queries.load("findings", database.backend)

    def of_keys(self, detectors: Mapping[bytes, str]) -> dict[bytes, tuple[Finding, ...]]:
        """Return the findings of verdicts, in order, given the detector of each key; one without any is not there.

        The keys are all of the same length. That nobody has to look for the detectors halves what this costs, and it is
        what an unchanged check costs.
        """
        if not detectors:
            return {}
        keys = tuple(detectors)
        found: dict[bytes, list[Finding]] = {}
        width = len(keys[0])  # one statement for hundreds of keys
        for number, *fields in self._database.tuples(self._sql["of_keys"], (len(keys), b"".join(keys), width, width)):
            key = keys[number]
            found.setdefault(key, []).append(Finding(detectors[key], *fields))
        return {key: tuple(findings) for key, findings in found.items()}

    def of_run(self, run_id: str) -> tuple[Finding, ...]:
        """Return the findings that this run established, by path and line."""
        return tuple(_finding(row) for row in self._database.all(self._sql["of_run"], (run_id,)))

    def standing(self) -> tuple[SeenFinding, ...]:
        """Return the findings of the last verdict on each detector and file of this worktree, by path and line."""
        return tuple(map(_seen, self._database.all(self._sql["standing"], (self._worktree,))))

    def of_fingerprint(self, prefix: str) -> tuple[SeenFinding, ...]:
        """Return what is stored of the findings whose fingerprint begins so, the verdict of last first."""
        return tuple(map(_seen, self._database.all(self._sql["of_fingerprint"], (self._worktree, prefix, prefix))))

    def open_counts(self) -> tuple[OpenFindings, ...]:
        """Return how many findings stand in this worktree, by detector and severity."""
        rows = self._database.all(self._sql["open_counts"], (self._worktree,))
        return tuple(OpenFindings(row["detector"], row["severity"], row["number"]) for row in rows)


def _seen(row: Row) -> SeenFinding:
    return SeenFinding(_finding(row), row["judged_at"], row["run"], row["fields"])


def _finding(row: Row) -> Finding:
    """Return the finding in the first columns of a row: every statement names them in the order of the fields."""
    return Finding._make(row[: len(Finding._fields)])
