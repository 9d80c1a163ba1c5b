"""How far a check is, on standard error: a line that moves on a terminal, one for each finished detector in CI.

Nothing is shown of a check that is over in a moment, and nothing at all where nobody looks: in a pipe, in a hook.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TextIO

from pipeline_state.cli.text_output import is_terminal
from pipeline_state.reports.text import printable

if TYPE_CHECKING:
    from rich.progress import Progress as Display
    from rich.progress import TaskID

_MOMENT_S = 0.5
_MOMENT_OF_CI_S = 2.0
_REDRAW_EVERY_S = 0.1
_MOST_NAMES = 2


def start_progress(environ: Mapping[str, str] = os.environ) -> Progress | None:
    """Return what shows the progress here; `None` where nothing does."""
    if is_terminal(sys.stderr) and environ.get("TERM") != "dumb":
        return TerminalProgress(sys.stderr)
    if environ.get("CI", "").lower() not in ("", "0", "false"):
        return PlainProgress(sys.stderr)
    return None


class Remaining:
    """How many files each detector has before it."""

    def __init__(self) -> None:
        self._files: Counter[str] = Counter()
        self.total = 0
        self.done = 0

    def begin(self, files: Mapping[str, int]) -> None:
        """Take in how many files each detector is going to judge."""
        self._files.update(files)
        self.total += sum(files.values())

    def judged(self, detector: str) -> bool:
        """Count one file; return whether it was the last one of its detector."""
        self.done += 1
        self._files[detector] -= 1
        return self._files[detector] == 0

    def at_work(self) -> str:
        """Return the names of the detectors that are not done."""
        names = [printable(name) for name, files in self._files.items() if files > 0]
        more = len(names) - _MOST_NAMES
        return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")


class PlainProgress:
    """A line for each detector that is done, once the check has taken longer than `moment_s`, in seconds."""

    def __init__(
        self, stream: TextIO, moment_s: float = _MOMENT_OF_CI_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream, self._moment_s, self._clock = stream, moment_s, clock
        self._remaining = Remaining()
        self._files: dict[str, int] = {}
        self._start = clock()

    def fixing(self, detector: str, files: int) -> None:
        """A fixer says for itself what it has done: in the report."""

    def begin(self, files: Mapping[str, int]) -> None:
        """Take in how many files each detector is going to judge."""
        self._files.update(files)
        self._remaining.begin(files)

    def judged(self, detector: str) -> None:
        """Say that a detector is done, if it is."""
        took = self._clock() - self._start
        if self._remaining.judged(detector) and took >= self._moment_s:
            files = self._files[detector]
            noun = "file" if files == 1 else "files"
            print(f"pipeline-state: {printable(detector)}: {files} {noun} judged, {took:.1f} s", file=self._stream)

    def end(self) -> None:
        """Nothing is left behind."""


class TerminalProgress:
    """A line that moves, from `moment_s` seconds on, and is gone at the end: detectors, files done of all, time."""

    def __init__(self, stream: TextIO, moment_s: float = _MOMENT_S) -> None:
        self._stream = stream
        self._remaining = Remaining()
        self._fixing: str | None = None
        self._display: Display | None = None
        self._task: TaskID | None = None
        self._drawn_at = 0.0
        self._ended = False
        self._lock = threading.Lock()
        # A tool may say nothing for a long time: whoever waits must see something all the same.
        self._timer = threading.Timer(moment_s, self._show)
        self._timer.daemon = True
        self._timer.start()

    def fixing(self, detector: str, files: int) -> None:
        """Show which fixer is at work."""
        self._fixing = f"fixing: {printable(detector)} ({files})"
        self._draw()

    def begin(self, files: Mapping[str, int]) -> None:
        """Take in how many files each detector is going to judge."""
        self._fixing = None
        self._remaining.begin(files)
        self._draw()

    def judged(self, detector: str) -> None:
        """Count one file."""
        if self._remaining.judged(detector) or time.monotonic() - self._drawn_at > _REDRAW_EVERY_S:
            self._draw()

    def end(self) -> None:
        """Clear the line."""
        self._timer.cancel()
        with self._lock:
            self._ended = True
            if self._display is not None:
                self._display.stop()
                self._display = None

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        display = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("files"),
            TimeElapsedColumn(),
            console=Console(file=self._stream),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        with self._lock:
            if self._ended:
                return
            self._task = display.add_task(self._label(), total=self._remaining.total or None)
            self._display = display
            display.start()

    def _draw(self) -> None:
        self._drawn_at = time.monotonic()
        with self._lock:
            if self._display is not None and self._task is not None:
                remaining = self._remaining
                self._display.update(
                    self._task,
                    description=self._label(),
                    completed=remaining.done,
                    total=remaining.total or None,
                )

    def _label(self) -> str:
        return self._fixing or self._remaining.at_work()


Progress = TerminalProgress | PlainProgress
