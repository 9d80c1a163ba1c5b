"""The tally of a run: what was reused, judged and found, by number of the detector, and what it all came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from pipeline_state.checks.audience import FileOutcome
from pipeline_state.checks.prepared import Prepared
from pipeline_state.checks.result import CheckResult, Explanation, Fixed, Trouble, by_detector, in_order
from pipeline_state.checks.tree import Reported, Tree
from pipeline_state.store.check_runs import CheckSummary, DetectorOutcome, DetectorResult
from pipeline_state.store.findings import Finding
from pipeline_state.store.storable import storable_path


class Tally:
    """What comes together while a check runs."""

    __slots__ = ("checked", "durations", "failed", "findings", "fixed", "reported", "reused", "troubles")

    def __init__(self) -> None:
        self.checked: Counter[int] = Counter()
        self.reused: Counter[int] = Counter()
        self.failed: Counter[int] = Counter()
        self.durations: dict[int, float] = {}
        self.reported: list[Reported] = []
        self.findings: list[Finding] = []
        self.fixed: list[Fixed] = []
        self.troubles: list[Trouble] = []

    def tell(self, one: Reported, findings: Sequence[Finding]) -> None:
        """Take a verdict that is not clean."""
        self.reported.append(one)
        self.findings += findings

    def fail(self, number: int, trouble: Trouble) -> None:
        """Take a pair that could not be judged."""
        self.failed[number] += 1
        self.troubles.append(trouble)

    def result(
        self,
        prepared: Sequence[Prepared],
        versions: Sequence[str],
        files: int,
        files_of: Mapping[int, int],
        explanations: Sequence[Explanation],
        notices: Sequence[str],
    ) -> CheckResult:
        """Return what the run came to over so many files, so many of each detector; one without any is left out."""
        # Tools that work side by side end in any order; what is said of them has one.
        told = sorted(self.troubles, key=lambda one: (one.detector or "", one.path or "", one.message))
        troubles = gathered(told, {one.detector.id for one in prepared if one.detector.scope == "project"})
        detectors = by_detector(
            self._detector(number, one, versions[number], files_of[number])
            for number, one in enumerate(prepared)
            if files_of[number]
        )
        summary = CheckSummary(
            files=files,
            checked=sum(self.checked.values()),
            reused=sum(self.reused.values()),
            findings=len(self.findings),
            errors=sum(not trouble.tolerated for trouble in troubles),
        )
        return CheckResult(
            summary=summary,
            detectors=detectors,
            findings=in_order(self.findings),
            troubles=troubles,
            fixed=tuple(self.fixed),
            explanations=tuple(explanations),
            notices=tuple(notices),
        )

    def _detector(self, number: int, prepared: Prepared, version: str, files: int) -> DetectorResult:
        return DetectorResult(
            id=prepared.detector.id,
            version=version,
            outcome=self._outcome(number, prepared, files),
            files=files,
            checked=self.checked[number],
            reused=self.reused[number],
            duration_s=round(self.durations.get(number, 0.0), 4),
            message=prepared.missing or self._first_trouble(prepared.detector.id),
        )

    def _outcome(self, number: int, prepared: Prepared, files: int) -> DetectorOutcome:
        if prepared.missing is not None:
            return "missing"
        if self.failed[number]:
            return "error"
        mine = [one for one in self.reported if one.detector == number]
        if any(not one.excluded for one in mine):
            return "findings"
        if any(one.detector == prepared.detector.id for one in self.fixed):
            return "fixed"
        return "excluded" if len(mine) == files else "clean"

    def _first_trouble(self, detector: str) -> str | None:
        return next((one.message for one in self.troubles if one.detector == detector), None)


def gathered(troubles: Sequence[Trouble], whole: Collection[str]) -> tuple[Trouble, ...]:
    """Return these troubles, where one of a whole project is told once and not for each of its files."""
    files = Counter(one._replace(path=None) for one in troubles if one.detector in whole and one.path is not None)
    told: dict[Trouble, None] = {}
    for one in troubles:
        count = files[one._replace(path=None)] if one.path is not None else 0
        told[one._replace(path=None, message=f"{one.message} ({count} files)") if count > 1 else one] = None
    return tuple(told)


def file_outcomes(
    detectors: Sequence[str], tree: Tree, reported: Iterable[Reported], troubles: Iterable[Trouble] = ()
) -> Iterator[FileOutcome]:
    """Return what each detector came to on each file that it judges; by id, in the order of the tree.

    Where a whole detector is in trouble, none of its files counts as clean: nobody knows which of them were judged.
    """
    said: dict[tuple[str, str], DetectorOutcome] = {
        (detectors[one.detector], storable_path(one.path)): "excluded" if one.excluded else "findings"
        for one in reported
    }
    failed = {(one.detector, one.path) for one in troubles}
    ids = {mask: _ids(mask, detectors) for mask in {entry.mask for entry in tree.values()}}
    for path, entry in tree.items():
        name = storable_path(path)
        for detector in ids[entry.mask]:
            outcome = said.get((detector, name), "clean")
            if (detector, name) in failed or (outcome == "clean" and (detector, None) in failed):
                outcome = "error"
            yield FileOutcome(detector, name, outcome)


def _ids(mask: int, detectors: Sequence[str]) -> list[str]:
    return [one for number, one in enumerate(detectors) if mask >> number & 1]
