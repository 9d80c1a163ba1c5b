"""What has to be judged, and what is proven already. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from pipeline_state.checks.keys import Key
from pipeline_state.checks.snapshot import Snapshot
from pipeline_state.checks.tree import Reported, Tree, is_another_content
from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store.verdicts import Outcome


class Proven:
    """What a snapshot proves: how many pairs of each detector, and what of them has to be told again."""

    __slots__ = ("counts", "reported")

    def __init__(self, counts: list[int]) -> None:
        self.counts = counts
        self.reported: list[Reported] = []


class Pair(NamedTuple):
    """One detector (by number) and one file."""

    detector: int
    path: str


class KeyedPair(NamedTuple):
    """A pair with its key. `never` says why a stored verdict cannot be used for it, if that is so."""

    pair: Pair
    key: Key
    never: str | None = None


class Plan(NamedTuple):
    """Which pairs have a verdict, and which are to be judged."""

    hits: tuple[tuple[KeyedPair, Outcome], ...]
    misses: tuple[KeyedPair, ...]


def split(
    tree: Tree,
    files_of: Mapping[int, int],
    moved: Collection[str],
    shared: Sequence[bytes],
    snapshot: Snapshot | None,
    by_names: int = 0,
) -> tuple[Proven, list[Pair]]:
    """Return what the snapshot proves, and the pairs that need a key.

    `files_of` says how many files each detector judges; `shared` holds for each the digest of all that its files share,
    empty where nothing can be proven; `moved` the files that are not as they are in the snapshot; `by_names` a bit for
    each detector that judges the names of files, and of none what it holds; what such a one has found is asked for
    again, since findings are known by the text of their lines. A pair is proven if its file and all that its
    detector's files share are the same, and so its key must be.
    """
    same = _same_detectors(shared, snapshot)
    before: Tree = snapshot.tree if snapshot is not None else {}
    of_moved = {path: same & by_names if _keeps_its_name(path, tree, before) else 0 for path in moved}
    for one in snapshot.reported if snapshot is not None and of_moved else ():
        if one.path in of_moved:
            of_moved[one.path] &= ~(1 << one.detector)
    all_same = all(same >> number & 1 for number, files in files_of.items() if files)
    candidates = sorted(path for path in moved if path in tree) if all_same else tree
    pairs = [Pair(number, path) for path in candidates for number in _bits(tree[path].mask & ~of_moved.get(path, same))]
    unproven = Counter(pair.detector for pair in pairs)
    proven = Proven([files_of[number] - unproven[number] for number in range(len(shared))])
    if snapshot is not None:
        proven.reported = [
            one for one in snapshot.reported if one.path in tree and of_moved.get(one.path, same) >> one.detector & 1
        ]
    return proven, pairs


def decide(keyed: Sequence[KeyedPair], outcomes: Mapping[bytes, Outcome]) -> Plan:
    """Return the plan for pairs with these keys, given the verdicts that are stored."""
    hits, misses = [], []
    for one in keyed:
        outcome = None if one.never else outcomes.get(one.key.digest)
        if outcome is None:
            misses.append(one)
        else:
            hits.append((one, outcome))
    return Plan(tuple(hits), tuple(misses))


def _same_detectors(shared: Sequence[bytes], snapshot: Snapshot | None) -> int:
    if snapshot is None or len(snapshot.detectors) != len(shared):
        return 0
    pairs = zip(shared, snapshot.detectors, strict=True)
    return sum(1 << number for number, (now, before) in enumerate(pairs) if now and now == before.shared)


def _keeps_its_name(path: str, tree: Tree, before: Tree) -> bool:
    """Whether this is the same file to whoever looks at names alone."""
    return path in tree and is_another_content(tree[path], before.get(path))


_BITS: dict[int, tuple[int, ...]] = {}


def _bits(mask: int) -> tuple[int, ...]:
    known = _BITS.get(mask)
    if known is None:
        known = _BITS[mask] = tuple(number for number in range(mask.bit_length()) if mask >> number & 1)
    return known
