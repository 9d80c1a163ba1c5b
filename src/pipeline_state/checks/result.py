"""What a check came to: the values that reports and the command are made of."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store.check_runs import CheckSummary, DetectorOutcome, DetectorResult
from pipeline_state.store.findings import SEVERITIES, Finding, Severity

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    from pipeline_state.checks.baseline import Baselined


class Trouble(NamedTuple):
    """Something that could not be judged: a detector, or one of its files (`path` in its storable form)."""

    detector: str | None
    path: str | None
    message: str
    tolerated: bool = False
    """The configuration says that the detector is optional: a warning, not an error."""


class Fixed(NamedTuple):
    """A file that a fixer changed."""

    detector: str
    path: str


class Explanation(NamedTuple):
    """Why a verdict was reused or not. `moved` names the fields of the key that differ from the last time."""

    detector: str
    path: str
    reused: bool
    moved: tuple[str, ...] = ()
    reason: str | None = None


class Verified(NamedTuple):
    """What became of a sample, `percent` of the stored verdicts that could be reused; counted in pairs."""

    percent: float
    reusable: int
    verified: int
    differences: int


class CheckResult(NamedTuple):
    """What a check came to. Findings are ordered by path, line, column and detector."""

    summary: CheckSummary
    detectors: tuple[DetectorResult, ...]
    findings: tuple[Finding, ...]
    troubles: tuple[Trouble, ...] = ()
    fixed: tuple[Fixed, ...] = ()
    explanations: tuple[Explanation, ...] = ()
    notices: tuple[str, ...] = ()
    """Sentences that the user should read: what could not be stored, what is unusual."""
    fail_on: Severity = "note"
    """The least weight with which a finding fails. Those below are told all the same."""
    baseline: Baselined | None = None
    """What the baseline took out of `findings`, if there is one."""
    verified: Verified | None = None
    """If stored verdicts were to be verified: how that went."""

    @property
    def exit_code(self) -> int:
        """3 if anything could not be judged, else 1 if anything was found that is grave enough, or fixed, else 0."""
        if any(not trouble.tolerated for trouble in self.troubles):
            return 3
        failing = SEVERITIES[: SEVERITIES.index(self.fail_on) + 1]
        return 1 if self.fixed or any(finding.severity in failing for finding in self.findings) else 0


_OUTCOMES: tuple[DetectorOutcome, ...] = ("missing", "error", "findings", "fixed", "clean", "excluded")
"""The first of them is what the whole is called."""


def by_detector(results: Iterable[DetectorResult]) -> tuple[DetectorResult, ...]:
    """Return one result for each detector: what it came to under all of its settings."""
    merged: dict[str, DetectorResult] = {}
    for one in results:
        first = merged.get(one.id)
        merged[one.id] = one if first is None else _merged(first, one)
    return tuple(merged.values())


def _merged(one: DetectorResult, other: DetectorResult) -> DetectorResult:
    return DetectorResult(
        id=one.id,
        version=one.version or other.version,
        outcome=min(one.outcome, other.outcome, key=_OUTCOMES.index),
        files=one.files + other.files,
        checked=one.checked + other.checked,
        reused=one.reused + other.reused,
        duration_s=round(one.duration_s + other.duration_s, 4),
        message=one.message or other.message,
    )


def in_order(findings: list[Finding]) -> tuple[Finding, ...]:
    """Return findings in the order in which they are shown."""
    return tuple(sorted(findings, key=lambda f: (f.path, f.line or 0, f.column or 0, f.detector, f.rule, f.message)))
