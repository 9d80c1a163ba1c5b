"""The detectors of this package, found through its entry point. What is imported here, every check waits for."""

from __future__ import annotations

import pluggy

from pipeline_state.checks.declaration import Detector
from pipeline_state_house_rules import bash_syntax, yaml_tabs

hookimpl = pluggy.HookimplMarker("pipeline_state")


@hookimpl
def pipeline_state_detectors() -> list[Detector]:
    """Return what this package brings. Ids must be unique among all that is installed."""
    return [yaml_tabs.DETECTOR, bash_syntax.DETECTOR]
