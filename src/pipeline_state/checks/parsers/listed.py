"""Reads a list of file names, one a line, as tools print it that say which files they would judge."""

from __future__ import annotations

from collections.abc import Collection

from pipeline_state.checks.declaration import ReportError


def read(text: str, names: Collection[str]) -> frozenset[str]:
    """Return the names in this list. A name may have line ends in it, so these are the ones that can be found.

    Raises `ReportError` for a line that is none of them.
    """
    known = frozenset(names)
    found = set()
    position = 0
    while position < len(text):
        end = text.find("\n", position)
        while end >= 0 and text[position:end] not in known:
            end = text.find("\n", end + 1)
        if end < 0:
            raise ReportError(f"its list of files holds what it was not given: {text[position:][:200]!r}")
        found.add(text[position:end])
        position = end + 1
    return frozenset(found)
