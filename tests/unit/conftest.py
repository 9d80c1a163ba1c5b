"""What the unit tests share: repositories, and code in processes of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def git():
    """Runs Git in a folder and returns what it printed, without the newline at its end."""

    def git(folder, *words, **options):
        command = ["git", *(word if isinstance(word, bytes) else str(word) for word in words)]
        done = subprocess.run(command, cwd=folder, check=True, capture_output=True, **options)
        return os.fsdecode(done.stdout).removesuffix("\n")

    return git


@pytest.fixture
def repository(tmp_path, git):
    """A repository in which nothing was ever added."""
    root = tmp_path / "repository"
    git(tmp_path, "init", "-q", root)
    return root


@pytest.fixture
def committed(repository, git):
    """A repository with one commit, of `a.py`."""
    (repository / "a.py").write_text("a = 1\n", encoding="utf-8")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "one")
    return repository


@pytest.fixture
def in_process():
    """Runs code in a process of its own, with `sys.argv[1:]` as given, and returns what it printed.

    With `unprivileged` the code runs as a user who is not root; where the tests are root, as `nobody`.
    """

    def in_process(code, *arguments, unprivileged=False, check=True):
        prelude = (
            "import os, sys\n"  # all that is imported later: `nobody` may not be able to read the interpreter's folder
            "import json, random, _ctypes, pipeline_state.location, pipeline_state.git.identity\n"
            "from pipeline_state.store import backup, filesystem, healing, health, migrations, retention, runs, state\n"
            "from pipeline_state.checks import contents, tools, watch\n"
            "from pipeline_state.worktrees import sweep\n"
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
