"""The beginning of a worktree: its database, warm, and its row in the registry. Done again, it does no harm."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pipeline_state.location import Location, locate
from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store import registry
from pipeline_state.store.state import open_at
from pipeline_state.store.takeover import Taken
from pipeline_state.store.warm_start import warm_start


class Begun(NamedTuple):
    """A worktree that is ready, and what it has from its siblings."""

    location: Location
    token: str
    taken_over: Taken
    notices: tuple[str, ...]


def begin(cwd: Path | None = None, environ: Mapping[str, str] = os.environ) -> Begun:
    """Make the state of the worktree that `cwd` is in, unless it is there. Raises what `open_at` and `locate` raise."""
    location = locate(None, environ, cwd)
    with open_at(location) as state:
        taken = warm_start(state)
        registry.record(location, state.token)
        return Begun(location, state.token, taken, state.notices)
