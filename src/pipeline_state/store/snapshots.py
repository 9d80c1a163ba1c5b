"""The snapshots: the last tree of which every pair was judged, one row for each way of selecting all files."""

from __future__ import annotations

from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store import clock, queries

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    from pipeline_state.store.database import Database


class SnapshotRow(NamedTuple):
    """A snapshot as it is stored; `checks.snapshot` knows what is in the packed columns."""

    selection: str
    request: bytes
    git: bytes
    watched: bytes
    detectors: str
    reported: bytes
    tree: bytes
    asked: bytes


class Snapshots:
    """The snapshots of one worktree."""

    def __init__(self, database: Database, worktree: int) -> None:
        self._database, self._worktree = database, worktree
        self._sql = queries.load("snapshots", database.backend)

    def without_tree(self, selection: str) -> SnapshotRow | None:
        """Return the snapshot of this selection, but for its tree: all that the unchanged case needs."""
        row = self._database.one(self._sql["without_tree"], (self._worktree, selection))
        return None if row is None else SnapshotRow(selection, row[0], row[1], row[2], row[3], row[4], b"", b"")

    def get(self, selection: str) -> SnapshotRow | None:
        """Return the whole snapshot of this selection."""
        row = self._database.one(self._sql["get"], (self._worktree, selection))
        return None if row is None else SnapshotRow(selection, *tuple(row))

    def put(self, row: SnapshotRow) -> None:
        """Store a snapshot in the place of the last one. Inside a transaction."""
        self._database.execute(
            self._sql["put"],
            (
                self._worktree, row.selection, row.request, row.git, row.watched, row.detectors, row.reported, row.tree,
                row.asked, clock.now(),
            ),
        )  # fmt: skip

    def drop(self) -> None:
        """Forget all snapshots: the next check looks at everything. Inside a transaction."""
        self._database.execute(self._sql["drop"], (self._worktree,))
