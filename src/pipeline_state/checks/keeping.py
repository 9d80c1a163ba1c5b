"""What a run leaves for the next one: what stands now, what is gone, and the snapshot."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pipeline_state.checks.git_watch import INDEX, NAMES, GitWatch
from pipeline_state.checks.packed_tree import pack_tree
from pipeline_state.checks.snapshot import Snapshot, SnapshotDetector, snapshot_row
from pipeline_state.checks.tree import MOST_DETECTORS
from pipeline_state.checks.watched import unmoved
from pipeline_state.checks.weights import telling_of
from pipeline_state.store.storable import real_path, storable_path
from pipeline_state.store.verdicts import Judged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline_state.checks.judging import Judging
    from pipeline_state.store.snapshots import SnapshotRow

_FEW = 1000
"""So many files that were written a moment ago are watched one by one; after a checkout all of them are young."""


def keep(
    judging: Judging, snapshot: Snapshot | None, git: GitWatch | None, request_digest: bytes, versions: Sequence[str]
) -> None:
    """Store what the next run starts from. `git` is what Git answered before anything was read."""
    request, found = judging.request, judging.found
    if not request.use_cache:
        return
    whole = request.selection.mode in ("all", "tracked") and request.only is None and not request.skip
    gone_paths, gone_pairs = _gone(judging, snapshot, whole=whole)
    # Our own configuration is read once for the digest and once for use: both must have seen the same.
    is_the_same = request.is_plain and request.digest() == request_digest
    judging.recording.keep(
        learnt={**found.surroundings.contents.learnt, **found.contents.learnt},
        standing=_standing(judging),
        gone_paths=gone_paths,
        gone_pairs=gone_pairs,
        only_detectors=[one.detector.id for one in found.surroundings.prepared] if whole else None,
        snapshot=_snapshot_row(judging, snapshot, git, request_digest, versions)
        if is_the_same and git is not None
        else None,
    )


def _standing(judging: Judging) -> list[Judged]:
    """What was reused under another key than the one that stood: a file that got an older content back, say."""
    found = []
    for one, _ in judging.plan.hits:
        name, path = judging.id(one.pair.detector), storable_path(one.pair.path)
        judged = Judged(name, path, one.key.digest, one.key.fields)
        if judging.before.get((name, path)) != judged:
            found.append(judged)
    return found


def _gone(judging: Judging, snapshot: Snapshot | None, *, whole: bool) -> tuple[list[str], list[tuple[str, str]]]:
    """Return paths that are gone, and pairs that are judged no more: another kind of file by now, or left out."""
    root, tree = judging.root, judging.found.tree
    ids = [one.detector.id for one in judging.found.surroundings.prepared]
    gone = sorted(storable_path(path) for path in judging.found.gone if not os.path.lexists(root / path))
    if snapshot is None and whole:
        standing = {(ids[n], storable_path(path)) for path, entry in tree.items() for n in _detectors(entry.mask, ids)}
        here = {storable_path(path) for path in tree}
        pairs = [pair for pair in judging.state.verdicts.judged_pairs() if pair not in standing]
        return gone, [(name, path) for name, path in pairs if path in here or not _exists(judging, path)]
    moved = [path for path in judging.found.moved if path in tree]
    judged = {path: {ids[number] for number in _detectors(tree[path].mask, ids)} for path in moved}
    return gone, [(name, storable_path(path)) for path in moved for name in set(ids) - judged[path]]


def _detectors(mask: int, ids: Sequence[str]) -> list[int]:
    return [number for number in range(len(ids)) if mask >> number & 1]


def _exists(judging: Judging, path: str) -> bool:
    return os.path.lexists(judging.root / real_path(path))


def _shared(judging: Judging, asked: frozenset[str]) -> list[bytes]:
    """Return what the files of each detector share: again, since more folders may have been `asked` for meanwhile.

    What a standing snapshot says of it holds for this run only if nothing around the files has moved up to its end, nor
    was anything else for a moment when it was looked at.
    """
    found, standing = judging.found, judging.found.standing
    if standing is None:
        return found.surroundings.shared(found.tree)
    shared = found.surroundings.shared(found.tree, standing.detectors if standing.asked == asked else ())
    around = standing.watched.around
    same = found.surroundings.agree(around) and unmoved(os.fspath(judging.root), around)
    return shared if same else [b""] * len(shared)


def _snapshot_row(
    judging: Judging, before: Snapshot | None, git: GitWatch, request_digest: bytes, versions: Sequence[str]
) -> SnapshotRow | None:
    found, tally = judging.found, judging.tally
    prepared = found.surroundings.prepared
    if len(prepared) > MOST_DETECTORS:
        return None
    asked = frozenset(found.surroundings.asked)
    shared = _shared(judging, asked)
    detectors = tuple(
        SnapshotDetector(
            one.detector.id,
            versions[number],
            b"" if tally.failed[number] else shared[number],
            found.files_of[number],
            one.context.digest,
        )
        for number, one in enumerate(prepared)
    )
    # Whatever is not proven has to be looked at again: no shortcut may be taken then.
    same_names = not found.incomplete and not git.has_moved()
    complete = same_names and not tally.troubles and all(one.shared or not one.files for one in detectors)
    young, proven = found.young(), git.digest()
    if not (complete and found.is_settled() and young is not None and not young):
        # Then Git's answer proves nothing as a whole; but a part of it does, of files that are older.
        proven = proven[: NAMES if same_names else INDEX] if young is not None and len(young) <= _FEW else b""
        for path in young or () if proven else ():
            found.watch.look(path)  # after it was read, which is late: but whatever is watched is looked at again then
    snapshot = Snapshot(
        detectors,
        pack_tree(found.tree),
        tuple(tally.reported),
        asked,
        found.kinds,
        telling_of(found.configuration),
        proven,
        _entries(git, before),
        found.watched(),
    )
    return snapshot_row(judging.request, request_digest, snapshot)


def _entries(git: GitWatch, before: Snapshot | None) -> bytes:
    """Return what the index says of each file, packed; if it is the one of before, without reading it again."""
    if before is not None and before.git and before.git[:INDEX] == git.digest()[:INDEX]:
        return before.entries
    entries = git.entries()
    return entries.pack() if entries is not None else b""
