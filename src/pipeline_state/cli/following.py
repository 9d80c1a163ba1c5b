"""What the command line does while a check goes on: shows its progress, and leaves out what the baseline knows."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable, Mapping

from pipeline_state.checks.audience import Audience, FileOutcome

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    from pipeline_state.checks.baseline import Baseline
    from pipeline_state.checks.request import Request
    from pipeline_state.checks.result import CheckResult
    from pipeline_state.checks.weights import Telling
    from pipeline_state.cli.progress import Progress


class Following(Audience):
    """Follows one check; whoever begins one calls `end` after it.

    `baseline` is the file of the known findings, `None` for the one that is configured; `use_baseline` says whether
    any is used. With `each_file`, what each detector came to on each file is kept in `outcomes`.
    """

    def __init__(
        self,
        request: Request,
        *,
        baseline: str | None = None,
        use_baseline: bool = True,
        each_file: bool = False,
        quiet: bool = False,
    ) -> None:
        self._request, self._use_baseline, self._each_file, self._quiet = request, use_baseline, each_file, quiet
        self._baseline = self._read(baseline) if use_baseline and baseline is not None else None
        self._progress: Progress | None = None
        self.outcomes: tuple[FileOutcome, ...] = ()

    def fixing(self, detector: str, files: int) -> None:
        """Show which fixer is at work."""
        progress = self._shown()
        if progress is not None:
            progress.fixing(detector, files)

    def begin(self, files: Mapping[str, int]) -> None:
        """Show what is going to be judged."""
        gc.enable()  # a plain check does without it until here
        progress = self._shown()
        if progress is not None:
            progress.begin(files)

    def judged(self, detector: str) -> None:
        """Show that a file was judged."""
        if self._progress is not None:
            self._progress.judged(detector)

    def tell(self, result: CheckResult, telling: Telling, outcomes: Callable[[], Iterable[FileOutcome]]) -> CheckResult:
        """Return the result without the findings that the baseline knows."""
        self.end()
        if self._each_file:
            self.outcomes = tuple(outcomes())
        if self._baseline is None and self._use_baseline and telling.baseline:
            from pipeline_state.cli.baseline_file import configured_path

            self._baseline = self._read(configured_path(self._request.worktree.root, telling.baseline))
        if self._baseline is None:
            return result
        from pipeline_state.checks.baseline import apply

        request = self._request
        everything = request.selection.mode == "all" and request.only is None and not request.skip
        return apply(self._baseline, result, outcomes, self._is_gone, everything=everything)

    def _is_gone(self, path: str) -> bool:
        from pipeline_state.store.storable import real_path

        return not os.path.lexists(os.path.join(self._request.worktree.root, real_path(path)))

    @staticmethod
    def _read(path: str) -> Baseline:
        from pipeline_state.cli.baseline_file import read_baseline

        return read_baseline(path)

    def _shown(self) -> Progress | None:
        if self._progress is None and not self._quiet:
            from pipeline_state.cli.progress import start_progress

            self._progress = start_progress()
        return self._progress

    def end(self) -> None:
        """Take away what is shown of the progress, however the check ended."""
        if self._progress is not None:
            self._progress.end()
            self._progress = None
