from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest

from pipeline_state.store.gate import Gate

posix_only = pytest.mark.skipif(os.name == "nt", reason="flock and fork are POSIX")


@pytest.fixture
def file(tmp_path):
    return str(tmp_path / "state.db.gate")


@contextmanager
def hold_elsewhere(file):
    """Start a process that holds the gate until its standard input is closed."""
    code = (
        "import sys; from pipeline_state.store.gate import Gate\n"
        "gate = Gate(sys.argv[1]); gate.enter(); print('in', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "in\n"
        yield process


def test_one_thread_at_a_time_passes(file):
    gate, inside, most = Gate(file), [], []

    def pass_through():
        for _ in range(20):
            gate.enter()
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.0001)
            inside.pop()
            gate.leave()

    threads = [threading.Thread(target=pass_through) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 1


def test_a_process_waits_for_another(file):
    gate = Gate(file)
    with hold_elsewhere(file) as other:
        threading.Timer(0.15, other.stdin.close).start()
        begun = time.monotonic()
        assert gate.enter(10)
        assert 0.1 < time.monotonic() - begun < 5
    gate.leave()
    gate.close()


def test_the_wait_has_an_end_and_the_lock_is_given_back_when_it_comes_too_late(file):
    late = Gate(file)
    with hold_elsewhere(file):
        begun = time.monotonic()
        assert late.enter(0.1)  # goes on, without the file
        assert time.monotonic() - begun < 2
        late.leave()
    third = Gate(file)  # the waiter that was abandoned must not keep the lock
    begun = time.monotonic()
    assert third.enter(10)
    assert third.is_ours_alone
    assert time.monotonic() - begun < 5
    third.leave()


def test_a_killed_holder_frees_the_gate(file):
    with hold_elsewhere(file) as other:
        other.kill()
    gate = Gate(file)
    assert gate.enter(10)
    assert gate.is_ours_alone
    gate.leave()


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write all")
def test_a_folder_that_cannot_be_written_is_passed_without_a_file(tmp_path):
    tmp_path.chmod(0o500)
    gate = Gate(str(tmp_path / "gate"))
    assert gate.enter()
    gate.leave()
    tmp_path.chmod(0o700)


@posix_only
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_does_not_open_its_parents_gate(file):
    gate = Gate(file)
    gate.enter()
    child = os.fork()
    if not child:
        gate.forget()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    other = Gate(file)
    other.enter(0.05)
    assert not other.is_ours_alone
    other.leave()
    gate.leave()
