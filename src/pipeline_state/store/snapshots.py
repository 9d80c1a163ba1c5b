"""The snapshots: the last tree of which every pair was judged, one row for each way of selecting all files."""

from __future__ import annotations

from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store import clock, queries

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    from pipeline_state.store.database import Database


class SnapshotRow(NamedTuple):
    """A snapshot as it is stored; `checks.snapshot` knows what is in the packed columns.

    It rests on `tree`, in which the files `edited` hold something else.
    """

    selection: str
    request: bytes
    git: bytes
    entries: bytes
    watched: bytes
    detectors: str
    reported: bytes
    asked: bytes
    edited: bytes
    tree_digest: bytes
    tree: bytes


class Snapshots:
    """The snapshots of one worktree."""

    def __init__(self, database: Database, worktree: int) -> None:
        self._database, self._worktree = database, worktree
        self._sql = queries.load("snapshots", database.backend)

    def without_tree(self, selection: str) -> SnapshotRow | None:
        """Return the snapshot of this selection, but for its tree: all that the unchanged case needs."""
        row = self._database.one(self._sql["without_tree"], (self._worktree, selection))
        return SnapshotRow(selection, row[0], row[1], b"", row[2], row[3], row[4], *[b""] * 4) if row else None

    def get(self, selection: str) -> SnapshotRow | None:
        """Return the whole snapshot of this selection."""
        row = self._database.one(self._sql["get"], (self._worktree, selection))
        return None if row is None else SnapshotRow(selection, *tuple(row))

    def put(self, row: SnapshotRow) -> None:
        """Store a snapshot in the place of the last one; its tree, if that is another one. Inside a transaction."""
        place = (self._worktree, row.selection)
        if self._database.one(self._sql["has_tree"], (*place, row.tree_digest, row.tree)) is None:
            self._database.execute(self._sql["put_tree"], (*place, row.tree_digest, row.tree))
        self._database.execute(
            self._sql["put"],
            (
                *place, row.request, row.git, row.entries, row.watched, row.detectors, row.reported, row.asked,
                row.edited, row.tree_digest, clock.now(),
            ),
        )  # fmt: skip

    def drop(self) -> None:
        """Forget the snapshots of all worktrees: their next checks look at everything. Inside a transaction."""
        self._database.execute(self._sql["drop"])
