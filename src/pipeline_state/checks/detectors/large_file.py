"""`large-file`: the file is larger than belongs into a repository."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline_state.checks.declaration import BuiltIn, Detector
from pipeline_state.checks.findings import Problem

LARGEST_KB = 500
"""In kB of 1,024 bytes, as pre-commit-hooks' check-added-large-files counts."""


def judge(_path: str, content: bytes) -> Iterator[Problem]:
    """Report by the size of the content; of a pointer to large-file storage, that is the pointer's."""
    return judge_size(_path, len(content))


def judge_size(_path: str, size: int) -> Iterator[Problem]:
    """Report by the size in bytes alone."""
    if size > LARGEST_KB * 1024:
        message = f"{-(-size // 1024)} kB, more than {LARGEST_KB} kB"
        yield Problem("large-file", message, severity="warning", category="other")


DETECTOR = Detector(
    id="large-file",
    version=1,
    title="large files",
    types=frozenset({"file"}),
    how=BuiltIn(judge, unread=judge_size),
)
