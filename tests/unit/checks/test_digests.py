"""Digests: parts that are joined stay apart."""

from __future__ import annotations

from hashlib import blake2b

from hypothesis import given
from hypothesis import strategies as st

from pipeline_state.checks.digests import SIZE, content_digest, digest, digest_text

parts = st.lists(st.binary(max_size=6), max_size=5)


@given(parts, parts)
def test_lists_of_parts_coincide_only_if_they_are_equal(one, other):
    assert (digest(one) == digest(other)) == (one == other)


def test_an_empty_part_is_a_part():
    assert len({digest([]), digest([b""]), digest([b"", b""])}) == 3
    assert digest([b"ab", b"c"]) != digest([b"a", b"bc"])


def test_names_with_undecodable_bytes_are_told_apart():
    assert digest_text("\udcff") == digest([b"\xff"])
    assert digest_text("\udcff") != digest_text("ÿ")


def test_a_digest_is_blake2b_of_one_size():
    assert content_digest(b"x") == blake2b(b"x", digest_size=SIZE).digest()
    assert len(digest([])) == SIZE
