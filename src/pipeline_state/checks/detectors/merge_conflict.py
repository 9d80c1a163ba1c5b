"""`merge-conflict`: no conflict markers are left in the file."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline_state.checks.declaration import BuiltIn, Detector
from pipeline_state.checks.detectors import syntax
from pipeline_state.checks.findings import Problem

# Written apart, so that this file may be checked by itself wherever the lines end up.
_OURS, _BASE, _MIDDLE, _THEIRS = b"<" * 7 + b" ", b"|" * 7 + b" ", b"=" * 7, b">" * 7 + b" "


def judge(_path: str, content: bytes) -> Iterator[Problem]:
    """Report each marker line. The middle ones count only within a conflict: they also underline headings."""
    if _OURS not in content and _THEIRS not in content:
        return
    within = False
    for number, line in enumerate(content.split(b"\n"), 1):
        if line.startswith(_OURS):
            within = True
        elif line.startswith(_THEIRS):
            within = False
        elif not (within and (line.startswith(_BASE) or line.rstrip(b"\r") == _MIDDLE or line == _MIDDLE + b" ")):
            continue
        marker = line[:7].decode("ascii")
        message = f"a conflict marker ({marker}) of an unfinished merge"
        yield syntax.problem("conflict-marker", message, number, 1, number, 8)


DETECTOR = Detector(
    id="merge-conflict",
    version=1,
    title="merge conflict markers",
    types=frozenset({"text"}),
    how=BuiltIn(judge),
)
