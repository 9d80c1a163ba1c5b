"""State databases to test with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

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
        state = open_at(Location(where, "argument", None), **options)
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


@pytest.fixture
def in_process():
    """Runs code in a process of its own, with `sys.argv[1:]` as given, and returns what it printed.

    With `unprivileged` the code runs as a user who is not root; where the tests are root, as `nobody`.
    """

    def in_process(code, *arguments, unprivileged=False, check=True):
        prelude = (
            "import os, sys\n"  # all that is imported later: `nobody` may not be able to read the interpreter's folder
            "import random, _ctypes, pipeline_state.location, pipeline_state.git.identity\n"
            "from pipeline_state.store import backup, filesystem, healing, health, migrations, retention, runs, state\n"
        )
        if unprivileged and os.geteuid() == 0:
            prelude += "os.setgid(65534); os.setuid(65534)\n"
        command = [sys.executable, "-c", prelude + textwrap.dedent(code), *map(str, arguments)]
        answer = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert not check or answer.returncode == 0, answer.stderr
        return answer.stdout if check else answer

    return in_process


@pytest.fixture
def public_folder():
    """A folder that every user can reach; pytest's own are for their owner alone."""
    folder = Path(tempfile.mkdtemp(prefix="pipeline-state-test-"))
    folder.chmod(0o777)
    yield folder
    folder.chmod(0o777)
    shutil.rmtree(folder)
