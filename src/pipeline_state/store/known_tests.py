"""The tests of a state database by number, and where each was seen last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline_state.store import many_rows
from pipeline_state.store.database import Database
from pipeline_state.store.queries import load

_MANY = 500
"""From so many tests on, reading all that are known of a root directory is cheaper than asking for each."""

Place = tuple[str | None, int | None]
"""The file if it is not the one in the node id, and the line, from 1."""


class KnownTests:
    """The tests below any root directory. What is asked for by node id is put down if it is new."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = load("attempts", database.backend)

    def numbers(self, rootdir: str, node_ids: Sequence[str], places: Sequence[Place | None]) -> list[int]:
        """Return the number of each test; part of a transaction.

        Those that are new, or stand elsewhere than before, are put down first. A place of None is not known.
        """
        known = self._known(rootdir, node_ids)
        moved = {
            node_id: (rootdir, node_id, *(place or (None, None)))
            for node_id, place in zip(node_ids, places, strict=True)
            if (before := known.get(node_id)) is None
            or (place is not None and (before[3] != place[1] or before[2] != place[0]))
        }
        if moved:
            many_rows.insert(self._database, self._sql["add_test"], list(moved.values()))
            known |= self._known(rootdir, list(moved))
        return [known[node_id][1] for node_id in node_ids]

    def _known(self, rootdir: str, node_ids: Sequence[str]) -> dict[str, tuple[Any, ...]]:
        """Return node id, number, file and line of those of these tests that are there, by node id."""
        if len(node_ids) >= _MANY:
            rows = self._database.tuples(self._sql["known"], (rootdir,))
        else:
            asked = (self._database.tuples(self._sql["known_one"], (rootdir, node_id)) for node_id in node_ids)
            rows = [row for found in asked for row in found]
        return {row[0]: row for row in rows}
