"""`end-of-file`: a file that is not empty ends in exactly one line end."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline_state.checks.declaration import BuiltIn, Detector
from pipeline_state.checks.findings import Problem


def judge(_path: str, content: bytes) -> Iterator[Problem]:
    """Report a missing line end, and empty lines at the end."""
    repaired = fix(content)
    if repaired == content:
        return
    if len(repaired) > len(content):
        rule, message = "missing-final-newline", "no line end at the end of the file"
    else:
        rule, message = "extra-final-newlines", "empty lines at the end of the file"
    line = max(1, len(content[: len(repaired)].rstrip(b"\r\n").splitlines()))
    yield Problem(rule, message, line, severity="warning", category="format")


def fix(content: bytes) -> bytes:
    """Keep the first line end after the last text, whichever of the three it is; add one where there is none.

    As pre-commit-hooks' end-of-file-fixer, except that a missing line end is of the kind of the line before.
    """
    text = content.rstrip(b"\r\n")
    if not text:
        return b""
    rest = content[len(text) :]
    for line_end in (b"\r\n", b"\n", b"\r"):
        if rest.startswith(line_end):
            return text + line_end
    before = text.rfind(b"\n")
    return text + (b"\r\n" if before > 0 and text[before - 1 : before] == b"\r" else b"\n")


DETECTOR = Detector(
    id="end-of-file",
    version=1,
    title="end of file",
    types=frozenset({"text"}),
    how=BuiltIn(judge, fix),
)
