"""Runs built-in detectors over files in worker processes: in parallel, and so that one file can fail alone.

A worker that dies, hangs or talks nonsense costs the pair of file and detector that it had in hand, which becomes an
error. What it had answered stays; the rest goes to the next worker.
"""

from __future__ import annotations

import contextlib
import queue
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from pipeline_state.checks.declaration import BuiltIn, Detector
from pipeline_state.checks.findings import Problem
from pipeline_state.checks.worker import unpacked
from pipeline_state.checks.worker_process import Answer, LostWorkerError, NotStartedError, WorkerProcess
from pipeline_state.errors import DetectorError
from pipeline_state.named_tuple import NamedTuple

_BATCH = 32
"""Files per message at most: the round trip costs nothing, and the work stays even."""
_FILES_PER_WORKER = 48
"""Below this a further worker costs more to start than it saves."""

_WATCH_SECONDS = 0.1
_START_SECONDS = 30.0
_STARTS = 3
"""A process can be killed before it is ready without anybody's fault (memory, a signal); not so often in a row."""
_DEATHS_TOLERATED = 10
"""A detector that has ended so many workers is not tried on further files: each one would cost a new worker, or the
whole time limit."""


class WorkerResult(NamedTuple):
    """What the detectors said of one file. Each requested id is in `problems` or in `errors`, never in both.

    `digest` is BLAKE2b (16 bytes) of the content that was judged; `None` where no content was read (the file is
    too large, cannot be read, or every detector brought its worker down).
    """

    path: str
    digest: bytes | None
    problems: Mapping[str, tuple[Problem, ...]]
    errors: Mapping[str, str]


class _Pending:
    """A file that waits for its answer; `errors` are those of workers that it has already ended."""

    __slots__ = ("detectors", "errors", "path")

    def __init__(self, path: str, detectors: tuple[str, ...]) -> None:
        self.path = path
        self.detectors = detectors
        self.errors: dict[str, str] = {}


