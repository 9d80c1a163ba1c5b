"""A worktree is removed while something is running there: it is told, makes no folder that is gone again, and what was
finished is kept.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows removes no folder that is in use")

COMMAND = str(Path(sysconfig.get_path("scripts"), "pipeline-state"))

SLOW_RUFF = """\
#!/bin/sh
touch {started}
while [ ! -e {go} ]; do sleep 0.02; done
echo '[]'
"""

SLOW_TEST = """\
import time, pathlib

def test_before():
    pass

def test_slow():
    pathlib.Path({started!r}).touch()
    while not pathlib.Path({go!r}).exists():
        time.sleep(0.02)

def test_after():
    pass
"""


@pytest.fixture
def started(tmp_path):
    return tmp_path / "started"


@pytest.fixture
def go(tmp_path):
    return tmp_path / "go"


@pytest.fixture
def remove_under(main, started, go):
    """Starts a command in a worktree, removes the worktree once it is at work, and returns how it ended."""

    def remove_under(linked, *command):
        process = subprocess.Popen(
            command, cwd=linked.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
        )
        deadline = time.monotonic() + 60
        while not started.exists():
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < deadline
            time.sleep(0.01)
        main.git("worktree", "remove", "--force", linked.path)
        go.touch()
        output, _ = process.communicate(timeout=60)
        return process.returncode, output

    return remove_under


def left(main, linked):
    (one,) = main.state("worktree", "history")
    assert one["path"] == str(linked.path)
    return {run["id"]: run for run in one["runs"]}


def test_a_check_says_so_and_ends_with_3(main, add, remove_under, tmp_path, started, go):
    slow = tmp_path / "slow-ruff"
    slow.write_text(SLOW_RUFF.format(started=started, go=go))
    slow.chmod(0o755)
    with (main.path / "pyproject.toml").open("a", encoding="utf-8") as configuration:
        configuration.write(f'[tool.pipeline-state.detector.ruff]\npath = "{slow}"\n')
    main.git("commit", "-q", "-a", "-m", "slow")
    linked = add()
    linked.state("check", "--detector", "python-syntax")
    (finished,) = linked.runs()
    code, output = remove_under(linked, COMMAND, "check", "--all-files")
    assert code == 3, output
    assert "removed or replaced while it was open" in output
    assert not linked.path.exists()
    assert left(main, linked).keys() == {finished}


def test_a_test_session_says_so_and_its_summary_is_kept(main, add, remove_under, started, go):
    (main.path / "test_slow.py").write_text(SLOW_TEST.format(started=str(started), go=str(go)))
    main.git("add", ".")
    main.git("commit", "-q", "-m", "slow")
    linked = add()
    linked.state("worktree", "init")
    _, output = remove_under(
        linked, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--pipeline-state", "test_slow.py"
    )
    assert "pipeline-state: warning: " in output
    assert "worktree history" in output
    assert not linked.path.exists()
    (run,) = left(main, linked).values()
    assert (run["kind"], run["counts"]) == ("pytest", {"passed": 3})
