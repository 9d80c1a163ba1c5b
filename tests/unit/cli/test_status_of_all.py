"""`status --all-worktrees`: each worktree of the repository, each from its own database."""

from __future__ import annotations

import json
import shutil

import jsonschema
import pytest

from pipeline_state.location import locate
from pipeline_state.store.schema import schema_folder
from pipeline_state.store.state import open_at

SCHEMA = json.loads((schema_folder() / "status.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


@pytest.fixture
def worktrees(committed, git, monkeypatch):
    """The main worktree, in which nothing was begun, and two linked ones with a run each, by path."""
    monkeypatch.chdir(committed)
    runs = {str(committed): None}
    for name in ("one", "two"):
        path = committed.parent / name
        git(committed, "worktree", "add", "-q", "-b", name, path)
        with open_at(locate(cwd=path)) as state:
            run = state.runs.begin("check")
            state.runs.finish(run.id, 0)
            runs[str(path)] = run.id
    return runs


def test_each_worktree_is_shown_from_its_own_database(command, worktrees):
    answer = command("status", "--all-worktrees", "--json")
    VALIDATOR.validate(answer.json)
    found = {one["path"]: one["status"] and one["status"]["runs"][0]["id"] for one in answer.json["worktrees"]}
    assert found == worktrees
    assert answer.code == 0


def test_nothing_is_begun_by_looking(command, worktrees, committed):
    command("status", "--all-worktrees")
    assert not (committed / ".worktrees").exists()
    assert len(worktrees) == 3


def test_a_missing_one_is_shown_as_missing(command, worktrees):
    path = list(worktrees)[1]
    shutil.rmtree(path)
    answer = command("status", "--all-worktrees", "--json")
    VALIDATOR.validate(answer.json)
    assert {one["path"]: one["state"] for one in answer.json["worktrees"]}[path] == "missing"


def test_text_for_people_names_each(command, worktrees):
    out = command("status", "--all-worktrees").out
    for path, run in worktrees.items():
        assert f"worktree  {path}\n" in out
        assert run is None or run in out


@pytest.mark.usefixtures("worktrees")
def test_one_database_and_all_worktrees_exclude_each_other(command):
    assert command("status", "--all-worktrees", "--db", "x.db").code == 2
