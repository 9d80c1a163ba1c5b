"""Tools as processes: no shell, no inherited environment, no child that outlives the run."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

import pytest

from pipeline_state.checks.declaration import ReportError
from pipeline_state.checks.processes import Processes

posix = pytest.mark.skipif(os.name == "nt", reason="signals and process groups")

# Writes into the file that is named first for as long as it lives.
HEARTBEAT = """
import sys, time
while True:
    with open(sys.argv[1], "ab") as file:
        file.write(b".")
    time.sleep(0.02)
"""
# Starts a heartbeat as a child of its own, and waits for it.
PARENT = f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", {HEARTBEAT!r}, *sys.argv[1:]])
"""


@pytest.fixture
def run(tmp_path):
    """Runs Python code as a tool would be run."""
    processes = Processes()

    def run(code, *arguments, timeout_s=20.0, env=None, processes=processes):
        argv = (sys.executable, "-c", code, *map(str, arguments))
        return processes.run(argv, cwd=tmp_path, env=env or {}, timeout_s=timeout_s)

    return run


@pytest.fixture
def beats(tmp_path):
    return tmp_path / "beats"


def until_it_beats(file):
    deadline = time.monotonic() + 20
    while not file.exists() or not file.stat().st_size:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def still_beats(file):
    before = file.stat().st_size
    time.sleep(0.2)
    return file.stat().st_size != before


def test_what_a_tool_answers_is_returned_whole(run):
    output = run("import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)")
    assert (output.exit_code, output.stdout.strip(), output.stderr.strip()) == (7, b"out", b"err")


def test_a_large_answer_on_both_streams_does_not_block(run):
    output = run("import sys; sys.stderr.write('x' * 10**6); sys.stdout.write('y' * 10**6)")
    assert (len(output.stdout), len(output.stderr)) == (10**6, 10**6)


@pytest.mark.parametrize("argument", ["a b", "$HOME", "`id`", "; exit 3", "*", "'", '"', "two\nlines", "%PATH%", "-x"])
def test_no_shell_reads_the_arguments(run, argument):
    assert run("import sys; print(ascii(sys.argv[1]))", argument).stdout.decode().strip() == ascii(argument)


@posix
def test_an_argument_that_is_no_text_arrives_as_its_bytes(tmp_path):
    code = "import os, sys; sys.stdout.buffer.write(os.fsencode(sys.argv[1]))"
    argv = (sys.executable, "-c", code, os.fsdecode(b"caf\xe9"))
    assert Processes().run(argv, cwd=tmp_path, env={}, timeout_s=20).stdout == b"caf\xe9"


@posix
def test_the_environment_is_the_one_that_was_made_and_nothing_else(run, monkeypatch):
    monkeypatch.setenv("LEAKED", "yes")
    listed = run("import os; print(sorted(os.environ))", env={"MADE": "1", "LC_ALL": "C.UTF-8"}).stdout
    assert listed.strip() == b"['LC_ALL', 'MADE']"


def test_standard_input_is_empty(run):
    assert run("import sys; print(len(sys.stdin.read()))").stdout.strip() == b"0"


def test_a_tool_starts_in_the_folder_that_it_is_given(run, tmp_path):
    assert run("import os; print(os.getcwd())").stdout.decode().strip() == str(tmp_path)


@posix
def test_a_tool_that_takes_too_long_is_ended_with_its_children(run, beats):
    with pytest.raises(ReportError, match=r"did not finish within 0\.7 s"):
        run(PARENT, beats, timeout_s=0.7)
    until_it_beats(beats)
    assert not still_beats(beats)


@posix
def test_a_child_that_left_its_group_does_not_hold_the_run(run):
    code = "import os, sys, time\nif os.fork() == 0:\n    os.setsid()\ntime.sleep(30)"
    start = time.monotonic()
    with pytest.raises(ReportError, match="did not finish"):
        run(code, timeout_s=0.5)
    assert time.monotonic() - start < 10


@posix
def test_ctrl_c_ends_the_tool_that_is_waited_for(run, beats):
    def interrupt(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.7)
    try:
        with pytest.raises(KeyboardInterrupt):
            run(PARENT, beats)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    until_it_beats(beats)
    assert not still_beats(beats)


@posix
def test_the_end_ends_every_tool_with_its_children_and_starts_no_more(run, tmp_path):
    processes = Processes()
    files = [tmp_path / "one", tmp_path / "two"]
    said = []

    def tool(file):
        try:
            run(PARENT, file, processes=processes)
        except ReportError as error:
            said.append(str(error))

    threads = [threading.Thread(target=tool, args=(file,)) for file in files]
    for thread in threads:
        thread.start()
    for file in files:
        until_it_beats(file)
    processes.end()
    for thread in threads:
        thread.join(20)
    assert said == ["was ended by SIGKILL"] * 2
    assert not any(still_beats(file) for file in files)
    with pytest.raises(ReportError, match="was not started"):
        run("", processes=processes)


@posix
@pytest.mark.parametrize(("number", "name"), [(9, "SIGKILL"), (11, "SIGSEGV"), (15, "SIGTERM")])
def test_a_tool_that_was_killed_answered_nothing(run, number, name):
    with pytest.raises(ReportError, match=f"was ended by {name}"):
        run(f"import os; print('clean', flush=True); os.kill(os.getpid(), {number})")


@pytest.mark.parametrize("name", ["gone", "."])
def test_a_program_that_cannot_be_started_is_said(tmp_path, name):
    with pytest.raises(ReportError, match="could not be started: "):
        Processes().run((str(tmp_path / name),), cwd=tmp_path, env={}, timeout_s=1)
