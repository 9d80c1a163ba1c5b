"""`broken-link`: the symbolic link leads nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline_state.checks.declaration import BuiltIn, Detector, Names
from pipeline_state.checks.findings import Problem

_BROKEN = b"broken"


def names(known: Names) -> dict[str, bytes]:
    """Return the links that lead to nothing, or to themselves."""
    return {path: _BROKEN for path in known.links if not known.leads_somewhere(path)}


def judge(_path: str, found: bytes) -> Iterator[Problem]:
    """Report a broken link."""
    if found == _BROKEN:
        yield Problem("broken-link", "what this symbolic link leads to does not exist", category="other")


DETECTOR = Detector(
    id="broken-link",
    version=1,
    title="broken symbolic links",
    types=frozenset({"symlink"}),
    how=BuiltIn(judge, names=names),
)
