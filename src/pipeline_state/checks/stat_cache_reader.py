"""How a run reads the stat cache: a few rows one by one, many all at once."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from pipeline_state.store.storable import storable_path

if TYPE_CHECKING:
    from pipeline_state.store.stat_cache import Content
    from pipeline_state.store.state import State

_MANY_FILES = 500
"""From so many files on, reading the whole stat cache is cheaper than asking for each."""


def stat_cache_reader(state: State, *, tools_alone: bool) -> Callable[[str], Content | None]:
    """Return a reader of the stat cache: a few rows one by one, many all at once.

    With `tools_alone` of what lies outside of the worktree: a large interpreter is not hashed once more for a name.
    """
    everything: dict[str, Content] | None = None
    asked = 0

    def read(path: str) -> Content | None:
        nonlocal everything, asked
        if tools_alone and not os.path.isabs(path):
            return None
        asked += 1
        if everything is None and asked > _MANY_FILES:
            everything = state.stat_cache.all()
        name = storable_path(path)
        return state.stat_cache.get(name) if everything is None else everything.get(name)

    return read
