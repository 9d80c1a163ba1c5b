"""Our `NamedTuple` is the one of `typing`, to whoever uses the classes."""

from __future__ import annotations

import copy
import pickle
import typing
from collections.abc import Callable
from typing import Any

import pytest

from pipeline_state import named_tuple
from pipeline_state.checks.weights import Telling


def place(base: Any) -> Any:
    class Place(base):
        """A place."""

        path: str
        line: int
        column: int = 1
        note: str | None = None

        @property
        def where(self) -> str:
            return f"{self.path}:{self.line}"

    return Place


OURS, THEIRS = place(named_tuple.NamedTuple), place(typing.NamedTuple)


@pytest.mark.parametrize(
    "call",
    [
        lambda one: one("a", 2),
        lambda one: one("a", 2, 3, "b"),
        lambda one: one("a", line=2, note="b"),
        lambda one: one(note="b", path="a", line=2),
        lambda one: one("a", 2).where,
        lambda one: one("a", 2).column,
        lambda one: one("a", 2)[1:],
        lambda one: one("a", 2) == ("a", 2, 1, None),
        lambda one: hash(one("a", 2)),
        lambda one: sorted([one("b", 1), one("a", 2)]),
        lambda one: one("a", 2)._asdict(),
        lambda one: one("a", 2)._replace(line=3, note="c"),
        lambda one: one._make(["a", 2, 3, "b"]),
        lambda one: one._fields,
        lambda one: one._field_defaults,
        lambda one: one.__doc__,
        lambda one: one.__match_args__,
        lambda one: repr(one("a", 2)),
        lambda one: copy.deepcopy(one("a", 2)),
        lambda one: isinstance(one("a", 2), tuple),
    ],
)
def test_the_two_behave_alike(call: Callable[[Any], Any]) -> None:
    assert call(OURS) == call(THEIRS)


@pytest.mark.parametrize(
    "call",
    [
        lambda one: one("a"),
        lambda one: one("a", 2, 3, "b", 5),
        lambda one: one("a", 2, path="b"),
        lambda one: one("a", 2, colour="b"),
        lambda one: one("a", 2)._replace(colour="b"),
        lambda one: setattr(one("a", 2), "line", 3),
        lambda one: setattr(one("a", 2), "colour", 3),
    ],
)
def test_both_refuse_what_is_wrong(call: Callable[[Any], Any]) -> None:
    for one in (OURS, THEIRS):
        with pytest.raises((TypeError, ValueError, AttributeError)):  # a ValueError of `_replace` before Python 3.13
            call(one)


def test_it_can_be_pickled() -> None:
    telling = Telling("error", baseline="x.json")
    again = pickle.loads(pickle.dumps(telling))  # noqa: S301 - our own
    assert (again, type(again)) == (telling, Telling)


def test_too_few_values_are_not_made_up_from_defaults() -> None:
    assert OURS._make(["a", 2, 3, None]) == ("a", 2, 3, None)
    with pytest.raises(TypeError, match="takes path, line, column, note"):
        OURS._make(["a"])
