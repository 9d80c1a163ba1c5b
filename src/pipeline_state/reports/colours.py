"""The colours of the report for people, as a terminal understands them."""

from __future__ import annotations

_STYLES = {
    "error": "1;31",
    "warning": "1;33",
    "note": "1;36",
    "path": "1",
    "rule": "2",
    "line": "34",
    "good": "32",
}
"""What each style is in a terminal's own words (the parameters of ECMA-48's SGR)."""


def coloured(style: str, text: str) -> str:
    """Return a text in the colours of its style."""
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m"
