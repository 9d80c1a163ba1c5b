"""What is kept of a pytest session beside its run: its root, its selection, how far its journal was read."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline_state.store.database import Database
from pipeline_state.store.queries import load


@dataclass(frozen=True, slots=True)
class Session:
    """A recorded pytest session. `rootdir` is relative to the worktree; `collected` is None until collection is over.

    `selection` is `run`, or how pytest was kept from running tests: `collect-only`, `setup-only`, `setup-plan`.
    """

    run: str
    rootdir: str
    selection: str
    collected: int | None
    journal_offset: int


class Sessions:
    """The pytest sessions of a state database."""

    def __init__(self, database: Database, _worktree: int) -> None:
        self._database = database
        self._sql = load("sessions", database.backend)

    def add(self, run: str, rootdir: str, selection: str) -> None:
        """Add the session of a run; part of a transaction."""
        self._database.execute(self._sql["insert"], {"run": run, "rootdir": rootdir, "selection": selection})

    def find(self, run: str) -> Session | None:
        """Return the session of a run, or None if the run is not one of pytest."""
        row = self._database.one(self._sql["find"], {"run": run})
        return Session(**dict(row)) if row else None

    def journal_offset(self, run: str) -> int | None:
        """Return how many bytes of the journal have been taken in; None if the session is not in the database."""
        row = self._database.one(self._sql["offset"], {"run": run})
        return None if row is None else int(row["journal_offset"])

    def advance(self, run: str, offset: int, collected: int | None) -> None:
        """Note how much of the journal has been taken in, in the transaction that takes it in."""
        self._database.execute(self._sql["advance"], {"run": run, "offset": offset, "collected": collected})
