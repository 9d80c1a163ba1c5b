"""The snapshot: whether anything has moved since every file was judged, answered without looking at every file.

Git compares the files with its index; we compare the index itself, as a whole or by its entries, with the one that the
snapshot was taken with. An entry holds the times of its file, so the two together say that the file is the one that was
judged, whatever filters, line ends or flags make Git call two contents the same. What Git does not look at is watched
by us.
"""

from __future__ import annotations

import os

from pipeline_state.checks.git_watch import INDEX, NAMES, WHOLE, GitWatch
from pipeline_state.checks.request import Request
from pipeline_state.checks.tree import Reported, pack_reported, reported_keys, unpack_reported
from pipeline_state.checks.watched import Watched, packed, unmoved, unpacked, watched_names
from pipeline_state.checks.weights import Telling
from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store.snapshots import SnapshotRow

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from pipeline_state.checks.packed_tree import PackedTree
    from pipeline_state.store.state import State

_SECOND_NS = 1_000_000_000


class SnapshotDetector(NamedTuple):
    """What a snapshot knows of one detector.

    `shared` is the digest of all that its files share; empty: not all judged. `context` is that of what its keys have
    in common.
    """

    id: str
    version: str
    shared: bytes
    files: int
    context: bytes = b""


class Snapshot(NamedTuple):
    """A tree of which every pair was judged, but for those of detectors with an empty `shared`.

    `asked` are the folders in which imported modules were looked for, `kinds` is the digest of what decides which
    detector judges which kind of file. `telling` is how findings are told. `git` holds the digests of the index and of
    what Git said of it, as far as they prove anything, `entries` what the index says of each file; `watched` is what we
    watch ourselves.
    """

    detectors: tuple[SnapshotDetector, ...]
    tree: PackedTree
    reported: tuple[Reported, ...]
    asked: frozenset[str]
    kinds: bytes
    telling: Telling = Telling()
    git: bytes = b""
    entries: bytes = b""
    watched: Watched = Watched()

    def same_index(self, git: GitWatch) -> bool:
        """Whether Git has compared the files with the very index that it compared them with then."""
        return bool(self.git) and self.git[:INDEX] == git.digest()[:INDEX]

    def same_names(self, git: GitWatch) -> bool:
        """Whether the same files are tracked and untracked, as Git says now."""
        if len(self.git) < NAMES or self.git[INDEX:NAMES] != git.digest()[INDEX:NAMES]:
            return False
        entries = None if self.same_index(git) else git.entries()
        return self.same_index(git) or (entries is not None and entries.same_names(self.entries))

    def other_entries(self, git: GitWatch) -> AbstractSet[str] | None:
        """Return the files of which the index may say something else than it did; `None` if that is not known."""
        if self.same_index(git):
            return frozenset()
        entries = git.entries() if self.git and self.entries else None
        return entries.moved(self.entries, self.tree) if entries is not None else None

    def unmoved(self, git: GitWatch, differing: Iterable[str]) -> AbstractSet[str]:
        """Return the files that are as they were, as Git says now. It does not say so of files that are not tracked.

        A file that is in the index, where the same is said of it as then, and that Git told apart from it neither then
        (so that we did not have to watch it ourselves) nor now, has the times that it had then.
        """
        others = self.other_entries(git)
        if others is None:
            return frozenset()
        return self.tree.keys() - watched_names(self.watched.files).union(differing, others)

    def unmoved_beside(self, root: str) -> bool:
        """Whether what was looked at as a file, and was none, is what it was: something may be in its place."""
        beside = {path: stamp for path, stamp in unpacked(self.watched.files).items() if path not in self.tree}
        return unmoved(root, packed(beside), links=True)


