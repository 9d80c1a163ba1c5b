"""Excerpts: the line of the file that a finding is about, with a mark below the place. Pure but for what reads."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterable

from pipeline_state.checks.fingerprints import is_about
from pipeline_state.named_tuple import NamedTuple
from pipeline_state.reports.secrecy import holds_a_secret, key_lines, secret_lines
from pipeline_state.reports.text import Paint, plain, printable
from pipeline_state.store.findings import Finding

GONE = "the file is not there any more"
CHANGED = "the file has changed since"
WITHHELD = "not shown: it may hold a secret"

_TAB = "    "
_NARROWEST = 20
_MARK = "^"


class _Source(NamedTuple):
    lines: list[bytes]
    withheld: Collection[int]


class Excerpts:
    """Makes the excerpts of findings.

    `read` returns the bytes of a file, by its storable path, or `None` if it is gone. `findings` are all that are told:
    a line in which one of them tells of a secret is shown for none. `width` is that of the terminal, in columns.
    """

    def __init__(
        self,
        read: Callable[[str], bytes | None],
        findings: Iterable[Finding],
        *,
        paint: Paint = plain,
        width: int = 120,
    ) -> None:
        self._read, self._paint, self._width = read, paint, width
        self._secret = secret_lines(findings)
        self._last: tuple[str, _Source | None] | None = None

    def __call__(self, finding: Finding) -> list[str]:
        """Return the lines to show below a finding; none if it is about no line."""
        if finding.line is None:
            return []
        source = self._source(finding.path)
        if source is None:
            return [self._instead(finding.line, GONE)]
        line = source.lines[finding.line - 1] if finding.line <= len(source.lines) else None
        if line is None or not is_about(finding, line):
            return [self._instead(finding.line, CHANGED)]
        text = line.decode("utf-8", "replace")
        secret = (finding.path, finding.line) in self._secret or finding.line in source.withheld
        if secret or holds_a_secret(text):
            return [self._instead(finding.line, WITHHELD)]
        gutter = f"{finding.line:>5} | "
        shown, before, marked = marked_line(text, *_marked(finding, text), max(self._width - len(gutter), _NARROWEST))
        lines = [f"{self._paint('line', gutter)}{shown}"]
        if finding.column is not None:
            margin = self._paint("line", f"{'|':>{len(gutter) - 1}} ")
            lines.append(f"{margin}{' ' * before}{self._paint(finding.severity, _MARK * marked)}")
        return lines

    def _instead(self, line: int, why: str) -> str:
        return f"{self._paint('line', f'{line:>5} | ')}[{why}]"

    def _source(self, path: str) -> _Source | None:
        if self._last is None or self._last[0] != path:  # findings come sorted by path
            content = self._read(path)
            lines = [] if content is None else content.splitlines()
            self._last = path, None if content is None else _Source(lines, key_lines(content, lines))
        return self._last[1]


def marked_line(text: str, start: int, end: int, width: int) -> tuple[str, int, int]:
    """Return the part of a line that fits, and where its mark stands: columns before it, and columns of it.

    `start` and `end` count characters from 0; `end` is exclusive, and greater than `start`. What a terminal shows wide
    counts two columns. What does not fit is cut at the side that is farther from the mark.
    """
    first = _first_shown(text, start, width)
    shown, before, marked, total = ("…", 1, 0, 1) if first else ("", 0, 0, 0)
    for number in range(first, len(text)):
        cell = _cell(text[number])
        columns = _columns(cell)
        if total + columns > width - 1 and number < len(text) - 1:
            shown += "…"
            break
        shown += cell
        total += columns
        if number < start:
            before += columns
        elif number < end:
            marked += columns
    return shown.rstrip(), before, max(marked, 1)


def _marked(finding: Finding, text: str) -> tuple[int, int]:
    """Return from where to where a line is marked, in characters from 0."""
    start = min((finding.column or 1) - 1, len(text))
    if finding.end_line is not None and finding.line is not None and finding.end_line > finding.line:
        return start, max(len(text), start + 1)
    return start, max(min((finding.end_column or 0) - 1, len(text)), start + 1)


def _first_shown(text: str, start: int, width: int) -> int:
    """Return the first character that is shown so that the marked one is: 0 where the line, or enough of it, fits."""
    head = sum(_columns(_cell(character)) for character in text[: width + 1])
    if head <= width and len(text) <= width:
        return 0
    before = sum(_columns(_cell(character)) for character in text[: min(start, width)])
    if start < width and before < width * 2 // 3:
        return 0
    first, room = start, width // 3
    while first and room > 0:
        first -= 1
        room -= _columns(_cell(text[first]))
    return first


def _cell(character: str) -> str:
    """Return what is shown of a character."""
    return _TAB if character == "\t" else printable(character)


def _columns(cell: str) -> int:
    """Return how many columns of a terminal that takes."""
    if cell.isascii():
        return len(cell)
    if unicodedata.combining(cell):
        return 0
    return 2 if unicodedata.east_asian_width(cell) in "WF" else 1
