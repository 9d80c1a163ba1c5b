"""Trees to look at, and the clock of the file system that they are on."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from pipeline_state.checks.contents import Clock, Contents
from pipeline_state.checks.folders import Folders
from pipeline_state.checks.prepared import prepare
from pipeline_state.checks.request import Request
from pipeline_state.checks.selection import Selection
from pipeline_state.checks.watch import Watch
from pipeline_state.config import DetectorSettings
from pipeline_state.location import Location, find_worktree
from pipeline_state.store.state import open_at


@pytest.fixture
def write(tmp_path):
    """Writes a file below `tmp_path`, with its folders, and returns its path. A name may be any bytes."""

    def write(name, content=b""):
        path = Path(tmp_path, os.fsdecode(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def later(tmp_path):
    """A clock of the tests' file system that says that everything here was long ago."""
    return Clock(time.time_ns() + 3_600_000_000_000, tmp_path.stat().st_dev)


@pytest.fixture
def watch(tmp_path, later):
    return Watch(tmp_path, later)


@pytest.fixture
def folders(tmp_path, watch):
    return Folders(tmp_path, watch)


@pytest.fixture
def state():
    """A state in memory."""
    with open_at(Location(None, "argument", None)) as state:
        yield state


@pytest.fixture
def ready(tmp_path, later, folders, watch):
    """Makes detectors ready for a run."""

    def ready(*detectors, **settings):
        contents = Contents(tmp_path, lambda _: None, later)
        return [
            prepare(one, DetectorSettings(**settings), tmp_path, os.environ, contents, folders, watch)
            for one in detectors
        ]

    return ready


@pytest.fixture
def request_in():
    """Makes a request for the files of a worktree."""

    def request_in(root, mode="all"):
        return Request(find_worktree(root), Selection(mode), Path(root))

    return request_in