def judge(
    root: Path,
    requests: Sequence[tuple[str, Sequence[str]]],
    *,
    detectors: Mapping[str, Detector],
    jobs: int,
    timeout_s: float,
    on_result: Callable[[WorkerResult], None],
) -> None:
    """Let each file be judged by the detectors named with it, and hand over each result as it comes, in any order.

    `requests` are pairs of a path relative to `root` and detector ids; `detectors` declares those ids, all of them
    `BuiltIn`. `timeout_s` is the time, in seconds, that one detector may take for one file. `on_result` is called in
    the calling thread, once for each request; what it raises, and Ctrl-C, ends the workers. Raises `OSError` or
    `DetectorError` where no worker can be started.
    """
    if not requests:
        return
    workers = max(1, min(jobs, -(-len(requests) // _FILES_PER_WORKER)))
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="pipeline-state-", ignore_cleanup_errors=True))
        schedule = _Schedule(requests, detectors, workers)
        drivers = [_Driver(root, Path(folder), number, schedule, timeout_s) for number in range(workers)]
        stack.callback(_end, schedule, drivers)
        for driver in drivers:
            driver.start()
        watched = time.monotonic()
        for _ in requests:
            while True:
                now = time.monotonic()
                if now - watched >= _WATCH_SECONDS:
                    watched = now
                    for driver in drivers:
                        driver.watch(now)
                with contextlib.suppress(queue.Empty):
                    result = schedule.results.get(timeout=_WATCH_SECONDS)
                    break
            if isinstance(result, BaseException):
                raise result
            on_result(result)


def _end(schedule: _Schedule, drivers: Sequence[_Driver]) -> None:
    schedule.stop()
    for driver in drivers:
        driver.end()
    for driver in drivers:
        if driver.ident is not None:
            driver.join()


class _Schedule:
    """What is still to be judged, shared by the threads that each drive one worker."""

    def __init__(
        self,
        requests: Sequence[tuple[str, Sequence[str]]],
        detectors: Mapping[str, Detector],
        workers: int,
    ) -> None:
        self.numbers = {name: number for number, name in enumerate(dict.fromkeys(n for _, ns in requests for n in ns))}
        self.references = [_references(detectors[name]) for name in self.numbers]
        self.results: queue.SimpleQueue[WorkerResult | BaseException] = queue.SimpleQueue()
        self._pending = deque(_Pending(path, tuple(dict.fromkeys(names))) for path, names in requests)
        self._workers = workers
        self._deaths: Counter[str] = Counter()
        self._stopped = False
        self._lock = threading.Lock()

    def take(self) -> list[_Pending]:
        """The next batch; small ones towards the end, so that all workers finish together."""
        with self._lock:
            size = max(1, min(_BATCH, len(self._pending) // (self._workers * 2)))
            batch = [self._pending.popleft() for _ in range(min(size, len(self._pending)))]
            for pending in batch:
                for name in pending.detectors:
                    if self._deaths[name] >= _DEATHS_TOLERATED:
                        pending.errors.setdefault(
                            name, f"not tried: the detector has brought down {self._deaths[name]} workers"
                        )
            return batch

    def give_back(self, unanswered: Iterable[_Pending], died_of: str | None) -> None:
        """Return what a lost worker had not answered; `died_of` is the detector that was at work."""
        with self._lock:
            if died_of is not None:
                self._deaths[died_of] += 1
            if not self._stopped:
                self._pending.extendleft(reversed(list(unanswered)))

    def stop(self) -> None:
        """Hand out nothing more, whatever is given back."""
        with self._lock:
            self._stopped = True
            self._pending.clear()


class _Driver(threading.Thread):
    """The thread that feeds one worker after another. The pool's own thread watches the clock and ends hung ones."""

    def __init__(self, root: Path, folder: Path, number: int, schedule: _Schedule, timeout_s: float) -> None:
        super().__init__(name=f"pipeline-state-worker-{number}", daemon=True)
        self._root = root
        self._status = folder / str(number)
        self._schedule = schedule
        self._timeout_s = timeout_s
        self._batch = 0
        self._failed_starts = 0
        self._lock = threading.Lock()  # guards the three below, which both threads touch
        self._worker: WorkerProcess | None = None
        self._seen: tuple[int, float] | None = None
        self._ended = False

    def run(self) -> None:
        try:
            while batch := self._schedule.take():
                self._judge(batch)
            if self._worker is not None:
                self._worker.close()
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that called judge()
            self._schedule.results.put(error)
        finally:
            self._drop_worker()

    def watch(self, now: float) -> None:
        """End the worker if what it has in hand is the same as `timeout_s` ago. Called by the pool's thread."""
        with self._lock:
            if self._worker is None or self._seen is None:
                return
            number = self._worker.in_flight()
            limit_s = self._timeout_s if self._worker.ready else max(self._timeout_s, _START_SECONDS)
            if number != self._seen[0]:
                self._seen = (number, now)
            elif now - self._seen[1] > limit_s:
                self._worker.timed_out_at = number
                self._worker.kill()

    def end(self) -> None:
        """End the worker now. Called by the pool's thread."""
        with self._lock:
            self._ended = True
            if self._worker is not None:
                self._worker.kill()

    def _judge(self, batch: list[_Pending]) -> None:
        """Have a batch judged; what a lost worker leaves goes back to the schedule."""
        unanswered: dict[int, _Pending] = {}
        for pending in batch:
            if len(pending.errors) < len(pending.detectors):
                unanswered[len(unanswered)] = pending
            else:
                self._schedule.results.put(WorkerResult(pending.path, None, {}, pending.errors))
        if not unanswered:
            return
        worker = self._living_worker()
        self._batch = (self._batch + 1) & 0xFFFF
        asked = len(unanswered)
        numbers = self._schedule.numbers
        work = [(p.path, [numbers[n] for n in p.detectors if n not in p.errors]) for p in unanswered.values()]
        try:
            for request, answer in worker.answers(self._batch, work):
                self._schedule.results.put(_result(unanswered.pop(request), answer))
            self._failed_starts = 0
        except NotStartedError as error:
            self._failed_starts += 1
            if self._failed_starts >= _STARTS:
                raise DetectorError(f"cannot start a worker process for the built-in detectors: it {error}") from error
            self._schedule.give_back(unanswered.values(), None)
            self._drop_worker()
        except LostWorkerError as error:
            died_of = self._blame(worker, unanswered, str(error), nothing_done=len(unanswered) == asked)
            self._schedule.give_back(unanswered.values(), died_of)
            self._drop_worker()
        with self._lock:
            self._seen = None

    def _living_worker(self) -> WorkerProcess:
        worker = self._worker
        if worker is None:
            worker = WorkerProcess(self._root, self._status, self._schedule.references, self._timeout_s)
        with self._lock:
            self._worker = worker
            self._seen = (worker.in_flight(), time.monotonic())
            if self._ended:
                worker.kill()
        return worker

    def _drop_worker(self) -> None:
        with self._lock:
            worker, self._worker, self._seen = self._worker, None, None
        if worker is not None:
            worker.release()

    def _blame(
        self, worker: WorkerProcess, unanswered: Mapping[int, _Pending], lost: str, *, nothing_done: bool
    ) -> str | None:
        """Note the error with the pair that was in flight. The id of its detector, if it was a detector's doing."""
        worker.kill()
        number = worker.in_flight()
        if worker.timed_out_at is not None:
            if worker.timed_out_at != number:
                return None  # it finished that pair between our look at the clock and its end
            lost = f"did not finish within {self._timeout_s:g} s"
        batch, request, step = unpacked(number)
        if batch == self._batch and request in unanswered:
            pending = unanswered[request]
            names = [name for name in pending.detectors if name not in pending.errors]
            if step > 0:
                pending.errors[names[step - 1]] = f"the detector {lost}"
                return names[step - 1]
            pending.errors.update((name, f"cannot be read: the process {lost}") for name in names)
        elif nothing_done:
            # Lost outside of any pair, and before any answer: without an error somewhere this could go on for ever.
            pending = next(iter(unanswered.values()))
            pending.errors.update((name, f"the process {lost}") for name in pending.detectors)
        return None


def _result(pending: _Pending, answer: Answer) -> WorkerResult:
    names = [name for name in pending.detectors if name not in pending.errors]
    problems, errors = {}, dict(pending.errors)
    for name, said in zip(names, answer.said, strict=True):
        if isinstance(said, str):
            errors[name] = said
        else:
            problems[name] = said
    return WorkerResult(pending.path, answer.digest, problems, errors)


def _references(detector: Detector) -> tuple[str, str | None]:
    """Where a worker finds the functions of a detector."""
    if not isinstance(detector.how, BuiltIn):
        raise TypeError(f"{detector.id} is a tool; only built-in detectors run in a worker")
    unread = detector.how.unread
    return _reference(detector.how.judge), None if unread is None else _reference(unread)


def _reference(function: Callable[..., object]) -> str:
    return f"{function.__module__}:{function.__qualname__}"
