"""Which programs a check starts, as the kernel saw it: none for nothing, those that are concerned, never a shell."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="strace is for Linux")

TOOLS = {"ruff", "flake8", "black", "yamllint", "bandit", "mypy"}

# Of a call that is not over when another process makes one, strace tells the rest on a line of its own.
_STARTED = re.compile(r'^\d+ +execve\("([^"]*)", \[(.*)\], .*(?:= 0|<unfinished \.\.\.>)$', re.MULTILINE)


@pytest.fixture
def started(tmp_path, unable):
    """Checks under strace; returns the names of the programs that were started, and what was said."""
    strace, log = shutil.which("strace"), tmp_path / "strace"
    if strace is None:
        unable("strace is not installed: apt-get install strace")

    def started(project, *arguments):
        watched = [strace, "-f", "--seccomp-bpf", "-qq", "-s", "4096", "-e", "trace=execve", "-o", os.fspath(log)]
        command = [*watched, *project.command(*arguments)]
        done = subprocess.run(command, cwd=project.root, env=project.environ, capture_output=True, check=False)
        if not log.stat().st_size:
            unable(f"strace cannot trace here: {done.stderr!r}")
        found = _STARTED.findall(log.read_text(errors="replace"))
        return {os.path.basename(program) for program, _ in found}, done

    return started


@pytest.fixture
def judged(empty_project):
    """A project that was judged by many tools, each with a configuration of its own."""
    project = empty_project
    project.write("pipeline-state.toml", f"detectors = {['built-in', 'ruff-format', *sorted(TOOLS)]}\n")
    project.write("a.py", "X = 1\n")
    project.write("pkg/__init__.py", "")
    project.write("pkg/b.py", "from a import X\n\nY: int = X\n")
    project.write("data.yaml", "---\na: 1\n")
    project.write("README.md", "# Read me\n")
    project.write("ruff.toml", "line-length = 100\n")
    project.write(".flake8", "[flake8]\n")
    project.write(".yamllint", "---\nextends: default\n")
    project.write(".bandit", "[bandit]\n")
    project.write("mypy.ini", "[mypy]\n")
    project.write("pyproject.toml", "[tool.black]\nline-length = 100\n")
    project.commit()
    project.settle()
    return project


CHANGES = {
    "README.md": ("# Read me!\n", set()),
    "notes.txt": ("new\n", set()),
    "data.yaml": ("---\na: 2\n", {"yamllint"}),
    ".flake8": ("[flake8]\nmax-line-length = 90\n", {"flake8"}),
    ".yamllint": ("---\nextends: relaxed\n", {"yamllint"}),
    ".bandit": ("[bandit]\nskips = B101\n", {"bandit"}),
    "mypy.ini": ("[mypy]\nstrict = True\n", {"mypy"}),
    "ruff.toml": ("line-length = 90\n", {"ruff"}),
}


def test_what_changed_starts_the_tools_whose_verdicts_rest_on_it_and_no_others(judged, started):
    programs, _ = started(judged)
    assert programs & TOOLS == set()
    for name, (content, expected) in CHANGES.items():
        judged.write(name, content)
        programs, done = started(judged)
        assert (name, programs & TOOLS, done.returncode) == (name, expected, 0)


STRANGE = [
    b"a b.py",
    b"it's.py",
    b'"q".py',
    b"$(touch x).py",
    b"`touch x`; y.py",
    b"two\nlines.py",
    b"-rf.py",
    b"\xff.py",
]


def test_no_shell_is_ever_started(empty_project, started):
    detectors = ["built-in", "ruff-format", "codespell", "shellcheck", *sorted(TOOLS)]
    empty_project.write("pipeline-state.toml", f"detectors = {detectors}\n")
    for name in STRANGE:
        for suffix in (b"", b".yaml", b".sh"):
            with open(os.path.join(os.fsencode(empty_project.root), name + suffix), "wb") as file:
                file.write(b"")
    programs, done = started(empty_project)
    assert programs >= TOOLS, done.stderr
    assert programs & {"sh", "bash", "dash", "ash", "zsh", "ksh", "busybox", "env"} == set()
    assert not (empty_project.root / "x").exists()
