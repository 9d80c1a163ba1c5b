"""Taking journals into the database: what a pytest session wrote down becomes rows, exactly once.

The offset up to which a journal was read moves in the same transaction as the rows. So it does not matter who takes in
what, or how often: the session itself in batches, or any command after the session was killed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

from pipeline_state.errors import StateError
from pipeline_state.store.attempts import OUTCOMES, PHASES, TEST_PHASES, Part
from pipeline_state.store.clock import at
from pipeline_state.store.journal import (
    CUT_SHORT,
    SUFFIX,
    Header,
    Line,
    UnknownJournalError,
    find,
    parse,
    parse_header,
    read_from,
    run_of,
    spill_base,
)
from pipeline_state.store.liveness import RunLocks
from pipeline_state.store.state import State
from pipeline_state.store.storable import storable_path

_NOT_KEPT = "the end of the record could not be written"


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking in found: runs closed, journals left where they are with the reason, by path."""

    closed: tuple[str, ...] = ()
    left: dict[str, str] = field(default_factory=dict)


def take_in(state: State, *, live: bool = False) -> Taken:
    """Put what dead sessions left in their journals into the database, close their runs and remove the journals.

    With `live`, what sessions have written that are still going on is put there too. Costs two looks into folders when
    there is nothing to do. Does nothing in memory, or in a database that can only be read.
    """
    closed: list[str] = []
    left: dict[str, str] = {}
    for base in _bases(state):
        for path in find(base):
            try:
                if _take_in_one(state, base, path, live=live):
                    closed.append(run_of(path))
            except (UnknownJournalError, StateError, OSError) as error:
                left[path] = str(error)
    return Taken(tuple(closed), left)


def _bases(state: State) -> list[str]:
    database = state.database
    if database.path is None or database.read_only:
        return []
    return [database.path, spill_base(state.token)]


def _take_in_one(state: State, base: str, path: str, *, live: bool) -> bool:
    """Take in one journal; return whether its run was closed."""
    locks = RunLocks(base)
    dead = not locks.is_held(run_of(path))  # asked before reading: what is written later was written by the living
    if not (dead or live):
        return False
    try:
        data, modified = _read(path)
    except FileNotFoundError:  # another command was first
        return False
    line, newline, _ = data.partition(b"\n")
    if newline:
        header = parse_header(line)
        if not _belongs(header, state, base):
            return False
        intake = Intake(header, len(line) + 1)
        intake.feed(data[len(line) + 1 :])
        if dead:
            intake.close(state, modified, _NOT_KEPT if path.endswith(CUT_SHORT + SUFFIX) else None)
        else:
            intake.store(state)
    if dead:  # without a first line too: then it died before anything began
        _remove(path)
        locks.remove(run_of(path))
    return dead and bool(newline)


def _read(path: str) -> tuple[bytes, int]:
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        return read_from(descriptor, 0), os.fstat(descriptor).st_mtime_ns
    finally:
        os.close(descriptor)


def _belongs(header: Header, state: State, base: str) -> bool:
    """Whether a journal is this database's: those in the user's folder may be of another one of the same worktree."""
    assert state.database.path is not None
    return base == state.database.path or header.database == storable_path(state.database.path)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:  # another command was first
        pass


