"""What reports of tests said beside their outcomes: messages and places, captured output, markers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store.queries import load

if TYPE_CHECKING:
    from pipeline_state.store.attempts import Part
    from pipeline_state.store.database import Database


class Detail(NamedTuple):
    """What the report of a phase said, where it did not simply pass.

    `subtest` is the position of the subtest that the report is about, or 0. `message` is the exception or the reason,
    `path` and `line` (from 1) say where, all as pytest gives them. `failure` is the text of this phase, where several
    phases failed; else the attempt has it. `repeated`: a failure after which the test was tried again.
    """

    phase: str
    subtest: int
    message: str | None
    path: str | None
    line: int | None
    failure: str | None = None
    repeated: bool = False


class Value(NamedTuple):
    """A named value that a test recorded; without a `phase` pytest's own reports know nothing of it."""

    name: str
    value: str
    phase: str | None = None


class Section(NamedTuple):
    """Captured output: its name as pytest gives it (`Captured stdout call`), and the phase whose report brought it."""

    phase: str
    subtest: int
    name: str
    content: str


Key = tuple[int, int]
"""A test and the number of the attempt at it."""


class Details:
    """The details of the attempts of a state database. What adds is part of a transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = load("details", database.backend)

    def add(self, run: str, rootdir: str, tests: Sequence[int], parts: Sequence[Part]) -> None:
        """Add what is new of some attempts, each with the number of its test."""
        for test, part in zip(tests, parts, strict=True):
            if part.details:
                details = [(run, test, part.number, *detail) for detail in part.details]
                self._database.many(self._sql["add_detail"], details)
            if part.sections:
                numbered = enumerate(part.sections, part.first_section)
                sections = [(run, test, part.number, number, *section) for number, section in numbered]
                self._database.many(self._sql["add_section"], sections)
        # Of a test that was not set up yet, a worker may not have told them.
        told = [(test, part.markers) for test, part in zip(tests, parts, strict=True) if part.setup_outcome]
        self.mark(rootdir, [test for test, _ in told], {test: markers for test, markers in told if markers})

    def mark(self, rootdir: str, tests: Sequence[int], markers: Mapping[int, Sequence[str]]) -> None:
        """Note which markers some tests have, and no longer have; most of the time that is what is known."""
        known: dict[int, set[str]] = {}
        for row in self._database.all(self._sql["markers_below"], (rootdir,)):
            known.setdefault(row["test"], set()).add(row["name"])
        gone: set[tuple[int, str]] = set()
        new: set[tuple[int, str]] = set()
        for test in {*known, *markers}.intersection(tests):
            had, has = known.get(test, set()), set(markers.get(test, ()))
            gone |= {(test, name) for name in had - has}
            new |= {(test, name) for name in has - had}
        self._database.many(self._sql["remove_marker"], sorted(gone))
        self._database.many(self._sql["add_marker"], sorted(new))

    def details_of(self, run: str) -> dict[Key, list[Detail]]:
        """Return what the reports of a run said, by attempt, in the order of phases and subtests."""
        found: dict[Key, list[Detail]] = {}
        for row in self._database.all(self._sql["details_of_run"], (run,)):
            test, attempt, phase, subtest, message, path, line, failure, repeated = row
            detail = Detail(phase, subtest, message, path, line, failure, bool(repeated))
            found.setdefault((test, attempt), []).append(detail)
        return found

    def sections_of(self, run: str) -> dict[Key, list[Section]]:
        """Return the captured output that is kept of a run, by attempt, in order."""
        found: dict[Key, list[Section]] = {}
        for test, attempt, *section in self._database.all(self._sql["sections_of_run"], (run,)):
            found.setdefault((test, attempt), []).append(Section(*section))
        return found

    def markers_of(self, run: str) -> dict[int, list[str]]:
        """Return the names of the markers of the tests of a run, as they were last seen."""
        found: dict[int, list[str]] = {}
        for row in self._database.all(self._sql["markers_of_run"], (run,)):
            found.setdefault(row["test"], []).append(row["name"])
        return found
