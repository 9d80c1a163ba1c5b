"""Reads `path:line:column: message`, the format of the oldest compilers; what is not known is left out.

A path may hold colons, spaces and line ends; so the names that the tool was given decide where one stops.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from pipeline_state.named_tuple import NamedTuple

_PLACE = re.compile(r"(?::(\d+)(?::(\d+))?)?: ")


class Located(NamedTuple):
    """One message. `line` and `column` are what the tool wrote, and may be 0."""

    name: str
    line: int | None
    column: int | None
    message: str


def read(text: str, names: Collection[str], end: str = "\n") -> tuple[list[Located], str]:
    """Return the messages about these files, each closed by `end`, and the rest, which is no such message."""
    known = frozenset(names)
    longest = max(map(len, known), default=0)
    found: list[Located] = []
    position = 0
    while position < len(text):
        place = _place(text, position, known, longest)
        closing = text.find(end, place.end()) if place is not None else -1
        if place is None or closing < 0:
            break
        line, column = (int(number) if number else None for number in place.groups())
        found.append(Located(text[position : place.start()], line, column, text[place.end() : closing]))
        position = closing + len(end)
    return found, text[position:]


def _place(text: str, position: int, known: frozenset[str], longest: int) -> re.Match[str] | None:
    for place in _PLACE.finditer(text, position):
        if text[position : place.start()] in known:
            return place
        if place.start() - position > longest:
            break
    return None