class Recalled(NamedTuple):
    """What stands, as it stood, if Git and the index give the digest `git` again; nothing that surrounds it has moved.

    `git` is empty if some file has. `keys` are detector number, whether excluded, and key.
    """

    git: bytes
    detectors: tuple[SnapshotDetector, ...]
    files: int
    keys: tuple[tuple[int, bool, bytes], ...]
    telling: Telling = Telling()
    around: bytes = b""
    """What surrounds the files, as `Watched.around`."""

    def reported(self) -> dict[bytes, str]:
        """Return the keys of the verdicts with findings, each with the id of its detector."""
        return {key: self.detectors[number].id for number, excluded, key in self.keys if not excluded}


def recall(state: State, request: Request, request_digest: bytes) -> Recalled | None:
    """Return what the last snapshot says, unless something around the files has moved since it was taken."""
    row = state.snapshots.without_tree(request.selection.mode)
    if row is None or row.request != request_digest:
        return None
    root, watched = request.worktree.root, Watched.part(row.watched)
    if not watched.around or not unmoved(root, watched.around):
        return None
    git = row.git if len(row.git) == WHOLE and unmoved(root, watched.files, links=True) else b""
    files, _, telling, detectors = _unpack_detectors(row.detectors)
    keys = tuple(reported_keys(row.reported))
    return Recalled(git, detectors, files, keys, telling, watched.around)


def load(state: State, request: Request, request_digest: bytes) -> Snapshot | None:
    """Return the last snapshot of an equal request, to compare the files with."""
    from pipeline_state.checks.packed_tree import unpack_tree

    row = state.snapshots.get(request.selection.mode)
    if row is None or row.request != request_digest:
        return None
    try:
        tree = unpack_tree(row.tree, row.tree_digest, row.edited)
    except (ValueError, IndexError):  # damaged: every file is looked at, and it is made anew
        return None
    reported = tuple(unpack_reported(row.reported, list(tree)))
    asked = frozenset(os.fsdecode(row.asked).split("\0")) if row.asked else frozenset[str]()
    _, kinds, telling, detectors = _unpack_detectors(row.detectors)
    return Snapshot(detectors, tree, reported, asked, kinds, telling, row.git, row.entries, Watched.part(row.watched))


def snapshot_row(request: Request, request_digest: bytes, snapshot: Snapshot) -> SnapshotRow:
    """Return a snapshot as it is stored. If its `git` is not whole, it is one to compare with."""
    tree = snapshot.tree
    return SnapshotRow(
        selection=request.selection.mode,
        request=request_digest,
        git=snapshot.git,
        entries=snapshot.entries,
        watched=snapshot.watched.join(),
        detectors=_pack_detectors(snapshot),
        reported=pack_reported(snapshot.reported, tree.numbers),
        asked=os.fsencode("\0".join(sorted(snapshot.asked))),
        edited=tree.pack_edited(),
        tree_digest=tree.digest,
        tree=tree.packed,
    )


def is_settled(newest_ns: int, now_ns: int) -> bool:
    """Whether Git's comparison can be relied on later: it sees times in whole seconds only.

    An edit of the same size with its time restored shows in the ctime alone; that one must fall into a later second
    than the newest ctime that the snapshot covers.
    """
    return newest_ns // _SECOND_NS < now_ns // _SECOND_NS


def _pack_detectors(snapshot: Snapshot) -> str:
    lines = [
        f"{one.id}\t{one.version}\t{one.shared.hex()}\t{one.files}\t{one.context.hex()}" for one in snapshot.detectors
    ]
    return "\n".join(["\t".join([str(len(snapshot.tree)), snapshot.kinds.hex(), *snapshot.telling]), *lines])


def _unpack_detectors(text: str) -> tuple[int, bytes, Telling, tuple[SnapshotDetector, ...]]:
    first, *lines = text.split("\n")
    files, kinds, *telling = first.split("\t")
    rows = [line.split("\t") for line in lines]
    detectors = (
        SnapshotDetector(row[0], row[1], bytes.fromhex(row[2]), int(row[3]), bytes.fromhex(row[4])) for row in rows
    )
    return int(files), bytes.fromhex(kinds), Telling._make(telling), tuple(detectors)
