"""One worker process, seen from its parent: started, asked, watched, ended."""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pipeline_state.checks.findings import CATEGORIES, SEVERITIES, Problem
from pipeline_state.named_tuple import NamedTuple

_BOOT = "import sys; sys.path += sys.argv[2:]; from pipeline_state.checks.worker import main; main(sys.argv[1])"
"""`-I` leaves the working directory, the script's folder, PYTHONPATH and the user's site off the path. What the parent
adds comes after the standard library: nothing of the same name can take its place."""

_PASSED_ON = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""All that a worker sees of the environment: some interpreters do not start without these."""


class LostWorkerError(Exception):
    """The worker is of no more use. The text completes the sentence "the detector …"."""


class NotStartedError(LostWorkerError):
    """The worker was lost before it was ready: no file had a part in it."""


class Answer(NamedTuple):
    """A worker's answer about one file: per detector, in the order asked, its problems or an error."""

    digest: bytes | None
    said: tuple[tuple[Problem, ...] | str, ...]


class WorkerProcess:
    """A running worker. `kill` and `in_flight` may be called from another thread, until `release`."""

    def __init__(
        self,
        root: Path,
        status: Path,
        references: Sequence[tuple[str, str | None]],
        timeout_s: float,
    ) -> None:
        self.ready = False
        self.timed_out_at: int | None = None
        self._errors = status.with_suffix(".err")
        status.write_bytes(bytes(8))
        with status.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 8)
        self._in_flight = memoryview(self._memory).cast("Q")
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                [*interpreter(), "-c", _BOOT, str(status), *import_path(root)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
                cwd=status.parent,
            )
        self._greeting = _line([_wire(os.path.abspath(root)), timeout_s, references])

    def answers(self, batch: int, work: Sequence[tuple[str, Sequence[int]]]) -> Iterator[tuple[int, Answer]]:
        """Send a batch and yield each file's number and answer. Raises LostWorkerError; what came before counts."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise AssertionError("started without pipes")
        try:
            stdin.write(self._greeting + _line([batch, [[_wire(path), numbers] for path, numbers in work]]))
            stdin.flush()
        except OSError:
            raise self._lost() from None
        self._greeting = b""
        if not self.ready:
            if stdout.readline() != b'"ready"\n':
                raise NotStartedError(str(self._lost()))
            self.ready = True
        for request, (_, numbers) in enumerate(work):
            line = stdout.readline()
            if not line.endswith(b"\n"):
                raise self._lost()
            yield request, _answer(line, batch, request, len(numbers))

    def in_flight(self) -> int:
        """The `progress` number of what the worker has in hand, or had in hand when it ended."""
        number: int = self._in_flight[0]
        return number

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()

    def close(self) -> None:
        """Let the process end by itself, having nothing more to do."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            self.kill()

    def release(self) -> None:
        """End the process if it still runs, and give back pipes and memory."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):  # a half-sent batch, which nobody waits for any more
                    pipe.close()
        self._in_flight.release()
        self._memory.close()

    def _lost(self) -> LostWorkerError:
        """Say how the process ended. Its pipe is closed, so it has ended, or is made to."""
        try:
            code = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            self.kill()
            return LostWorkerError("closed its pipe and went on running")
        said = self._errors.read_bytes()[-2000:].decode("utf-8", "replace").strip().splitlines()
        last_words = f" ({said[-1]})" if said else ""
        if code < 0:
            try:
                return LostWorkerError(f"was ended by signal {signal.Signals(-code).name}{last_words}")
            except ValueError:
                return LostWorkerError(f"was ended by signal {-code}{last_words}")
        return LostWorkerError(f"ended its process with exit code {code}{last_words}")


def interpreter() -> list[str]:
    """This Python, isolated, reading file names as UTF-8 whatever the locale; byte code where the parent puts it."""
    argv = [sys.executable, "-I", "-X", "utf8"]
    if sys.dont_write_bytecode:
        argv.append("-B")
    if sys.pycache_prefix:
        argv += ["-X", f"pycache_prefix={sys.pycache_prefix}"]
    return argv


def import_path(root: Path) -> list[str]:
    """The parent's import path without what names the tree that is checked, or whatever folder we stand in.

    A folder of the tree below its root (an editable installation's `src`) was put there by an installation. What
    PYTHONPATH names was not: a module there would take a library's place, and no key would know.
    """
    named = {os.path.realpath(path) for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path}
    ours = os.path.realpath(Path(__file__).parent.parent.parent)
    refused = {os.path.realpath(root), *(named - {ours})}
    with contextlib.suppress(FileNotFoundError):  # the folder was removed under us: whoever writes next says so
        refused.add(os.path.realpath(os.curdir))
    return [path for path in sys.path if os.path.isabs(path) and os.path.realpath(path) not in refused]


def _wire(path: str) -> str:
    """A path as its bytes, each one a character: parent and worker may differ in how they decode names."""
    return os.fsencode(path).decode("latin-1")


def _line(message: object) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n"


def _answer(line: bytes, batch: int, request: int, detectors: int) -> Answer:
    """Take an answer apart; what is not one exactly loses the worker."""
    try:
        got_batch, got_request, digest, said = json.loads(line)
        if (got_batch, got_request, len(said)) == (batch, request, detectors):
            return Answer(
                None if digest is None else bytes.fromhex(digest),
                tuple(one if isinstance(one, str) else tuple(map(_problem, one)) for one in said),
            )
    except (ValueError, TypeError, RecursionError) as error:
        raise LostWorkerError(f"made its process answer nonsense: {line[:80]!r}") from error
    raise LostWorkerError(f"made its process answer another question: {line[:80]!r}")


def _problem(fields: Any) -> Problem:
    """The problem that `worker` took apart. TypeError or ValueError where it is none."""
    rule, message, line, column, end_line, end_column, severity, category = fields
    numbers = (line, column, end_line, end_column)
    if not (isinstance(rule, str) and isinstance(message, str)):
        raise TypeError("rule and message are text")
    if not all(number is None or type(number) is int for number in numbers):
        raise TypeError("lines and columns are numbers")
    if severity not in SEVERITIES or category not in CATEGORIES:
        raise ValueError("unknown severity or category")
    return Problem(rule, message, *numbers, severity, category)
