"""Keys: equal only if everything that a verdict depends on is equal."""

from __future__ import annotations

import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_state.checks import digests
from pipeline_state.checks.digests import SIZE
from pipeline_state.checks.keys import FIELDS, SHORT, Context, KeyMaker, is_of, judged_mode, moved_fields

FILE, PROGRAM, LINK = (stat.S_IFREG | 0o644, stat.S_IFREG | 0o755, stat.S_IFLNK | 0o777)


def block(letter):
    return letter.encode() * SIZE


BEFORE = {
    "detector": block("d"),
    "tool": block("t"),
    "arguments": block("a"),
    "environment": block("e"),
    "path": b"src/a.py",
    "content": block("c"),
    "mode": judged_mode(FILE),
    "configuration": block("f"),
    "scope": block("s"),
}
AFTER = {
    **{name: block("x") for name in BEFORE},
    "path": b"src/b.py",
    "mode": judged_mode(PROGRAM),
}


def key(fields):
    context = Context(*(fields[name] for name in ("detector", "tool", "arguments", "environment")))
    rest = (fields[name] for name in ("path", "content", "mode", "configuration", "scope"))
    return KeyMaker(context).key(*rest)


@pytest.mark.parametrize("field", BEFORE)
def test_every_field_moves_the_key_and_is_named(field):
    one, other = key(BEFORE), key({**BEFORE, field: AFTER[field]})
    assert one.digest != other.digest
    assert moved_fields(one.fields, other.fields) == ("content" if field == "mode" else field,)


def test_the_format_moves_every_key_and_is_named(monkeypatch):
    one = key(BEFORE)
    monkeypatch.setattr("pipeline_state.checks.keys.FORMAT", digests.FORMAT + 1)
    other = key(BEFORE)
    assert one.digest != other.digest
    assert moved_fields(one.fields, other.fields) == ("format",)


def test_equal_fields_make_equal_keys():
    assert key(BEFORE) == key(dict(BEFORE))
    assert moved_fields(key(BEFORE).fields, key(BEFORE).fields) == ()
    assert len(key(BEFORE).digest) == SIZE
    assert len(key(BEFORE).fields) == SHORT * len(FIELDS)


def test_what_a_key_maker_made_before_does_not_matter():
    maker = KeyMaker(Context(*[block("x")] * 4))
    arguments = (block("c"), FILE, block("f"), block("s"))
    first = maker.key(b"a", *arguments)
    maker.key(b"b", *arguments)
    assert maker.key(b"a", *arguments) == first


blocks = st.binary(min_size=SIZE, max_size=SIZE)
modes = st.sampled_from([judged_mode(mode) for mode in (FILE, PROGRAM, LINK)])
fields = st.tuples(st.binary(max_size=40), blocks, modes, blocks, blocks)


@given(fields, fields)
def test_no_two_states_of_files_share_a_key(one, other):
    maker = KeyMaker(Context(*[block("x")] * 4))
    assert (maker.key(*one).digest == maker.key(*other).digest) == (one == other)


@given(fields, st.integers(min_value=1, max_value=SIZE))
def test_path_and_content_cannot_run_together(state, taken):
    path, content, mode, configuration, scope = state
    maker = KeyMaker(Context(*[block("x")] * 4))
    whole = content + mode.to_bytes(4, "little") + configuration + scope + path
    # The same bytes in a row, cut elsewhere: some of what was scope is the beginning of the path now.
    moved = whole[-len(path) - taken :] if path else whole[-taken:]
    assert maker.key(moved, content, mode, configuration, scope).digest != maker.key(*state).digest


def test_of_a_mode_only_the_kind_and_whether_it_can_be_executed_count():
    assert judged_mode(stat.S_IFREG | 0o644) == judged_mode(stat.S_IFREG | 0o600)
    assert judged_mode(stat.S_IFREG | 0o755) == judged_mode(stat.S_IFREG | 0o700)
    assert len({judged_mode(mode) for mode in (FILE, PROGRAM, LINK)}) == 3


@pytest.mark.parametrize(
    ("name", "same"), [("content", False), ("mode", False), ("configuration", True), ("path", True)]
)
def test_a_key_is_of_the_content_and_mode_that_it_was_made_of(name, same):
    fields = key({**BEFORE, name: AFTER[name]}).fields
    assert is_of(fields, BEFORE["content"], BEFORE["mode"]) is same
