"""Taking in the journals that sessions left behind: what they wrote down becomes rows, exactly once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from pipeline_state.errors import StateError
from pipeline_state.store import recording
from pipeline_state.store.attempts import OUTCOMES, PHASES, SUBTEST_OUTCOMES, TEST_PHASES, Part, Subtest
from pipeline_state.store.clock import SECOND
from pipeline_state.store.details import Detail, Section, Value
from pipeline_state.store.journal import (
    CUT_SHORT,
    LATEST,
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

_LONG = 10**9
"""Seconds that no test takes: longer times are damage."""
_NOT_KEPT = "the end of the record could not be written"


@dataclass(frozen=True, slots=True)
class Taken:
    """What taking in did: the runs that it closed, and the journals that it left where they are, with the reason."""

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
    begun = b"\n" in data
    if begun:
        journal = Reading(data)
        if not _belongs(journal.header, state, base):
            return False
        # What is written through memory changes the time of the file only now and then.
        ended_at = max(modified, journal.latest()) if dead else None
        store(state, journal, ended_at=ended_at, cut_short=path.endswith(CUT_SHORT + SUFFIX))
    if dead:  # without a first line, too: then it died before anything began
        _remove(path)
        locks.remove(run_of(path))
    return dead and begun


class Reading:
    """What a journal says. Raises `UnknownJournalError` if it is none, or one of a newer program."""

    def __init__(self, data: bytes) -> None:
        first, _, rest = data.partition(b"\n")
        self.header: Header = parse_header(first)
        self.names: list[str] = []
        self.chosen: int | None = None
        self.end: tuple[int, int] | None = None
        """Exit status and time."""
        self.notes: list[str] = []
        self.properties: list[tuple[str, str]] = []
        self.internal_error: str | None = None
        self._markers: dict[int, list[str]] = {}
        self.unreadable: set[int] = set()
        """Where those lines end that could not be read."""
        self.offset = len(first) + 1
        """The end of the last complete line."""
        self._begun: set[int] = set()
        self._lines: list[Line] = []
        for line in parse(rest, self.offset):
            self.offset = line.end
            self._learn(line)

    def parts_after(self, offset: int) -> list[Part]:
        """Return what the lines after this byte say of each attempt."""
        parts: dict[tuple[int, int], Part] = {}
        for line in self._lines:
            if line.end <= offset or line.record is None:
                continue
            try:
                kind, test, number, *rest = line.record
                part = parts.get((test, number)) or self._part(test, number)
                if kind == "r":
                    _add_report(part, *rest)
                elif kind == "u":
                    _add_subtest(part, *rest)
                elif kind == "v":
                    _add_values(part, *rest)
                elif kind == "d":
                    part.details = [*part.details, _detail(*rest)]
                elif kind == "o":
                    _add_sections(part, *rest)
                else:
                    _add_start(part, *rest)
                parts[test, number] = part
            except (LookupError, TypeError, ValueError, AttributeError, OSError):  # damaged
                self.unreadable.add(line.end)
        for (test, _), part in parts.items():
            part.markers = self._markers.get(test, ())
        return list(parts.values())

    def never_begun(self) -> list[str]:
        """Return the tests that were chosen and of which nothing else is said."""
        return [name for number, name in enumerate(self.names) if number not in self._begun]

    def latest(self) -> int:
        """Return the latest time that is told, in nanoseconds since 1970, or 0: when the last phase came to its end."""
        ends: dict[tuple[int, int], int] = {}
        for line in self._lines:
            match line.record:
                case ["s", int(test), int(number), int(time), *_] if 0 <= time < LATEST:
                    ends[test, number] = time
                case ["r", int(test), int(number), _, _, int() | float() as seconds, *_] if 0 <= seconds < _LONG:
                    if (test, number) in ends:
                        ends[test, number] += int(seconds * SECOND)
        return max(ends.values(), default=0)

    def _learn(self, line: Line) -> None:
        try:
            match line.record:
                case ["r" | "s" | "u" | "v" | "d" | "o", int(test), *_]:
                    self._begun.add(test)
                    self._lines.append(line)
                case ["n", int(first), [*names]] if first == len(self.names):
                    self.names += map(str, names)
                case ["c", int(tests)]:
                    self.chosen = tests
                case ["m", str(name), [*tests]]:
                    for test in tests:
                        self._markers.setdefault(int(test), []).append(name)
                case ["p", int(number), str(name), str(value)] if number == len(self.properties) + 1:
                    self.properties.append((name, value))
                case ["i", str(text)]:
                    self.internal_error = text
                case ["x", str(reason)]:
                    self.notes.append(reason)
                case ["e", int(status), int(time)] if 0 <= time < LATEST:
                    self.end = (status, time)
                case _:
                    self.unreadable.add(line.end)
        except (TypeError, AttributeError):
            self.unreadable.add(line.end)

    def _part(self, test: int, number: int) -> Part:
        if test < 0 or number < 1:
            raise ValueError
        return Part(self.names[test], number)


def store(state: State, journal: Reading, *, ended_at: int | None, cut_short: bool = False) -> None:
    """Put what a journal says into the database; what is there already is left out.

    `ended_at` (nanoseconds since 1970) says that nobody writes to it any more: then the run is closed, as the journal
    says, or as interrupted at that time.
    """
    with recording.collector_paused():
        state.database.write(partial(_store, state, journal, ended_at, cut_short))


def _store(state: State, journal: Reading, ended_at: int | None, cut_short: bool) -> None:
    parts = journal.parts_after(recording.offset_of(state, journal.header))
    recording.put(state, journal.header, recording.Batch(parts), journal.offset, journal.chosen)
    if ended_at is None:
        return
    notes = list(journal.notes)
    if journal.unreadable:
        notes.append(f"{len(journal.unreadable)} lines of the journal could not be read")
    if cut_short and not notes:
        notes.append(_NOT_KEPT)
    exit_status, time = journal.end or (None, ended_at)
    said = (journal.properties, journal.internal_error)
    ending = recording.Ending(exit_status, time, journal.never_begun(), "; ".join(notes) or None, *said)
    recording.end(state, journal.header, ending)


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


def _add_start(part: Part, time: int, line: int | None = None, file: str | None = None) -> None:
    if not 0 <= time < LATEST or not 0 <= (line or 0) < LATEST:
        raise ValueError
    part.begun = time
    part.line = line
    part.file = None if file is None else str(file)


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
        setattr(part, f"{phase}_outcome", str(outcome))
        setattr(part, f"{phase}_s", float(seconds))
    part.outcome = overall
    part.phase = decided_by
    part.worker = str(worker) if worker else part.worker
    part.reason = str(reason) if reason else part.reason
    part.failure = str(failure) if failure else part.failure


def _add_subtest(
    part: Part,
    overall: str,
    decided_by: str | None,
    worker: str | None,
    position: int,
    description: str,
    outcome: str,
    seconds: float,
    reason: str | None,
    failure: str | None,
) -> None:
    if overall not in OUTCOMES or outcome not in SUBTEST_OUTCOMES or not 0 < position < LATEST:
        raise ValueError
    if decided_by is not None and decided_by not in PHASES:
        raise ValueError
    text = (None if reason is None else str(reason), None if failure is None else str(failure))
    part.outcome = overall
    part.phase = decided_by
    part.worker = str(worker) if worker else part.worker
    part.subtests = [*part.subtests, Subtest(position, str(description), outcome, float(seconds), *text)]


def _add_values(part: Part, first: int, pairs: Sequence[tuple[str, str]], phase: str | None = None) -> None:
    if not 0 < first < LATEST or phase not in (None, *TEST_PHASES):
        raise ValueError
    if not part.values:
        part.first_value = first
    part.values = [*part.values, *(Value(str(name), str(value), phase) for name, value in pairs)]


def _detail(
    phase: str,
    subtest: int,
    message: str | None,
    path: str | None,
    line: int | None,
    failure: str | None,
    repeated: bool,
) -> Detail:
    if phase not in PHASES or not 0 <= subtest < LATEST or not 0 <= (line or 0) < LATEST:
        raise ValueError
    message, path, failure = (None if text is None else str(text) for text in (message, path, failure))
    return Detail(phase, subtest, message, path, line, failure, bool(repeated))


def _add_sections(part: Part, first: int, sections: Sequence[tuple[str, int, str, str]]) -> None:
    if not 0 < first < LATEST:
        raise ValueError
    if not part.sections:
        part.first_section = first
    new = [Section(phase, subtest, str(name), str(content)) for phase, subtest, name, content in sections]
    if not all(section.phase in PHASES and 0 <= section.subtest < LATEST for section in new):
        raise ValueError
    part.sections = [*part.sections, *new]
