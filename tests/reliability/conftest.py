"""What the reliability tests share. PIPELINE_STATE_ROUNDS sets how long they try, 4 by default:

    PIPELINE_STATE_ROUNDS=80 pytest tests/reliability

Where chance decides, it is drawn from the name of the test and PIPELINE_STATE_SEED, 0 by default. Which instant a
process is killed at is never the same twice.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from pipeline_state.location import Location
from pipeline_state.store import backup, health, migrations
from pipeline_state.store.database import Database
from pipeline_state.store.schema import HEAD
from pipeline_state.store.state import open_at

PROGRAMS = Path(__file__).with_name("programs")
HISTORY = Path(__file__).with_name("history")


@pytest.fixture(scope="session")
def rounds():
    """How long to try; each test makes a number of its own of it."""
    return int(os.environ.get("PIPELINE_STATE_ROUNDS", "4"))


@pytest.fixture
def chance(request):
    return random.Random(f"{request.node.name} {os.environ.get('PIPELINE_STATE_SEED', '0')}")  # noqa: S311 - no secret


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state.db"


@pytest.fixture
def start():
    """Starts a program of `programs/` with pipes; what still runs at the end is killed."""
    with ExitStack() as started:

        def start(program, *arguments, **options):
            command = [sys.executable, str(PROGRAMS / f"{program}.py"), *map(str, arguments)]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
            process = subprocess.Popen(command, text=True, start_new_session=True, **{**pipes, **options})
            started.callback(finish, process)
            return process

        yield start


def finish(process):
    """Kill a program with its children, which would keep its pipes open."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.communicate()


@pytest.fixture
def go():
    """Lets a program that waits for a line begin."""

    def go(process, line="go"):
        try:
            process.stdin.write(f"{line}\n")
            process.stdin.flush()
        except BrokenPipeError:
            pytest.fail(f"it has ended already: {process.stderr.read()}")

    return go


@pytest.fixture
def output():
    """Waits for the end of a program that has to end well, and returns what it printed."""

    def output(process, timeout_s=120):
        printed, complaints = process.communicate(timeout=timeout_s)
        assert process.returncode == 0, complaints
        return printed

    return output


@pytest.fixture
def was_killed():
    """Whether a program ended because we killed it, and complained of nothing."""

    def was_killed(process):
        killed = process.returncode == (-signal.SIGKILL if hasattr(signal, "SIGKILL") else 1)
        return killed and not process.stderr.read()

    return was_killed


@pytest.fixture
def open_whole():
    """Opens the state at a path, and holds that it is whole and needed no healing."""

    def open_whole(path):
        state = open_at(Location(str(path), "argument", None))
        try:
            assert state.notices == ()
            assert health.verify(state.database) == ()
        except BaseException:
            state.close()
            raise
        return state

    return open_whole


@pytest.fixture
def make_filled():
    """Makes a database that has rows in each table, as one of schema `number` would have come to be."""

    def make_filled(path, number=HEAD):
        database = Database(path)
        try:
            for version in range(1, number + 1):
                migrations.migrate(database, migrations.read()[:version])
                script = HISTORY / f"{version:04}.sql"
                with database.transaction():
                    for statement in migrations.statements(script.read_text("utf-8") if script.exists() else ""):
                        database.execute(statement)
        finally:
            database.close()
        for copy in backup.backups(path):
            copy.unlink()

    return make_filled


@pytest.fixture
def public_folder():
    """A folder that every user can reach; pytest's own are for their owner alone."""
    folder = Path(tempfile.mkdtemp(prefix="pipeline-state-test-"))
    folder.chmod(0o777)
    yield folder
    folder.chmod(0o777)
    shutil.rmtree(folder)
