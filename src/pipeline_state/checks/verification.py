"""Trust, measured: a sample of the verdicts that would be reused is judged again, and compared. Pure."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

from pipeline_state.checks.plan import KeyedPair, Pair, Plan
from pipeline_state.checks.result import Verified
from pipeline_state.store.findings import Finding, Told
from pipeline_state.store.verdicts import Outcome


class Verification:
    """Which verdicts of a plan are verified, and how that goes.

    `percent` of them, chosen by `draw`, which returns numbers from 0 up to 1.
    """

    def __init__(self, plan: Plan, percent: float, draw: Callable[[], float] = random.random) -> None:
        sample: list[tuple[KeyedPair, Outcome]] = []
        rest: list[tuple[KeyedPair, Outcome]] = []
        for hit in plan.hits:
            (sample if draw() * 100 < percent else rest).append(hit)
        self.plan = Plan(tuple(rest), (*plan.misses, *(one for one, _ in sample)))
        """The plan in which the sample is judged."""
        self._outcomes: dict[Pair, Outcome] = {one.pair: outcome for one, outcome in sample}
        self._percent = percent
        self._reusable = len(plan.hits)
        self._differences = 0
        self._findings: Told = {}

    def stored(
        self,
        findings_of: Callable[[Mapping[bytes, str]], Told],
        id_of: Callable[[int], str],
    ) -> None:
        """Look up what the verdicts of the sample found, by their keys and the ids of their detectors."""
        found = (one for one in self.plan.misses if self._outcomes.get(one.pair) == "findings")
        self._findings = findings_of({one.key.digest: id_of(one.pair.detector) for one in found})

    def difference(self, one: KeyedPair, outcome: Outcome, findings: Sequence[Finding]) -> str | None:
        """Return in what a new verdict differs from the stored one; `None` if in nothing, or if none was stored."""
        before = self._outcomes.get(one.pair)
        if before is None:
            return None
        known = self._findings.get(one.key.digest, ())
        if before == outcome and sorted(known, key=repr) == sorted(findings, key=repr):
            return None
        self._differences += 1
        return (
            f"the stored verdict said {_said(before, known)}, judged again it is {_said(outcome, findings)}; the new "
            "one stands now. Something that the verdict depends on is not in its key; please report it"
        )

    def result(self) -> Verified:
        """Return how many verdicts could have been reused, how many were verified, and how many were not the same."""
        return Verified(self._percent, self._reusable, len(self._outcomes), self._differences)


def _said(outcome: Outcome, findings: Sequence[Finding]) -> str:
    return f"{len(findings)} findings" if outcome == "findings" else outcome
