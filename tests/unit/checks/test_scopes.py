"""What a verdict rests on beside its own file: sources, packages above, and what a project declares."""

from __future__ import annotations

import os
import sys

import pytest

from pipeline_state.checks.contents import Contents
from pipeline_state.checks.declaration import Detector, Project, ProjectRun, Report, Tool
from pipeline_state.checks.folders import Folders
from pipeline_state.checks.prepared import prepare
from pipeline_state.checks.scopes import Scopes
from pipeline_state.checks.watch import Watch
from pipeline_state.config import DetectorSettings

PYTHON = os.path.realpath(sys.executable)


def tool(run=None, **more):
    return Tool(PYTHON, (), lambda _: Report({}), {}, project=Project((".py",), run, **more))


@pytest.fixture
def scope(tmp_path, later):
    """Returns the scope of `a.py` in the worktree `tree`, looked at anew, and why it cannot be told."""
    root = tmp_path / "up/tree"
    root.mkdir(parents=True)
    (root / "a.py").write_text("1")

    def scope(how=None, kind="project", **settings):
        watch = Watch(root, later)
        contents, folders = Contents(root, lambda _: None, later), Folders(root, watch)
        detector = Detector("one", 1, "", frozenset({"python"}), how or tool(), scope=kind)
        one = prepare(detector, DetectorSettings(path=PYTHON, **settings), root, os.environ, contents, folders, watch)
        scopes = Scopes(root, folders, contents, watch, later, asked=(), tracked=lambda _: False)
        assert scopes.shared(one) == scopes.shared(one)
        return scopes.of_file(one, "a.py", b""), one.never or scopes.unknown(one)

    return scope


@pytest.mark.parametrize("kind", ["file", "paths", "never", "project"])
def test_declared_inputs_count_in_every_scope(scope, write, kind):
    write("up/tree/data/one.json", "1")
    before, why = scope(kind=kind, inputs=("data/*.json",))
    assert why is None, "declared, nothing is unseen"
    write("up/tree/other.json", "1")
    assert scope(kind=kind, inputs=("data/*.json",))[0] == before
    write("up/tree/data/one.json", "2")
    assert scope(kind=kind, inputs=("data/*.json",))[0] != before


def test_without_inputs_what_is_unseen_stays_so_and_an_empty_list_is_a_declaration(scope):
    unseen = tool(lambda *_: ProjectRun(unknown="it runs code"))
    assert scope(kind="never")[1]
    assert scope(unseen)[1] == "it runs code"
    assert scope(kind="never", inputs=())[1] is None
    assert scope(unseen, inputs=())[1] is None


def test_the_scope_of_a_project_moves_with_its_targets_and_folders(scope, write):
    def run(*targets, folders=()):
        return tool(lambda *_: ProjectRun(targets=targets, folders=folders))

    write("up/beside/b.py", "1")
    write("up/tree/node_modules/c.py", "1")
    assert scope(run("."))[0] != scope(run())[0]
    for folders, name in ((("../beside",), "up/beside/b.py"), (("node_modules",), "up/tree/node_modules/c.py")):
        before = scope(run(folders=folders))[0]
        write(name, "2")
        assert scope(run(folders=folders))[0] != before


@pytest.mark.parametrize("name", ["up/tree/__init__.py", "up/__init__.py", "__init__.pyi"])
def test_a_package_that_the_worktree_lies_in_moves_the_scope(scope, write, name):
    before = scope()[0]
    write(name)
    assert scope()[0] != before


def test_a_tool_that_hides_its_interpreter_hides_which_packages_it_reads(scope):
    assert "interpreter" in scope(tool(packages=True))[1]
    there = tool(lambda *_: ProjectRun(interpreters=("absent/python",)), packages=True)
    assert scope(there)[1] is None
