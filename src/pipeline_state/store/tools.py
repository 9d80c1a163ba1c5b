"""What tools say their version is, by the digest of what would be executed: asking them takes a process each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline_state.store import clock, queries

if TYPE_CHECKING:
    from pipeline_state.store.database import Database


class Tools:
    """The versions of tools that were seen."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = queries.load("tools", database.backend)

    def version(self, digest: bytes) -> str | None:
        """Return what the tool with this digest said its version is; `None` if it was never asked."""
        row = self._database.one(self._sql["version"], (digest,))
        return None if row is None else row[0]

    def learn(self, digest: bytes, version: str) -> None:
        """Remember the version of a tool. Inside a transaction."""
        self._database.execute(self._sql["learn"], (digest, version, clock.now()))
