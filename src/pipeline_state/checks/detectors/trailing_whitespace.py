"""`trailing-whitespace`: no line ends in white space."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline_state.checks.declaration import BuiltIn, Detector
from pipeline_state.checks.findings import Problem


def judge(_path: str, content: bytes) -> Iterator[Problem]:
    """Report each such line, from where the white space begins."""
    if fix(content) == content:
        return
    for number, (body, _) in enumerate(_lines(content), 1):
        kept = body.rstrip()
        if kept != body:
            column = len(kept.decode("utf-8", "replace")) + 1
            end = column + len(body) - len(kept)
            message = "white space at the end of the line"
            yield Problem("trailing-whitespace", message, number, column, number, end, "warning", "format")


def fix(content: bytes) -> bytes:
    """Strip what pre-commit-hooks strips: space, tab, form feed, vertical tab, stray carriage returns.

    Line ends stay what they are. pre-commit-hooks takes a file with carriage returns alone for one long line
    and eats its last line end; here each of its lines is one.
    """
    return b"".join([body.rstrip() + line_end for body, line_end in _lines(content)])


def _lines(content: bytes) -> list[tuple[bytes, bytes]]:
    """Each line and its line end."""
    if b"\n" not in content and b"\r" in content:
        *lines, last = content.split(b"\r")
        return [*((line, b"\r") for line in lines), (last, b"")]
    *lines, last = content.split(b"\n")
    return [*((line[:-1], b"\r\n") if line[-1:] == b"\r" else (line, b"\n") for line in lines), (last, b"")]


DETECTOR = Detector(
    id="trailing-whitespace",
    version=1,
    title="trailing white space",
    types=frozenset({"text"}),
    how=BuiltIn(judge, fix),
)
