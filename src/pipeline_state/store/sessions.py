"""What is kept of a pytest session beside its run: its root, its selection, how far its journal was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline_state.store.database import Database, Row
from pipeline_state.store.queries import load


@dataclass(frozen=True, slots=True)
class Session:
    """A recorded pytest session. `rootdir` is relative to the worktree; `collected` is None until collection is over.

    `selection` is `run`, or how pytest was kept from running tests: `collect-only`, `setup-only`, `setup-plan`.
    `continues` is the run that it went on with, and of which it left out what had passed.
    """

    run: str
    rootdir: str
    selection: str
    collected: int | None
    journal_offset: int
    continues: str | None = None
    internal_error: str | None = None
    """The text of an error in pytest itself or in a plugin, if there was one."""
    properties: tuple[tuple[str, str], ...] = ()
    """What the session said of itself as a whole (`record_testsuite_property`), in order."""


class Sessions:
    """The pytest sessions of a state database."""

    def __init__(self, database: Database, worktree: int) -> None:
        self._database, self._worktree = database, worktree
        self._sql = load("sessions", database.backend)

    def add(
        self, run: str, rootdir: str, selection: str, scope: str | None = None, continues: str | None = None
    ) -> None:
        """Add the session of a run; part of a transaction. `scope` is a digest of what chose its tests."""
        row = {"run": run, "rootdir": rootdir, "selection": selection, "scope": scope, "continues": continues}
        self._database.execute(self._sql["insert"], row)

    def latest_of(self, rootdir: str, scope: str) -> Session | None:
        """Return the last session of this worktree that ran this choice of tests and is over."""
        wanted = {"worktree": self._worktree, "rootdir": rootdir, "scope": scope}
        row = self._database.one(self._sql["latest_of"], wanted)
        return self._session(row) if row else None

    def find(self, run: str) -> Session | None:
        """Return the session of a run, or None if the run is not one of pytest."""
        row = self._database.one(self._sql["find"], {"run": run})
        return self._session(row) if row else None

    def conclude(self, run: str, properties: Sequence[tuple[str, str]], internal_error: str | None) -> None:
        """Add what a session said of itself as a whole; part of a transaction."""
        rows = [(run, position, *pair) for position, pair in enumerate(properties, 1)]
        self._database.many(self._sql["add_property"], rows)
        if internal_error is not None:
            self._database.execute(self._sql["set_internal_error"], {"run": run, "text": internal_error})

    def journal_offset(self, run: str) -> int | None:
        """Return how many bytes of the journal have been taken in; None if the session is not in the database."""
        row = self._database.one(self._sql["offset"], {"run": run})
        if row is None:
            return None
        offset = row["journal_offset"]
        if not isinstance(offset, int):
            raise self._database.damaged(f"the journal of run {run} was read up to {offset!r}")
        return offset

    def advance(self, run: str, offset: int, collected: int | None) -> None:
        """Note how much of the journal has been taken in, in the transaction that takes it in."""
        self._database.execute(self._sql["advance"], {"run": run, "offset": offset, "collected": collected})

    def _session(self, row: Row) -> Session:
        rows = self._database.all(self._sql["properties"], {"run": row["run"]})
        return Session(**dict(row), properties=tuple((each["name"], each["value"]) for each in rows))
