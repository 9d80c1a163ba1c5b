"""The run that is being recorded, as tests see it: in the process of the recorder, and in workers of xdist."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

_WORKER_INPUT = "pipeline_state_run"


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """A run that is going on: its id, and the path of the state database that it is recorded in."""

    id: str
    database: Path


RUN = pytest.StashKey[RecordedRun]()
"""Where the recorder leaves the run, once it has begun."""


class Announcer:
    """Tells the workers of xdist of the run."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Give a worker what it needs to know."""
        run = node.config.stash.get(RUN, None)
        if run is not None:
            node.workerinput[_WORKER_INPUT] = [run.id, str(run.database)]


def recorded_run(config: pytest.Config) -> RecordedRun | None:
    """Return the run that this session is recorded as, or None."""
    told = getattr(config, "workerinput", {}).get(_WORKER_INPUT)
    if told is not None:
        return RecordedRun(told[0], Path(told[1]))
    return config.stash.get(RUN, None)
