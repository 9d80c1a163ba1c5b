"""The snapshot: whether anything has moved since every file was judged, answered without looking at every file.

Git compares the files with its index; we compare the index itself, byte for byte, with the one that the snapshot was
taken with. An index entry holds the times of its file, so the two together say that the file is the one that was
judged, whatever filters, line ends or flags make Git call two contents the same. What Git does not look at is watched
by us.
"""

from __future__ import annotations

import os
from threading import Thread

from pipeline_state.checks.digests import NOTHING, SIZE, content_digest, digest
from pipeline_state.checks.request import Request
from pipeline_state.checks.tree import Reported, pack_reported, reported_keys, unpack_reported
from pipeline_state.checks.watched import Watched, packed, unmoved, unpacked, watched_names
from pipeline_state.checks.weights import Telling
from pipeline_state.git.ahead import Asked
from pipeline_state.git.listing import start_differing, start_tracked, start_untracked
from pipeline_state.git.plumbing import finish_git
from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store.snapshots import SnapshotRow

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

    from pipeline_state.checks.packed_tree import PackedTree
    from pipeline_state.git.plumbing import Git
    from pipeline_state.store.state import State

_SECOND_NS = 1_000_000_000
_COARSEST_NS = 2 * _SECOND_NS
"""As coarsely as any file system stamps."""
_ATTEMPTS = 5
INDEX = SIZE
"""Bytes of the digest of the index, which comes first: as long as it is the same, it tells which files are unmoved."""
NAMES = 2 * SIZE
"""With the digest of what is untracked: they tell which names there are."""
_WHOLE = 3 * SIZE
"""And with that of what differs from the index: then nothing has moved at all."""


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
    what Git said of it, as far as they prove anything; `watched` is what we watch ourselves.
    """

    detectors: tuple[SnapshotDetector, ...]
    tree: PackedTree
    reported: tuple[Reported, ...]
    asked: frozenset[str]
    kinds: bytes
    telling: Telling = Telling()
    git: bytes = b""
    watched: Watched = Watched()

    def unmoved(self, git: bytes, differing: Iterable[str]) -> AbstractSet[str]:
        """Return the files that are as they were, as Git says now. It does not say so of files that are not tracked.

        As long as not a byte of the index has changed, a file that is in it and that Git told apart from it neither
        then (so that we did not have to watch it ourselves) nor now, has the times that it had then.
        """
        if not self.git or self.git[:INDEX] != git[:INDEX]:
            return frozenset()
        return self.tree.keys() - watched_names(self.watched.files).union(differing)

    def knows_the_names(self, git: bytes) -> bool:
        """Whether the same files are tracked and untracked, as Git says now."""
        return len(self.git) >= NAMES and self.git[:NAMES] == git[:NAMES]

    def unmoved_beside(self, root: str) -> bool:
        """Whether what was looked at as a file, and was none, is what it was: something may be in its place."""
        beside = {path: stamp for path, stamp in unpacked(self.watched.files).items() if path not in self.tree}
        return unmoved(root, packed(beside))


class Recalled(NamedTuple):
    """What stands, as it stood, if Git and the index give the digest `git` again; nothing that surrounds it has moved.

    `git` is empty if some file has; `names` is the part of it that tells which names there are. `keys` are detector
    number, whether excluded, and key.
    """

    git: bytes
    names: bytes
    detectors: tuple[SnapshotDetector, ...]
    files: int
    keys: tuple[tuple[int, bool, bytes], ...]
    telling: Telling = Telling()
    around: bytes = b""
    """What surrounds the files, as `Watched.around`."""

    def reported(self) -> dict[bytes, str]:
        """Return the keys of the verdicts with findings, each with the id of its detector."""
        return {key: self.detectors[number].id for number, excluded, key in self.keys if not excluded}


class GitWatch:
    """Asks Git in the background what differs from its index, and makes a digest of the index and one of the answer."""

    def __init__(self, request: Request) -> None:
        self._index, self._root = request.worktree.index_file, request.worktree.root
        self._untracked = request.selection.mode == "all"
        self.answers: tuple[bytes, ...] = ()
        self._digest = self._content = b""
        self._listing: Git | None = None
        self._listed_from: tuple[int, ...] | None = None
        self._ask()

    def start_listing(self) -> None:
        """Start asking what Git tracks, for `tracking`."""
        self._listed_from = _index_state(self._index)
        self._listing = start_tracked(self._root)

    def tracking(self) -> Git | None:
        """Return the listing of what Git tracks, after `digest`; `None` if it may be of an older index than that is."""
        if self._listed_from != self._before:
            self.end_listing()
        listing, self._listing = self._listing, None
        return listing

    def end_listing(self) -> None:
        """Let Git come to its end, if nobody takes its listing."""
        if self._listing is not None:
            self._listing.communicate()
            self._listing = None

    def may_know_the_names(self, names: bytes) -> bool:
        """Whether it is not known yet that `names`, of a snapshot, is not what Git says now."""
        return not self._digest or self._digest[:NAMES] == names

    def untracked(self) -> bytes | None:
        """Return Git's answer which files are untracked, after `digest`; `None` if the index has moved since."""
        return self.answers[1] if self._untracked and _index_state(self._index) == self._before else None

    def _ask(self) -> None:
        self._before: tuple[int, ...] | None = _index_state(self._index)
        self._asked: list[Git] = [start_differing(self._root)]
        if self._untracked:
            self._asked.append(start_untracked(self._root))
        # Who was asked ahead of us may have compared with another index, unless ours is older than that.
        started = min((one.started_ns for one in self._asked if isinstance(one, Asked)), default=None)
        if started is not None and self._before is not None and self._before[-1] >= started - _COARSEST_NS:
            self._before = ()
        self._reader = Thread(target=self._read, daemon=True)  # neither to read nor to hash holds up anybody else
        self._reader.start()

    def _read(self) -> None:
        try:
            self._content = content_digest(_bytes_of(self._index))
        except FileNotFoundError:  # a repository in which nothing was ever added
            self._content = NOTHING
        except OSError:
            self._content = b""

    def digest(self) -> bytes:
        """Wait for Git, and read the index that it compared with; asked again, the answer is the same.

        What moves after Git's answer must not be covered by it. Where the index does not come to rest, the digest is
        like no other.
        """
        if self._digest:
            return self._digest
        for attempt in range(_ATTEMPTS):
            if attempt:  # the index was written meanwhile
                self._ask()
            self._reader.join()
            index = self._content or content_digest(_bytes_of(self._index))  # which says why it could not be read
            self.answers = tuple(finish_git(asked, "compare the worktree with the index") for asked in self._asked)
            if _index_state(self._index) == self._before:
                self._digest = index + digest(self.answers[1:]) + digest(self.answers[:1])
                return self._digest
        self._digest = os.urandom(_WHOLE)
        return self._digest


