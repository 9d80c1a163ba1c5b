"""Attempts that passed and said nothing: most of those that there are, so they come in fewer words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline_state.store import many_rows
from pipeline_state.store.clock import stamps
from pipeline_state.store.database import Database
from pipeline_state.store.details import Details
from pipeline_state.store.known_tests import KnownTests
from pipeline_state.store.queries import load
from pipeline_state.store.storable import storable_id

Pass = tuple[str, int, int, float, float, float]
"""The first attempt at a test that stands in the file of its node id: the node id, the line (from 0), when it began
(nanoseconds since 1970), and how long setup, call and teardown took, in seconds."""


class Passes:
    """The attempts of a state database, as far as they are passes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = load("attempts", database.backend)
        self._tests = KnownTests(database)
        self._details = Details(database)

    def add(self, run: str, rootdir: str, passes: Sequence[Pass], markers: Mapping[str, Sequence[str]]) -> None:
        """Add attempts, and what the markers of their tests are, by node id; part of a transaction."""
        if not passes:
            return
        node_ids = [storable_id(one[0]) for one in passes]
        tests = self._tests.numbers(rootdir, node_ids, [(None, one[1] + 1) for one in passes])
        times = stamps([one[2] for one in passes])
        rows = [(run, test, time, *one[3:]) for test, time, one in zip(tests, times, passes, strict=True)]
        many_rows.insert(self._database, self._sql["add_pass"], rows)
        pairs = ((test, markers.get(one[0])) for test, one in zip(tests, passes, strict=True)) if markers else ()
        self._details.mark(rootdir, tests, {test: names for test, names in pairs if names})