class Intake:
    """Takes one journal into one database, as far as it has been written."""

    def __init__(self, header: Header, header_size: int) -> None:
        self._header = header
        self._names: list[str] = []
        self._lines: list[Line] = []
        self._collected: int | None = None
        self._notes: list[str] = []
        self._unreadable: set[int] = set()  # where those lines end
        self._end: tuple[int, int] | None = None  # exit status, time
        self.position = header_size
        """The first byte of the journal that has not been fed yet."""

    def feed(self, data: bytes) -> None:
        """Read what the journal holds from `position` on."""
        for line in parse(data, self.position):
            self.position = line.end
            self._lines.append(line)
            if line.record is None or line.record[0] not in ("r", "s"):
                self._learn(line)

    def store(self, state: State) -> None:
        """Put what was fed into the database; what another process has put there already is left out."""
        state.database.write(partial(self._store, state))
        self._lines = []

    def finish(self, state: State, exit_status: int, ended_at: int, incomplete: str | None = None) -> None:
        """Put the rest into the database and end the run."""
        self._end = (exit_status, ended_at)
        self.close(state, ended_at, incomplete)

    def close(self, state: State, died_at: int, incomplete: str | None = None) -> None:
        """Put the rest into the database and end the run: as the journal says, or as interrupted at `died_at`."""
        state.database.write(partial(self._close, state, died_at, incomplete))
        self._lines = []

    def _learn(self, line: Line) -> None:
        """Take what concerns the session: wanted whoever put the line into the database."""
        try:
            match line.record:
                case ["n", int(first), [*names]] if first == len(self._names):
                    self._names += map(storable_id, names)
                case ["c", int(tests)]:
                    self._collected = tests
                case ["x", str(reason)]:
                    self._notes.append(reason)
                case ["e", int(status), int(time)]:
                    self._end = (status, time)
                case _:
                    self._unreadable.add(line.end)
        except (TypeError, AttributeError):
            self._unreadable.add(line.end)

    def _store(self, state: State) -> None:
        run = self._header.run
        offset = state.sessions.journal_offset(run)
        if offset is None:
            self._begin_run(state)
            offset = 0
        parts = self._put_together(line for line in self._lines if line.end > offset)
        state.attempts.add(run, self._header.rootdir, parts)
        state.sessions.advance(run, max(offset, self.position), self._collected)

    def _begin_run(self, state: State) -> None:
        header = self._header
        if header.worktree != state.token:  # worktrees may share a database; each has its own runs
            state = State(state.database, token=header.worktree)
        state.runs.begin(
            "pytest",
            header.arguments,
            commit_id=header.commit,
            branch=header.branch,
            tree_digest=header.tree_digest,
            environment=header.environment,
            run_id=header.run,
            started_at=at(header.started),
            host=header.host,
        )
        state.sessions.add(header.run, header.rootdir, header.selection)

    def _close(self, state: State, died_at: int, incomplete: str | None) -> None:
        run = self._header.run
        self._store(state)
        if state.runs.get(run).status == "finished":
            return
        notes = list(self._notes)
        if self._unreadable:
            notes.append(f"{len(self._unreadable)} lines of the journal could not be read")
        if incomplete and not notes:
            notes.append(incomplete)
        why = "; ".join(notes) or None
        state.attempts.interrupt(run, why)
        if not why:  # else they may have run
            state.attempts.add_not_run(run, self._header.rootdir, self._names)
        if self._end:
            status, ended_at = self._end
            state.runs.finish(run, status, why, at(ended_at))
        elif state.runs.get(run).status == "running":
            state.runs.interrupt(run, why, at(died_at))

    def _put_together(self, lines: Iterable[Line]) -> list[Part]:
        """Return what the lines say of each attempt."""
        parts: dict[tuple[int, int], Part] = {}
        for line in lines:
            record = line.record
            if record is None or record[0] not in ("r", "s"):
                continue
            try:
                key = (record[1], record[2])
                part = parts.get(key) or self._part(*key)
                if record[0] == "r":
                    _add_report(part, *record[3:])
                else:
                    _add_start(part, *record[3:])
                parts[key] = part
            except (LookupError, TypeError, ValueError, AttributeError, OSError):  # damaged
                self._unreadable.add(line.end)
        return list(parts.values())

    def _part(self, test: int, number: int) -> Part:
        if test < 0 or number < 1:
            raise ValueError
        return Part(self._names[test], number)


def storable_id(node_id: str) -> str:
    """Return a node id as it is stored: a path, or, where it is more broken than a path can be, escaped."""
    try:
        return storable_path(node_id).replace("\0", "\\x00")
    except UnicodeEncodeError:
        return node_id.encode("utf-8", "backslashreplace").decode("utf-8")


def _add_start(part: Part, time: int, line: int | None = None, file: str | None = None) -> None:
    part.started_at = at(time)
    part.file = storable_id(file) if file else part.node_id.partition("::")[0]
    part.line = None if line is None else line + 1


def _add_report(
    part: Part,
    phase: str,
    outcome: str,
    seconds: float,
    overall: str,
    decided_by: str | None = None,
    worker: str | None = None,
    reason: str | None = None,
    failure: str | None = None,
) -> None:
    if overall not in OUTCOMES or (decided_by is not None and decided_by not in PHASES):
        raise ValueError
    if phase in TEST_PHASES:
        part.phases[phase] = (str(outcome), float(seconds))
    part.outcome = overall
    part.phase = decided_by
    part.worker = worker or part.worker
    part.reason = str(reason) if reason else part.reason
    part.failure = str(failure) if failure else part.failure
