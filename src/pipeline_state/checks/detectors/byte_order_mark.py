"""`byte-order-mark`: the file does not begin with a UTF-8 byte-order mark."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline_state.checks.declaration import BuiltIn, Detector
from pipeline_state.checks.findings import Problem

_MARK = b"\xef\xbb\xbf"


def judge(_path: str, content: bytes) -> Iterator[Problem]:
    """Report the mark. Those of UTF-16 and UTF-32 are needed by who reads them, and stay."""
    if content.startswith(_MARK):
        message = "begins with a UTF-8 byte-order mark"
        yield Problem("byte-order-mark", message, 1, 1, severity="warning", category="format")


def fix(content: bytes) -> bytes:
    """Take the mark away, once."""
    return content.removeprefix(_MARK)


DETECTOR = Detector(
    id="byte-order-mark",
    version=1,
    title="UTF-8 byte-order marks",
    types=frozenset({"text"}),
    how=BuiltIn(judge, fix),
)