def recall(state: State, request: Request, request_digest: bytes) -> Recalled | None:
    """Return what the last snapshot says, unless something around the files has moved since it was taken."""
    row = state.snapshots.without_tree(request.selection.mode)
    if row is None or row.request != request_digest:
        return None
    root, watched = request.worktree.root, Watched.part(row.watched)
    if not watched.around or not unmoved(root, watched.around):
        return None
    git = row.git if len(row.git) == _WHOLE and unmoved(root, watched.files) else b""
    files, _, telling, detectors = _unpack_detectors(row.detectors)
    keys = tuple(reported_keys(row.reported))
    return Recalled(git, row.git[:NAMES], detectors, files, keys, telling, watched.around)


def load(state: State, request: Request, request_digest: bytes) -> Snapshot | None:
    """Return the last snapshot of an equal request, to compare the files with."""
    from pipeline_state.checks.packed_tree import unpack_tree

    row = state.snapshots.get(request.selection.mode)
    if row is None or row.request != request_digest:
        return None
    tree = unpack_tree(row.tree, row.digest, row.edited)
    reported = tuple(unpack_reported(row.reported, list(tree)))
    asked = frozenset(os.fsdecode(row.asked).split("\0")) if row.asked else frozenset[str]()
    _, kinds, telling, detectors = _unpack_detectors(row.detectors)
    return Snapshot(detectors, tree, reported, asked, kinds, telling, row.git, Watched.part(row.watched))


def snapshot_row(
    request: Request, request_digest: bytes, snapshot: Snapshot, git: bytes, watched: Watched
) -> SnapshotRow:
    """Return a snapshot in the form in which it is stored; a `git` that is not whole makes it one to compare with."""
    tree = snapshot.tree
    return SnapshotRow(
        selection=request.selection.mode,
        request=request_digest,
        git=git,
        watched=watched.join(),
        detectors=_pack_detectors(snapshot),
        reported=pack_reported(snapshot.reported, tree.numbers),
        asked=os.fsencode("\0".join(sorted(snapshot.asked))),
        edited=tree.pack_edited(),
        digest=tree.digest,
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


def _bytes_of(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _index_state(index: str) -> tuple[int, int, int, int] | None:
    try:
        status = os.stat(index)
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
