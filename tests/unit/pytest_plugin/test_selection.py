"""Which tests run, and in which order."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_state.pytest_plugin.selection import Previous, Selection, Shard, parse_durations, parse_shard

ids = st.lists(st.text(st.characters(codec=None), min_size=1, max_size=8), unique=True, max_size=30)
seconds = st.floats(0, 1000)


@given(ids, st.integers(1, 6), st.one_of(st.none(), st.dictionaries(st.text(max_size=3), seconds)), st.randoms())
def test_parts_are_complete_and_disjoint_whatever_the_order_of_collection(names, of, durations, random):
    parts = []
    for number in range(1, of + 1):
        random.shuffle(names)
        parts.append(Shard(number, of, durations).members(names))
    assert sorted(name for part in parts for name in part) == sorted(names)
    assert len({Shard(1, of, durations).digest(names), Shard(of, of, durations).digest(sorted(names))}) == 1


def test_parts_by_duration_take_about_equally_long():
    durations = {f"t{n}": float(n) for n in range(1, 41)}
    loads = [sum(durations[name] for name in Shard(k, 4, durations).members(list(durations))) for k in range(1, 5)]
    assert max(loads) - min(loads) <= 2


def test_tests_without_a_known_duration_are_spread():
    names = [f"t{n}" for n in range(40)]
    assert [len(Shard(k, 4, {}).members(names)) for k in range(1, 5)] == [10] * 4
    assert [len(Shard(k, 4, dict.fromkeys(names, 0.0)).members(names)) for k in range(1, 5)] == [10] * 4


def test_what_is_done_is_left_out_and_what_is_fatal_comes_last():
    selection = Selection(done=frozenset("bd"), last=("a",), first=("e",))
    assert [("abcde")[place] for place in selection.choose(list("abcde"))] == ["e", "c", "a"]


def test_a_test_that_is_there_twice_runs_twice():
    assert Selection(done=frozenset("ab")).choose(list("aba")) == [0, 2]


@given(ids)
def test_a_worker_gets_what_was_decided(names):
    previous = {name: Previous("passed", None) for name in names}
    shard = Shard(2, 3, dict.fromkeys(names, 0.5))
    selection = Selection(frozenset(names), tuple(names), tuple(names), shard, previous)
    assert Selection.load(selection.dump()) == selection
    assert selection.dump().isascii()
    assert Selection.load(Selection().dump()) == Selection()


def test_the_hook_is_told_by_the_ids_that_pytest_knows():
    selection = Selection(previous={"a": Previous("failed", 0.5)})
    assert selection.previous_of(["a", "b"]) == {"a": ("failed", 0.5)}
    assert selection.previous_of(["b"]) == {}


def test_a_selection_that_changes_nothing_is_none():
    assert not Selection()
    assert Selection(previous={}), "the hook is to be asked, though nothing is known"
    assert Selection(shard=Shard(1, 1))


@pytest.mark.parametrize("text", ["", "1", "/", "0/2", "3/2", "-1/2", "1/2/3", "a/b", "1/", "²/3"])
def test_what_is_no_part_is_refused(text):
    with pytest.raises(ValueError, match=r"K/N|one of 1 to N"):
        parse_shard(text)


@pytest.mark.parametrize("content", [b"", b"[]", b'{"durations": [1]}', b'{"durations": {"a": -1}}', b"\xff"])
def test_what_are_no_durations_is_refused(content):
    with pytest.raises(ValueError, match="it"):
        parse_durations(content)


def test_durations_are_read():
    assert parse_durations(json.dumps({"version": 1, "durations": {"a": 2}}).encode()) == {"a": 2.0}
