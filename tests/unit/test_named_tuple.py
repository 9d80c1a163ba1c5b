"""Our `NamedTuple` is the one of `typing`, to whoever uses the classes."""

from __future__ import annotations

import copy
import pickle
import typing
from collections.abc import Callable
from typing import Any

import pytest

from pipeline_state import named_tuple


class Ours(named_tuple.NamedTuple):
    """A place."""

    path: str
    line: int
    column: int = 1
    note: str | None = None
    """Of whom it is."""

    @property
    def where(self) -> str:
        return f"{self.path}:{self.line}"


class Theirs(typing.NamedTuple):
    """A place."""

    path: str
    line: int
    column: int = 1
    note: str | None = None

    @property
    def where(self) -> str:
        return f"{self.path}:{self.line}"


def again(value: object) -> object:
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - our own


def outcome(call: Callable[[Any], Any], one: Any) -> Any:
    try:
        return call(one)
    except (TypeError, ValueError, AttributeError) as error:
        # What `_replace` raises for a name that is no field: a ValueError before Python 3.13.
        return TypeError if isinstance(error, ValueError) else type(error)


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
        lambda one: repr(one("a", 2)).partition("(")[2],
        lambda one: copy.deepcopy(one("a", 2)),
        lambda one: again(one("a", 2)),
        lambda one: type(again(one("a", 2))) is one,
        lambda one: isinstance(one("a", 2), tuple),
        lambda one: one("a"),
        lambda one: one("a", 2, 3, "b", 5),
        lambda one: one("a", 2, path="b"),
        lambda one: one("a", 2, colour="b"),
        lambda one: one("a", 2)._replace(colour="b"),
        lambda one: setattr(one("a", 2), "line", 3),
        lambda one: setattr(one("a", 2), "colour", 3),
    ],
)
def test_the_two_behave_alike(call: Callable[[Any], Any]) -> None:
    assert outcome(call, Ours) == outcome(call, Theirs)


def test_too_few_values_are_not_made_up_from_defaults() -> None:
    assert Ours._make(["a", 2, 3, None]) == ("a", 2, 3, None)
    with pytest.raises(TypeError, match="takes path, line, column, note"):
        Ours._make(["a"])
