"""Whoever follows a check: hears what is judged as it happens, and has the last word on what is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from pipeline_state.named_tuple import NamedTuple

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    from pipeline_state.checks.result import CheckResult
    from pipeline_state.checks.weights import Telling
    from pipeline_state.store.check_runs import DetectorOutcome


class FileOutcome(NamedTuple):
    """What one detector came to on one file; `path` in its storable form."""

    detector: str
    path: str
    outcome: DetectorOutcome


class Audience:
    """Follows a check. Each method does nothing here; who wants to hear of it overrides it.

    All of them are called in the thread that called `check`. `begin` and `judged` are not called at all where
    everything is proven.
    """

    def fixing(self, detector: str, files: int) -> None:
        """Hear that a fixer looks at so many files now."""

    def begin(self, files: Mapping[str, int]) -> None:
        """Hear how many files each detector is going to judge, by its id."""

    def judged(self, detector: str) -> None:
        """Hear that a detector has judged one of its files, or failed to."""

    def tell(
        self,
        result: CheckResult,
        telling: Telling,  # noqa: ARG002 - what the configuration says of it
        outcomes: Callable[[], Iterable[FileOutcome]],  # noqa: ARG002
    ) -> CheckResult:
        """Return what is to be told and recorded of the result.

        `outcomes` lists every detector with every file that was selected for it; it takes time in proportion to them,
        and can be asked only until this returns.
        """
        return result


NOBODY = Audience()
