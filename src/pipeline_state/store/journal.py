"""The append-only journal of a pytest session that is going on: one file, one line for each thing that happened.

It lies in `<base>.runs/<run id>.jsonl`. The base is the path of the database, or, where nothing can be written there,
a path in the user's state folder that ends in the worktree's token. Its writer holds the lock of the run, from before
the journal is there until it is gone: a journal without one is a dead session's. Each line is one copy into the mapped
file, or one `os.write` to a descriptor opened with O_APPEND: what has been written survives the process, whatever ends
it. A mapped file goes on with zeros where nothing has been written yet.

The first line is the header, an object with the version of the format. Each line after it is an array:

    ["n", first, [node id, …]]            tests get their numbers, counted up from the first
    ["c", tests]                          collection is complete; so many tests were chosen
    ["s", test, attempt, time, line, file]    an attempt begins; the line counts from 0, as pytest's does; no file
                                          means the one in the node id
    ["r", test, attempt, phase, outcome of the phase, duration in seconds, overall outcome so far,
          deciding phase, worker, reason, failure]      the last four may be left out
    ["u", test, attempt, overall outcome so far, deciding phase, worker,
          position, description, outcome, duration, reason, failure]        a subtest was reported; since format 2
    ["v", test, attempt, position of the first, [[name, value], …], phase]  what a test recorded; since format 2
    ["d", test, attempt, phase, subtest, message, path, line, failure, repeated]    what a report said of a failure or a
                                          skip, as in `details.Detail`; since format 2
    ["o", test, attempt, position of the first, [[phase, subtest, name, content], …]]   captured output; since format 2
    ["m", name, [test, …]]                tests have this marker; since format 2
    ["p", number, name, value]            what the session said of itself as a whole; since format 2
    ["i", text]                           pytest itself, or a plugin, failed; since format 2
    ["x", reason]                         something could not be kept
    ["e", exit status, time]              the session ended

Times are nanoseconds since 1970.
"""

from __future__ import annotations

import errno
import json
import os
import sys
import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from pipeline_state.store.liveness import RunLocks, runs_folder
from pipeline_state.store.mapped_file import MappedFile, mapped

VERSION = 2
_READ = (1, VERSION)
SUFFIX = ".jsonl"
CUT_SHORT = ".incomplete"
"""Stands before the suffix once a line could not be written. Renaming needs no space on a disk that is full."""

LATEST = 1 << 62
"""Nanoseconds since 1970: later times are damage."""


@dataclass(frozen=True, slots=True)
class Header:
    """Everything that is known of a session when it begins. Paths are storable text, times nanoseconds since 1970."""

    run: str
    database: str
    worktree: str
    started: int
    selection: str
    rootdir: str
    arguments: list[str]
    commit: str | None
    branch: str | None
    tree_digest: str | None
    host: str
    environment: dict[str, str]
    scope: str | None = None
    """A digest of what chose the tests; sessions with the same one can go on with each other. Since format 2."""
    continues: str | None = None
    """The run that this one goes on with. Since format 2."""

    def line(self) -> bytes:
        """Return the first line of the journal."""
        return json.dumps({"version": VERSION, **asdict(self)}).encode("ascii") + b"\n"


class UnknownJournalError(ValueError):
    """The first line is not a header of a version that this program knows."""


def parse_header(line: bytes) -> Header:
    """Return the header that a first line holds. Raises `UnknownJournalError` if it holds none."""
    try:
        values = json.loads(line)
        version = values.pop("version")
        if version not in _READ:
            raise UnknownJournalError(f"it has format {version}, this program reads formats up to {VERSION}")
        header = Header(**values)
        if not 0 <= header.started < LATEST:
            raise ValueError
        return header
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        if isinstance(error, UnknownJournalError):
            raise
        raise UnknownJournalError("its first line is not the header of a journal") from error


def spill_base(worktree: str, environ: Mapping[str, str] = os.environ) -> str:
    """Return the base of the journals of a worktree whose own folder cannot be written: in the user's state folder."""
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        folder = environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
    elif sys.platform == "darwin":
        folder = os.path.join(home, "Library", "Application Support")
    else:
        folder = environ.get("XDG_STATE_HOME") or os.path.join(home, ".local", "state")
    return os.path.join(folder, "pipeline-state", worktree)


