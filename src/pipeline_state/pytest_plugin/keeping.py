"""How much is kept of what pytest says: the settings `pipeline_state_capture` and `pipeline_state_text_limit`."""

from __future__ import annotations

import pytest

from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store.storable import TEXT_LIMIT

CAPTURE = ("failed", "all", "no")
_LEAST = 100
"""Characters; what is left of a text that was cut must still say something."""


class Keeping(NamedTuple):
    """Of which tests captured output is kept (`failed`, `all`, `no`), and how many characters of any one text."""

    capture: str = "failed"
    text_limit: int = TEXT_LIMIT


def keeping(config: pytest.Config) -> Keeping:
    """Return what the settings say. Raises `pytest.UsageError` if they say nothing that can be done."""
    capture = config.getini("pipeline_state_capture")
    if capture not in CAPTURE:
        raise pytest.UsageError(f"pipeline_state_capture is {capture!r}; it may be {', '.join(CAPTURE)}")
    limit = config.getini("pipeline_state_text_limit").strip().replace("_", "")
    if not limit:
        return Keeping(capture)
    if not (limit.isascii() and limit.isdigit() and int(limit) >= _LEAST):
        raise pytest.UsageError(f"pipeline_state_text_limit is {limit!r}; it is a number of characters, from {_LEAST}")
    return Keeping(capture, int(limit))
