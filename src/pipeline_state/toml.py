"""TOML as the standard library reads it, or `tomli`, which is the same, on Python 3.10. Loaded when there is some."""

from __future__ import annotations

import sys
from importlib import import_module

TYPE_CHECKING = False  # as type checkers read it
if TYPE_CHECKING:
    from typing import Any

PARSER = "tomllib" if sys.version_info >= (3, 11) else "tomli"
"""The module that reads it."""


def loads(text: str) -> dict[str, Any]:
    """Return what a text says. Raises `ValueError` for one that is no TOML."""
    parsed: dict[str, Any] = import_module(PARSER).loads(text)
    return parsed
