"""State databases to test with."""

from __future__ import annotations

import pytest

from pipeline_state.location import Location
from pipeline_state.store.state import open_at


@pytest.fixture(params=["sqlite"])
def backend(request):
    """Which database the repositories stand on. What holds for one has to hold for each."""
    return request.param


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


@pytest.fixture
def reopen(backend, path):
    """Opens the state at `path`; what is still open at the end is closed."""
    assert backend == "sqlite"
    opened = []

    def reopen(where=path, **options):
        state = open_at(Location(None if where is None else str(where), "argument", None), **options)
        opened.append(state)
        return state

    yield reopen
    for state in opened:
        state.close()


@pytest.fixture
def state(reopen):
    return reopen()


@pytest.fixture
def memory(reopen):
    return reopen(None)
