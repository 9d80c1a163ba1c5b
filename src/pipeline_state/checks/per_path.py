"""Which of several entries, each for some files, counts for a file: the last one that it matches. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline_state.checks.globs import matcher


def last_match(entries: Sequence[tuple[Sequence[str], Sequence[str]]]) -> Callable[[str], int | None]:
    """Return what tells, for a path, the number of the entry that counts; `None` if it matches none.

    An entry is two lists of glob patterns: for which files it is, and for which of them it is not.
    """
    matchers = [(number, matcher(files), matcher(exclude)) for number, (files, exclude) in enumerate(entries)]
    matchers.reverse()

    def number_of(path: str) -> int | None:
        return next((number for number, chosen, left_out in matchers if chosen(path) and not left_out(path)), None)

    return number_of
