from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pipeline_state.store.liveness import RunLocks

HOLD = """
import os, sys, time
from pipeline_state.store.liveness import RunLocks
RunLocks(sys.argv[1]).hold("a")
if "fork" in sys.argv:
    child = os.fork()
    if not child:
        sys.stdin.read()
        os._exit(0)
print("held", flush=True)
sys.stdin.read()
"""


def holder(path, *words):
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", HOLD, path, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def database(tmp_path):
    return str(tmp_path / "state.db")


@pytest.mark.parametrize(
    "words", [(), pytest.param(("fork",), marks=pytest.mark.skipif(os.name == "nt", reason="fork"))]
)
def test_a_lock_is_held_as_long_as_its_process_lives(database, words):
    locks = RunLocks(database)
    with holder(database, *words) as process:
        assert process.stdout.readline() == "held\n"
        assert locks.is_held("a")
        process.kill()  # a child that was forked off lives on
        process.wait()
        assert not locks.is_held("a")
    locks.remove("a")
    locks.remove("a")
    assert not locks.is_held("a")


def test_asking_does_not_lose_our_own_lock(database, in_process):
    locks = RunLocks(database)
    locks.hold("a")
    assert locks.is_held("a")
    assert RunLocks(database).is_held("a")
    code = "from pipeline_state.store.liveness import RunLocks; print(RunLocks(sys.argv[1]).is_held('a'))"
    assert in_process(code, database) == "True\n"
    locks.release("a")
    locks.release("a")
    assert in_process(code, database) == "False\n"


def test_in_memory_there_are_no_locks():
    locks = RunLocks(None)
    locks.hold("a")
    assert locks.is_held("a")
    locks.release("a")
    locks.remove("a")
