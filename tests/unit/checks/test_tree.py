"""A tree comes out of its packed form as it went in."""

from __future__ import annotations

import os

from hypothesis import given
from hypothesis import strategies as st

from pipeline_state.checks.digests import SIZE
from pipeline_state.checks.tree import (
    MOST_DETECTORS,
    Entry,
    Reported,
    pack_reported,
    pack_tree,
    reported_keys,
    unpack_reported,
    unpack_tree,
)

digests = st.binary(min_size=SIZE, max_size=SIZE)
paths = st.binary(min_size=1, max_size=20).filter(lambda name: b"\0" not in name).map(os.fsdecode)
entries = st.builds(Entry, st.integers(0, 2**32 - 1), digests, st.integers(0, 2**MOST_DETECTORS - 1))
trees = st.dictionaries(paths, entries, max_size=8)


@given(trees)
def test_a_tree_survives_packing_in_its_order(tree):
    unpacked = unpack_tree(pack_tree(tree))
    assert unpacked == tree
    assert list(unpacked) == list(tree)


@given(trees, st.data())
def test_what_has_to_be_told_survives_packing(tree, data):
    detectors = st.integers(0, MOST_DETECTORS - 1)
    choose = st.builds(Reported, detectors, st.sampled_from(sorted(tree)), st.booleans(), digests)
    reported = data.draw(st.lists(choose, max_size=5)) if tree else []
    packed = pack_reported(reported, tree)
    assert unpack_reported(packed, list(tree)) == reported
    assert reported_keys(packed) == [(one.detector, one.excluded, one.key) for one in reported]
