"""Which plugin is registered when a session is to be recorded: the recorder, or what says why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pipeline_state.errors import LocationError, PipelineStateError
from pipeline_state.pytest_plugin.recorder import Recorder, say
from pipeline_state.pytest_plugin.surroundings import find_place

if TYPE_CHECKING:
    from pipeline_state.pytest_plugin.selecting import Selector


class Silence:
    """Stands in for the recorder where there is no place to record: says why, once."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def pytest_report_header(self) -> str:
        """Say why nothing is recorded."""
        return f"pipeline-state: warning: nothing is recorded: {self._reason}"


def make_recorder(
    config: pytest.Config, environ: dict[str, str], selector: Selector | None = None
) -> Recorder | Silence:
    """Return the plugin to register; `environ` is the environment before the guard, `selector` chooses the tests.

    Raises `pytest.UsageError` if `--pipeline-state-db` names a path that is refused.
    """
    try:
        place = find_place(config, environ)
    except LocationError as error:
        if config.getoption("pipeline_state_db"):
            raise pytest.UsageError(f"--pipeline-state-db: {error}") from error
        return Silence(say(error))
    except (PipelineStateError, OSError) as error:
        return Silence(say(error))
    if place.location.path is None:
        return Silence("a state in memory ends with the session; name a file")
    return Recorder(config, environ, place, selector)
