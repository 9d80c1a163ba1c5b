"""What moves beside an edited file: what the others share is taken from the last check then, as long as it holds."""

from __future__ import annotations

import os
import time

import pytest

MODULE, DEEP = "package/module.py", "package/nested/deep.py"
EXTENDS = 'extend = "../../ruff.toml"\n'

NAMES_ALONE = """\
import pluggy
from pipeline_state.checks.declaration import BuiltIn, Detector
from pipeline_state.checks.findings import Problem

hookimpl = pluggy.HookimplMarker("pipeline_state")


def names(known):
    return {path: b"1" for path in known.names if path.endswith(".txt") and known.is_there("side/marker")}


def judge(path, found):
    if found:
        yield Problem("found", "found it", line=1)


@hookimpl
def pipeline_state_detectors():
    how = BuiltIn(judge, names=names)
    return [Detector(id="strange", version=1, title="names", types=frozenset({"text"}), how=how)]
"""


def test_a_snapshot_that_another_check_puts_in_the_place_of_the_compared_one_is_not_taken_for_that(project, held_git):
    configuration = project.write("package/nested/ruff.toml", EXTENDS)
    project.commit()
    assert project.settle().said == []
    project.write(MODULE, "VALUE = 2\n")
    check = held_git.start(project)
    ahead = time.time() + 3600  # so that the other check knows of nothing around the files that it will stay as it is
    os.utime(configuration, (ahead, ahead))
    project.check()
    held_git.go_on()
    assert project.finish(check).code == 0
    os.utime(configuration)
    project.settle()
    project.write(MODULE, "VALUE = 3\n")
    project.settle()
    project.write("package/nested/ruff.toml", EXTENDS + 'lint.extend-select = ["D100"]\n')
    project.settle()
    assert project.agreed().rules(DEEP) == ["D100"]


def in_conflict(answer):
    return [path for detector, _, path in answer.said if detector == "case-conflict"]


@pytest.fixture
def deleted(empty_project):
    """A project of whose two files in conflict one is deleted: no folder is watched for a tool there."""
    empty_project.write("pipeline-state.toml", 'detectors = ["case-conflict", "python-syntax"]\n')
    for name in ("in/note.txt", "in/Note.txt"):
        empty_project.write(name, "x\n")
    if len(os.listdir(empty_project.root / "in")) < 2:
        pytest.skip("this file system tells no cases apart")
    empty_project.commit()
    (empty_project.root / "in/Note.txt").unlink()
    return empty_project


@pytest.mark.parametrize("make", [os.mkdir, getattr(os, "mkfifo", os.mkdir)], ids=["folder", "pipe"])
def test_what_is_put_in_the_place_of_a_deleted_file_counts(deleted, make):
    assert in_conflict(deleted.settle()) == []
    make(deleted.root / "in/Note.txt")
    assert in_conflict(deleted.agreed()) == ["in/note.txt"]
    assert in_conflict(deleted.settle()) == ["in/note.txt"]


def test_what_is_taken_out_of_the_place_of_a_deleted_file_counts(deleted):
    (deleted.root / "in/Note.txt").mkdir()
    assert in_conflict(deleted.settle()) == ["in/note.txt"]
    (deleted.root / "in/Note.txt").rmdir()
    assert in_conflict(deleted.agreed()) == []


@pytest.fixture
def by_names(project, strange, tmp_path):
    """The detector `strange` finds something at the first line of each text, if there is a file that Git ignores."""
    strange()
    (tmp_path / "plugins/strange_plugin.py").write_text(NAMES_ALONE)
    project.write("pipeline-state.toml", 'detectors = ["strange"]\n')
    project.write("docs/a.txt", "one\n")
    project.write("side/other", "one\n")
    project.commit()
    (project.root / ".git/info").mkdir(exist_ok=True)
    (project.root / ".git/info/exclude").write_text("marker\n")
    return project


@pytest.mark.parametrize("text", ["one\n", "two\n"], ids=["alone", "with an edit"])
def test_a_name_that_a_detector_asked_for_is_noticed_when_it_appears(by_names, text):
    assert by_names.settle().said == []
    by_names.write("side/marker", "x")
    by_names.write("docs/a.txt", text)
    assert by_names.agreed().said


def test_what_was_found_by_names_is_known_by_the_text_that_its_line_has_now(by_names):
    by_names.write("side/marker", "x")
    assert by_names.settle().said
    by_names.write("docs/a.txt", "two\n")
    assert by_names.agreed().said


def test_a_package_above_a_worktree_that_is_one_counts(empty_project):
    project = empty_project
    project.write("pipeline-state.toml", 'detectors = ["ruff"]\n')
    project.write("ruff.toml", 'lint.select = ["I"]\n')
    project.write("__init__.py", "")
    project.write("a.py", "import json\n\nimport above\n\nimport project\n\nprint(json, above, project)\n")
    project.commit()
    before = project.settle().said
    (project.root.parent / "__init__.py").write_text("")
    assert project.agreed().said != before


def test_the_users_own_ignore_file_is_no_configuration_of_black_whatever_its_name(empty_project):
    project = empty_project
    home = project.root.parents[1] / "home"
    project.write("pipeline-state.toml", 'detectors = ["black"]\n')
    project.write(".gitignore", "nothing\n")
    project.write("a.py", "x   = 1\n")
    project.commit()
    with (home / "gitconfig").open("a", encoding="utf-8") as file:
        file.write(f"[core]\n\texcludesFile = {(home / '.gitignore').as_posix()}\n")
    assert project.settle().rules("a.py", "black")
    (home / ".gitignore").write_text("a.py\n")
    assert project.agreed().rules("a.py", "black")
