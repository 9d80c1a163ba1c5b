"""pipeline-state: the memory of a development pipeline.

Importing this package costs nothing; each name below is loaded when it is first used.

    from pipeline_state import open_state

    with open_state() as state:
        print(state.runs.latest())

PYTEST_DONT_REWRITE
"""

from __future__ import annotations

from pipeline_state._version import __version__

TYPE_CHECKING = False  # as type checkers read it, without `typing`, which is a third of what a Git hook would load
if TYPE_CHECKING:
    from typing import Any

    from pipeline_state.errors import PipelineStateError
    from pipeline_state.store.state import State, open_state

__all__ = ["PipelineStateError", "State", "__version__", "open_state"]

_HOMES = {
    "PipelineStateError": "pipeline_state.errors",
    "State": "pipeline_state.store.state",
    "open_state": "pipeline_state.store.state",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'pipeline_state' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
