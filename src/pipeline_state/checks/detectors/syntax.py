"""What the detectors that parse have in common: the shape of a syntax finding, and where in the text it lies.

Lines and columns count from 1, columns in characters.
"""

from __future__ import annotations

from pipeline_state.checks.findings import Problem


def problem(rule: str, message: str, *where: int | None) -> Problem:
    """A finding that stops a parser. `where`: line, column, end line, end column, as far as they are known."""
    line, column, end_line, end_column = (*where, None, None, None, None)[:4]
    return Problem(rule, message, line, column, end_line, end_column, severity="error", category="syntax")


def of_byte(content: bytes, offset: int) -> tuple[int, int]:
    """Line and column of a byte offset. What is not UTF-8 counts one character for each run of bad bytes."""
    start = content.rfind(b"\n", 0, offset) + 1
    return content.count(b"\n", 0, offset) + 1, len(content[start:offset].decode("utf-8", "replace")) + 1


def of_character(text: str, offset: int) -> tuple[int, int]:
    """Line and column of a character offset."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def not_utf8(content: bytes, error: UnicodeDecodeError) -> Problem:
    """The finding that these bytes are not UTF-8, at the first byte that is not."""
    message = f"not UTF-8: byte 0x{content[error.start]:02x} ({error.reason})"
    return problem("encoding-error", message, *of_byte(content, error.start))
