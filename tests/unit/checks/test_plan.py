"""The plan: every pair is proven, hit or judged, none twice, and none proven of which anything moved."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline_state.checks.digests import NOTHING, SIZE
from pipeline_state.checks.keys import Key
from pipeline_state.checks.packed_tree import pack_tree
from pipeline_state.checks.plan import KeyedPair, Pair, decide, split
from pipeline_state.checks.snapshot import Snapshot, SnapshotDetector
from pipeline_state.checks.tree import Entry, Reported, file_counts

DETECTORS = 4
names = st.sampled_from(["a", "b", "c", "d", "e", "f"])
masks = st.integers(0, 2**DETECTORS - 1)
trees = st.dictionaries(names, st.builds(Entry, st.just(0o644), st.just(NOTHING), masks))
shares = st.lists(st.sampled_from([b"", b"one", b"two"]), min_size=DETECTORS, max_size=DETECTORS)


def snapshot_of(tree, shared, reported=()):
    detectors = tuple(SnapshotDetector(str(number), "1", one, 1) for number, one in enumerate(shared))
    return Snapshot(detectors, pack_tree(tree), tuple(reported), frozenset(), b"")


def pairs_of(tree):
    return {
        Pair(number, path) for path, entry in tree.items() for number in range(DETECTORS) if entry.mask & 1 << number
    }


@given(trees, st.sets(names), shares, shares, st.booleans())
def test_proven_and_pairs_are_all_pairs(tree, moved, now, before, known):
    snapshot = snapshot_of(tree, before) if known else None
    proven, pairs = split(tree, file_counts(tree), moved, now, snapshot)
    left = set(pairs)
    assert len(left) == len(pairs)
    assert left <= pairs_of(tree)
    missing = pairs_of(tree) - left
    assert [sum(pair.detector == number for pair in missing) for number in range(DETECTORS)] == proven.counts
    for pair in missing:
        assert known
        assert pair.path not in moved
        assert now[pair.detector] == before[pair.detector] != b""
    if known:  # and nothing is judged for which there is a proof
        for pair in left:
            number = pair.detector
            assert pair.path in moved or not now[number] or now[number] != before[number]


@given(trees, st.sets(names), shares, shares, st.data())
def test_only_what_is_proven_is_told_again(tree, moved, now, before, data):
    told = st.builds(Reported, st.integers(0, DETECTORS - 1), names, st.booleans(), st.just(b"k" * SIZE))
    snapshot = snapshot_of(tree, before, data.draw(st.lists(told)))
    proven, pairs = split(tree, file_counts(tree), moved, now, snapshot)
    for one in proven.reported:
        assert one in snapshot.reported
        assert one.path in tree
        assert one.path not in moved
        assert Pair(one.detector, one.path) not in pairs


def test_who_judges_names_alone_is_asked_again_only_if_a_file_is_another_one_by_its_name_or_kind():
    regular, link = 0o100644, 0o120000
    before = {name: Entry(regular, NOTHING, 0b11) for name in ("content", "mode", "kind", "mask")}
    before["link"] = Entry(link, NOTHING, 0b11)
    now = {
        "content": Entry(regular, b"1" * SIZE, 0b11),
        "mode": Entry(0o100755, b"1" * SIZE, 0b11),
        "kind": Entry(link, b"1" * SIZE, 0b11),
        "mask": Entry(regular, b"1" * SIZE, 0b01),
        "link": Entry(link, b"1" * SIZE, 0b11),
        "new": Entry(regular, b"1" * SIZE, 0b11),
    }
    before["found"], now["found"] = before["content"], now["content"]
    told = [Reported(0, name, False, b"k" * SIZE) for name in ("found", "mode")]
    snapshot = snapshot_of(before, [b"names", b"bytes"], told)
    proven, pairs = split(now, file_counts(now), set(now), [b"names", b"bytes"], snapshot, by_names=0b01)
    assert set(pairs_of(now)) - set(pairs) == {Pair(0, "content")}
    assert (proven.counts, proven.reported) == ([1, 0], [])
    assert (
        Pair(0, "content") in split(now, file_counts(now), set(now), [b"others", b"bytes"], snapshot, by_names=0b01)[1]
    )


def test_a_snapshot_of_other_detectors_proves_nothing():
    tree = {"a": Entry(0o644, NOTHING, 0b11)}
    proven, pairs = split(tree, file_counts(tree), set(), [b"x", b"x"], snapshot_of(tree, [b"x"]))
    assert (proven.counts, pairs) == ([0, 0], [Pair(0, "a"), Pair(1, "a")])


def keyed(letter, never=None):
    return KeyedPair(Pair(0, letter), Key(letter.encode() * SIZE, b""), never)


def test_a_pair_with_a_verdict_is_a_hit_and_one_without_is_judged():
    plan = decide([keyed("a"), keyed("b"), keyed("c")], {b"a" * SIZE: "clean", b"c" * SIZE: "findings"})
    assert plan.hits == ((keyed("a"), "clean"), (keyed("c"), "findings"))
    assert plan.misses == (keyed("b"),)


def test_a_verdict_that_may_not_be_used_is_not_used():
    one = keyed("a", "its configuration is code")
    assert decide([one], {b"a" * SIZE: "clean"}) == ((), (one,))
