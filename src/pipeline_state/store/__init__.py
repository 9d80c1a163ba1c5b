"""The state database: one SQLite file per worktree, opened, written, migrated, copied and healed here.

`open_state` and `State` are loaded when they are first used, so that importing this package costs nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as type checkers read it: the Git hooks load this package, and do without `typing`
if TYPE_CHECKING:
    from typing import Any

    from pipeline_state.store.state import State, open_state

__all__ = ["State", "open_state"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'pipeline_state.store' has no attribute {name!r}")
    from pipeline_state.store import state

    return getattr(state, name)
