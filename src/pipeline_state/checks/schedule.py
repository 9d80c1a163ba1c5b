"""Which batch of files comes next: a slow tool's first, so that quick ones fill the end and no core waits there."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

from pipeline_state.checks.batches import Answer
from pipeline_state.named_tuple import NamedTuple


class Batch(NamedTuple):
    """Files for the tool of one detector, named by its number; `judge` runs the tool on them."""

    detector: int
    judge: Callable[[], Answer]


class Judged(NamedTuple):
    """What a tool said of a batch, and how long that took, in seconds."""

    detector: int
    answer: Answer
    duration_s: float


class Schedule:
    """Batches that wait. Of each tool one is begun, in the order in which they are given; by then it shows how long
    each takes, and the longest are the next. Threads share it; each calls `judge_next` as often as there are batches.
    """

    def __init__(self, batches: Iterable[Batch], clock: Callable[[], float] = time.perf_counter) -> None:
        self._waiting: dict[int, list[Batch]] = {}
        for batch in batches:
            self._waiting.setdefault(batch.detector, []).append(batch)
        self._begun: dict[int, float] = {}
        """When the first batch of a tool was begun."""
        self._longest: dict[int, float] = {}
        self._clock = clock
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def judge_next(self) -> Judged:
        """Judge the batch that comes next."""
        with self._lock:
            number = max(self._waiting, key=self._urgency)
            batch = self._waiting[number].pop(0)
            if not self._waiting[number]:
                del self._waiting[number]
            start = self._clock()
            self._begun.setdefault(number, start)
        answer = batch.judge()
        duration_s = self._clock() - start
        with self._lock:
            self._longest[number] = max(duration_s, self._longest.get(number, 0.0))
        return Judged(number, answer, duration_s)

    def _urgency(self, number: int) -> float:
        """How long a batch of this tool takes, as far as that is known: so long at least."""
        begun = self._begun.get(number)
        if begun is None:
            return float("inf")
        return self._longest.get(number, self._clock() - begun)
