"""A tree comes out of its packed form as it went in."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_state.checks.digests import SIZE
from pipeline_state.checks.packed_tree import PackedTree, pack_tree, unpack_tree
from pipeline_state.checks.tree import (
    MOST_DETECTORS,
    Entry,
    Reported,
    file_counts,
    pack_reported,
    reported_keys,
    unpack_reported,
)

digests = st.binary(min_size=SIZE, max_size=SIZE)
paths = st.binary(min_size=1, max_size=20).filter(lambda name: b"\0" not in name).map(os.fsdecode)
entries = st.builds(Entry, st.integers(0, 2**32 - 1), digests, st.integers(0, 2**MOST_DETECTORS - 1))
trees = st.dictionaries(paths, entries, max_size=8)


def stored(tree):
    """Return a packed tree as it is after it was stored."""
    return unpack_tree(tree.packed, tree.digest, tree.pack_edited())


@given(trees)
def test_a_tree_survives_packing_in_its_order(tree):
    packed = stored(pack_tree(tree))
    assert packed.unpacked == tree
    assert list(packed) == list(packed.unpacked) == list(tree)
    assert list(packed.items()) == list(tree.items())
    assert list(packed.values()) == list(tree.values())


@given(trees, paths)
def test_one_file_is_found_without_the_others(tree, other):
    packed = stored(pack_tree(tree))
    assert {path: packed[path] for path in tree} == tree
    assert len(packed) == len(tree)
    assert (other in packed) == (other in tree)
    assert packed.get(other) == tree.get(other)


@given(trees, st.data())
def test_what_was_edited_takes_the_place_of_what_is_packed(tree, data):
    packed, now = stored(pack_tree(tree)), dict(tree)
    for _ in range(2):
        edited = data.draw(st.dictionaries(st.sampled_from(sorted(tree)), entries)) if tree else {}
        packed = stored(packed.with_edited(edited))
        now.update(edited)
    assert {path: packed[path] for path in tree} == packed.unpacked == now
    assert list(packed) == list(packed.unpacked) == list(tree)
    assert packed.packed == pack_tree(tree).packed


def test_an_edited_tree_is_packed_anew_when_much_of_it_was_edited():
    tree = {f"{number}": Entry(0o100644, bytes(SIZE), 1) for number in range(1001)}
    edited = {path: Entry(0o100644, b"e" * SIZE, 1) for path in tree}
    few, many = (pack_tree(pack_tree(tree).with_edited(dict(list(edited.items())[:count]))) for count in (1000, 1001))
    assert few.digest == pack_tree(tree).digest
    assert many.digest == pack_tree(edited).digest
    assert (len(few.edited), len(many.edited)) == (1000, 0)
    assert stored(many) == edited


def test_a_tree_with_fewer_entries_than_names_is_none():
    packed = pack_tree({"a": Entry(0, bytes(SIZE), 1), "b": Entry(0, bytes(SIZE), 1)}).packed
    with pytest.raises(ValueError, match="does not have as many entries"):
        len(PackedTree(packed[:-1], b""))


@given(trees, st.data())
def test_what_has_to_be_told_survives_packing(tree, data):
    detectors = st.integers(0, MOST_DETECTORS - 1)
    choose = st.builds(Reported, detectors, st.sampled_from(sorted(tree)), st.booleans(), digests)
    reported = data.draw(st.lists(choose, max_size=5)) if tree else []
    packed = pack_reported(reported, pack_tree(tree).numbers)
    assert unpack_reported(packed, list(tree)) == reported
    assert reported_keys(packed) == [(one.detector, one.excluded, one.key) for one in reported]


def test_file_counts_are_those_of_the_masks():
    tree = {name: Entry(0, b"", mask) for name, mask in (("a", 0b11), ("b", 0b10), ("c", 0), ("d", 1 << 63))}
    assert dict(file_counts(tree)) == {0: 1, 1: 2, 63: 1}
