"""The process in which built-in detectors run: a hostile file can end it, and nothing else.

It is started by `worker_pool` and speaks JSON, a line at a time (file names as the bytes they are, each one a
character of Latin-1):

    in   [root, seconds for one pair, [["module:name", "module:name" or null], …]]    once: the detectors
    out  "ready"
    in   [batch, [[path, [detector number, …]], …]]                                           a batch of files
    out  [batch, n, digest or null, [[problem, …] or "error", …]]                             one line per file

Before it begins with a pair of file and detector it writes which one into eight bytes of memory that it shares
with its parent. That costs no system call, and stays readable when the process is gone.
"""

from __future__ import annotations

import contextlib
import errno
import faulthandler
import importlib
import json
import mmap
import os
import signal
import stat
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import IO, Any

from pipeline_state.checks.digests import blake2b
from pipeline_state.checks.findings import CATEGORIES, SEVERITIES, Problem

LARGEST_BYTES = 100_000_000
"""A file beyond this is not read: GitHub refuses it too, and parsers need many times the size of what they parse.
Detectors with an `unread` function answer; for the others the file is an error, never clean."""

_FLUSH_SECONDS = 0.1
"""What was judged leaves the process this often, so that little is done again after a death."""

_OPEN_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a pipe that took the file's place must not hold us
)


def progress(batch: int, request: int, step: int) -> int:
    """Pack what is in flight into one number, never 0. Step 0 is reading the file, step n its nth detector."""
    return (batch & 0xFFFF) << 48 | (request + 1) << 24 | step


def unpacked(number: int) -> tuple[int, int, int]:
    """The batch, request and step of a `progress` number. A request of -1: nothing is in flight."""
    return number >> 48, (number >> 24 & 0xFFFFFF) - 1, number & 0xFFFFFF


def main(status_path: str) -> None:
    """Serve until the parent closes the pipe. The only caller is the line of code that `worker_pool` starts."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends us
    requests = sys.stdin.buffer
    # What a detector prints must not get between our answers.
    answers = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
    os.dup2(2, 1)
    with open(status_path, "r+b") as file:
        status = memoryview(mmap.mmap(file.fileno(), 8)).cast("Q")
    with contextlib.suppress(BrokenPipeError):  # the parent is gone; nobody is left to tell
        _serve(requests, answers, status)
    os._exit(0)


def _serve(requests: IO[bytes], answers: IO[bytes], status: memoryview) -> None:
    root, timeout_s, references = json.loads(requests.readline())
    root = os.fsdecode(root.encode("latin-1"))
    detectors = _Detectors(references)
    answers.write(b'"ready"\n')
    answers.flush()
    while line := requests.readline():
        batch, work = json.loads(line)
        # A parent that was killed cannot end a detector that hangs: this thread, in C, then does.
        pairs = sum(1 + len(numbers) for _, numbers in work)
        faulthandler.dump_traceback_later(60 + timeout_s * pairs, exit=True)
        flushed = time.monotonic()
        for request, (path, numbers) in enumerate(work):
            status[0] = progress(batch, request, 0)
            file = _File(root, os.fsdecode(path.encode("latin-1")))
            said = []
            for step, number in enumerate(numbers, 1):
                status[0] = progress(batch, request, step)
                said.append(_answer(detectors, number, file))
            answers.write(json.dumps([batch, request, file.digest, said], separators=(",", ":")).encode() + b"\n")
            if time.monotonic() - flushed > _FLUSH_SECONDS:
                answers.flush()
                flushed = time.monotonic()
        answers.flush()
        faulthandler.cancel_dump_traceback_later()
        status[0] = 0


class _RefusalError(Exception):
    """Our own reason why there is no answer; it needs no place in the code."""


class _File:
    """A file's content, read once for all its detectors. A link, folder or pipe is refused."""

    def __init__(self, root: str, path: str) -> None:
        self.path = path
        self.content = b""
        self.size = 0
        self.digest: str | None = None
        self.unreadable = ""
        try:
            descriptor = os.open(os.path.join(root, path), _OPEN_FLAGS)
            try:
                self._read(descriptor)
            finally:
                os.close(descriptor)
        except (OSError, ValueError) as error:  # ValueError: a NUL in the name
            self.unreadable = f"cannot be read: {_reason(error)}"

    def _read(self, descriptor: int) -> None:
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode):
            raise OSError(errno.EINVAL, "not a regular file")
        self.size = state.st_size
        if self.size <= LARGEST_BYTES:
            with os.fdopen(descriptor, "rb", buffering=0, closefd=False) as file:
                self.content = file.read()
            self.size = len(self.content)
            self.digest = blake2b(self.content, digest_size=16).hexdigest()


class _Detectors:
    """The functions, imported when they are first used: what a run does not need it does not load."""

    def __init__(self, references: Sequence[tuple[str, str | None]]) -> None:
        self._references = references
        self._loaded: dict[str, Callable[..., Iterable[Problem]]] = {}

    def judge(self, number: int, file: _File) -> Iterable[Problem]:
        judge, unread = self._references[number]
        if file.unreadable:
            raise _RefusalError(file.unreadable)
        if file.digest is not None:
            return self._load(judge)(file.path, file.content)
        if unread is not None:
            return self._load(unread)(file.path, file.size)
        raise _RefusalError(f"the file has {file.size} bytes, more than the {LARGEST_BYTES} that are read; exclude it")

    def _load(self, reference: str) -> Callable[..., Iterable[Problem]]:
        if reference not in self._loaded:
            module, _, name = reference.partition(":")
            function: Any = importlib.import_module(module)
            for part in name.split("."):
                function = getattr(function, part)
            self._loaded[reference] = function
        return self._loaded[reference]


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, OSError):
        return "it is a symbolic link" if error.errno == errno.ELOOP else error.strerror or str(error)
    return str(error)


def _answer(detectors: _Detectors, number: int, file: _File) -> list[list[Any]] | str:
    """What the detector says, or, as text, why it could not."""
    try:
        return [_plain(problem) for problem in detectors.judge(number, file)]
    except _RefusalError as refusal:
        return str(refusal)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - any failure of a detector is an answer: an error
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        where = f" ({os.path.basename(trace.tb_frame.f_code.co_filename)}, line {trace.tb_lineno})" if trace else ""
        return f"the detector failed: {type(error).__name__}: {error}".rstrip(": ") + where


def _plain(problem: object) -> list[Any]:
    """A problem as JSON. A plugin's answer is checked here, where its mistake is its own."""
    if not isinstance(problem, Problem):
        raise _RefusalError(f"the detector failed: it yields Problem, not {type(problem).__name__}")
    numbers = [problem.line, problem.column, problem.end_line, problem.end_column]
    if not all(number is None or (type(number) is int and number > 0) for number in numbers):
        raise _RefusalError("the detector failed: lines and columns are integers from 1, or None")
    if not (type(problem.rule) is str and type(problem.message) is str):
        raise _RefusalError("the detector failed: rule and message are text")
    if problem.severity not in SEVERITIES or problem.category not in CATEGORIES:
        raise _RefusalError(f"the detector failed: {problem.severity!r} or {problem.category!r} is unknown")
    return [problem.rule, problem.message, *numbers, problem.severity, problem.category]
