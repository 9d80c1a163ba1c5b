"""The hook through which detectors are found.

A plugin author needs nothing beside this page:

    import pluggy
    from pipeline_state.checks.declaration import BuiltIn, Detector

    hookimpl = pluggy.HookimplMarker("pipeline_state")

    @hookimpl
    def pipeline_state_detectors():
        return [Detector(id="no-tabs", version=1, title="tabs", types=frozenset({"python"}), how=BuiltIn(no_tabs))]
"""

from __future__ import annotations

from collections.abc import Sequence

import pluggy

from pipeline_state.checks.declaration import Detector

hookspec = pluggy.HookspecMarker("pipeline_state")
hookimpl = pluggy.HookimplMarker("pipeline_state")


@hookspec
def pipeline_state_detectors() -> Sequence[Detector]:
    """Return the detectors that you bring.

    Called once per command that has something to run. Ids must be unique among all plugins; a plugin that
    raises, or returns something else, is reported as an error of the run and never silently left out.
    """
    raise NotImplementedError  # pluggy never calls a specification
