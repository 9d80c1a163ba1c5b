"""What a check looks at on disk, as the interpreter tells its hooks: work in proportion to the change."""

from __future__ import annotations

import json
import subprocess

import pytest

WATCHING = """\
import atexit, json, os, sys
looked = set()
def seen(event, arguments):
    if event in ("os.scandir", "open") and isinstance(arguments[0], (str, bytes)):
        looked.add(os.fsdecode(arguments[0]))
sys.addaudithook(seen)
lstat = os.lstat
def look(path, **options):
    looked.add(os.fsdecode(path))
    return lstat(path, **options)
os.lstat = look
atexit.register(lambda: print(json.dumps(sorted(looked)), file=sys.stderr))
"""
FOLDERS = 12
OF_THE_ROOT = {"", "pipeline-state.toml", "pyproject.toml"}


@pytest.fixture
def looked_at():
    """Checks a project, and returns what it looked at, opened or listed of it, by paths, beside the answer."""

    def looked_at(project):
        interpreter, isolated, option, program, *arguments = project.command()
        done = subprocess.run(
            [interpreter, isolated, option, WATCHING + program, *arguments],
            cwd=project.root,
            env=project.environ,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        looked = json.loads(done.stderr.splitlines()[-1])
        base = f"{project.root}/"
        inside = {path.removeprefix(base) for path in looked if path.startswith(base)}
        return {path for path in inside if not path.startswith((".git", ".worktrees"))}, json.loads(done.stdout)

    return looked_at


@pytest.fixture
def settled(empty_project):
    """A project of many folders, each with a configuration, in which everything was judged."""
    project = empty_project
    project.write("pipeline-state.toml", 'detectors = ["built-in", "ruff"]\n')
    for number in range(FOLDERS):
        project.write(f"package{number}/module.py", "VALUE = 1\n")
        project.write(f"package{number}/ruff.toml", "line-length = 100\n")
    project.commit()
    project.settle()
    return project


def test_after_an_edit_only_that_file_and_what_it_is_judged_under_is_read(settled, looked_at):
    settled.write("package3/module.py", "VALUE = 2\n")
    looked, report = looked_at(settled)
    assert report["summary"]["checked"] > 0
    assert {path.partition("/")[0] for path in looked} <= {"package3", *OF_THE_ROOT}
    assert {"package3/module.py", "package3/ruff.toml"} <= looked


def test_after_another_edit_of_the_same_file_too(settled, looked_at):
    for number in range(2, 5):
        settled.write("package3/module.py", f"VALUE = {number}\n")
        looked, report = looked_at(settled)
        assert report["summary"]["checked"] > 0
    assert {path.partition("/")[0] for path in looked} <= {"package3", *OF_THE_ROOT}


def test_after_an_edit_of_a_configuration_every_folder_is_looked_at_again(settled, looked_at):
    settled.write("package3/module.py", "VALUE = 2\n")
    settled.write("package4/ruff.toml", "line-length = 90\n")
    looked, _ = looked_at(settled)
    assert {f"package{number}" for number in range(FOLDERS)} <= looked


@pytest.mark.parametrize("edited", [[], ["package3/module.py"]], ids=["alone", "with an edit"])
def test_after_a_commit_only_those_files_are_looked_at_of_which_the_index_says_something_else(
    settled, looked_at, edited
):
    settled.write("package5/module.py", "VALUE = 2\n")
    settled.commit()
    for path in edited:
        settled.write(path, "VALUE = 3\n")
    looked, report = looked_at(settled)
    assert report["summary"]["checked"] > 0
    assert {path for path in looked if path.endswith("module.py")} == {"package5/module.py", *edited}


def test_after_a_commit_of_nothing_no_file_is_looked_at(settled, looked_at):
    index = settled.root / ".git/index"
    before = index.read_bytes()
    settled.git("commit", "--quiet", "--allow-empty", "--message", "empty")
    settled.git("update-index", "--index-version", "4")
    assert index.read_bytes() != before
    looked, report = looked_at(settled)
    assert report["summary"]["checked"] == 0
    assert not {path for path in looked if path.endswith("module.py")}