class Journal:
    """A journal open for writing. What a child that was forked off writes to it goes nowhere."""

    __slots__ = ("__weakref__", "_descriptor", "_locks", "_mapped", "_pid", "path", "run")

    def __init__(self, run: str, path: str, descriptor: int, locks: RunLocks) -> None:
        self.run = run
        self.path = path
        self._descriptor = descriptor
        self._mapped: MappedFile | None = None
        self._locks = locks
        self._pid = os.getpid()
        _open.add(self)

    @classmethod
    def create(cls, base: str, header: Header) -> Journal:
        """Create and begin the journal of a session. Raises `OSError` or `StateError` if that is not possible."""
        locks = RunLocks(base)
        locks.hold(header.run)
        path = os.path.join(runs_folder(base), header.run + SUFFIX)
        # O_BINARY exists on Windows only, where text mode would change the line ends.
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        try:
            journal = cls(header.run, path, os.open(path, flags, 0o600), locks)
        except OSError:
            locks.release(header.run)
            raise
        try:
            journal.append(header.line())
            journal._mapped = mapped(journal._descriptor)
        except OSError:
            journal.remove()
            raise
        return journal

    @property
    def is_ours(self) -> bool:
        """Whether this process opened the journal and has not closed it."""
        return self._descriptor >= 0 and os.getpid() == self._pid

    @property
    def writer(self) -> Callable[[bytes], int]:
        """What writes a line in the shortest way, and returns how many bytes it wrote: if not all, raise `torn()`.

        If it raises `ValueError`, the line is to be given to `append`.
        """
        return partial(os.write, self._descriptor) if self._mapped is None else self._mapped.write

    def append(self, line: bytes) -> None:
        """Write one line. Raises `OSError` if it could not be written completely; then part of it may have been."""
        if self._mapped is not None:
            try:
                self._mapped.write(line)
                return
            except ValueError:
                self._make_room(len(line))
        if self._mapped is not None:
            self._mapped.write(line)
        elif os.write(self._descriptor, line) != len(line):
            raise torn()

    def _make_room(self, size: int) -> None:
        assert self._mapped is not None
        try:
            self._mapped.grow(size)
        except OSError:  # what fits into less is written the usual way
            self._unmap()

    def _unmap(self) -> None:
        mapped, self._mapped = self._mapped, None
        if mapped is not None:
            mapped.close()

    @property
    def size(self) -> int:
        """How many bytes have been written."""
        return os.fstat(self._descriptor).st_size if self._mapped is None else self._mapped.position

    def read(self, start: int) -> bytes:
        """Return what the journal holds from this byte on."""
        return read_from(self._descriptor, start)[: self.size - start]

    def mark_cut_short(self) -> None:
        """Leave a trace that a line is missing, without writing a byte."""
        path = f"{self.path.removesuffix(SUFFIX)}{CUT_SHORT}{SUFFIX}"
        os.rename(self.path, path)
        self.path = path

    def close(self) -> None:
        """Leave the journal for others to take in."""
        if self.is_ours:
            self._unmap()
            descriptor, self._descriptor = self._descriptor, -1
            os.close(descriptor)
            self._locks.release(self.run)

    def leave_to_parent(self) -> None:
        """In a forked child: a test's child that goes on through the session must not write its parent's journal."""
        if self._descriptor >= 0:
            if self._mapped is not None:
                self._mapped.forget()
                self._mapped = None
            nothing = os.open(os.devnull, os.O_RDWR)
            os.dup2(nothing, self._descriptor, inheritable=False)
            os.close(nothing)

    def remove(self) -> None:
        """Delete the journal: all of it is in the database."""
        if not self.is_ours:
            return
        self._unmap()
        descriptor, self._descriptor = self._descriptor, -1
        os.close(descriptor)  # first: Windows deletes no open file
        try:
            os.unlink(self.path)
        finally:
            self._locks.release(self.run)


def torn() -> OSError:
    """Return what to raise when a line could be written in part only: no more fits."""
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


_open: weakref.WeakSet[Journal] = weakref.WeakSet()


def _leave_to_parent() -> None:
    for journal in list(_open):
        journal.leave_to_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_to_parent)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a journal: where it ends (a byte offset), and what it says; None if that cannot be read."""

    end: int
    record: list[Any] | None


def parse(data: bytes, start: int) -> Iterator[Line]:
    """Read the lines of a journal that begin at byte `start`.

    A last line without its end, or with a byte in it that was not copied before the writer died, is not there yet.
    """
    complete = data[: data.rfind(b"\n") + 1]
    lines = complete.split(b"\n")[:-1]
    if lines and b"\0" in lines[-1]:
        lines.pop()
    try:
        # One call for all of them: five times as fast as one call for each.
        records: list[Any] = json.loads(b"[" + b",".join(lines) + b"]")
    except (ValueError, RecursionError):
        records = []
    if len(records) != len(lines) or not all(isinstance(record, list) and record for record in records):
        records = [_parse_one(line) for line in lines]
    end = start
    for line, record in zip(lines, records, strict=True):
        end += len(line) + 1
        if line:
            yield Line(end, record)


def _parse_one(line: bytes) -> list[Any] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, list) and record else None


def read_from(descriptor: int, start: int) -> bytes:
    """Return what an open file holds from this byte on."""
    chunks = []
    os.lseek(descriptor, start, os.SEEK_SET)
    while chunk := os.read(descriptor, 1 << 20):
        chunks.append(chunk)
    return b"".join(chunks)


def find(base: str) -> list[str]:
    """Return the paths of the journals with this base."""
    try:
        with os.scandir(runs_folder(base)) as entries:
            return sorted(entry.path for entry in entries if entry.name.endswith(SUFFIX))
    except (FileNotFoundError, NotADirectoryError):
        return []


def run_of(path: str) -> str:
    """Return the id of the run that a journal belongs to."""
    return os.path.basename(path).partition(".")[0]
