"""What doctor says of hooks, of the other worktrees and of those that are gone; and what it repairs."""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path

import jsonschema
import pytest

from pipeline_state.location import find_worktree, locate
from pipeline_state.store.schema import schema_folder
from pipeline_state.store.state import open_at
from pipeline_state.worktrees.git_hooks import find_place, install

SCHEMA = json.loads((schema_folder() / "doctor.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


@pytest.fixture(autouse=True)
def _user(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "user"))


@pytest.fixture
def here(committed, monkeypatch):
    monkeypatch.chdir(committed)
    (committed / ".git" / "info").mkdir(exist_ok=True)
    return committed


@pytest.fixture
def doctor(command, here):
    """Runs doctor; returns what it says of each thing, and what it repaired."""

    def doctor(*words):
        assert here.is_dir()
        answer = command("doctor", "--json", *words)
        VALIDATOR.validate(answer.json)
        found = answer.json["doctor"]
        return {check["id"]: (check["status"], check["message"]) for check in found["checks"]}, found["repaired"]

    return doctor


def used(folder):
    with open_at(locate(cwd=folder)) as state:
        state.runs.finish(state.runs.begin("check").id, 0)
        return state.path


@pytest.fixture
def linked(here, git):
    path = here.parent / "linked"
    git(here, "worktree", "add", "-q", "--detach", path)
    return path


def test_a_sound_set_up_is_ok(doctor, here, linked):
    used(here)
    used(linked)
    seen, repaired = doctor()
    names = ("hooks", "copied-database", "nested-worktrees", "removed-worktrees")
    assert {seen[name][0] for name in names} == {"ok"}
    assert repaired == []


def test_a_hook_whose_command_is_gone_is_a_problem_and_repaired(doctor, here, tmp_path):
    install(find_place(here, (2, 39)), tmp_path / "gone" / "pipeline-state")
    seen, _ = doctor()
    assert seen["hooks"][0] == "problem"
    assert str(tmp_path / "gone") in seen["hooks"][1]
    seen, repaired = doctor("--repair")
    assert seen["hooks"][0] == "ok"
    assert repaired == ["installed the Git hooks again"]


def test_hooks_that_git_is_led_past_are_named(doctor, here, git, tmp_path):
    install(find_place(here, (2, 39)), Path("/bin/true"))
    git(here, "config", "core.hooksPath", tmp_path)
    assert doctor()[0]["hooks"][0] == "warning"


def test_a_hook_that_is_missing_among_others_is_named(doctor, here):
    place = find_place(here, (2, 39))
    install(place, Path("/bin/true"))
    (place.folder / "post-merge").unlink()
    status, message = doctor()[0]["hooks"]
    assert status == "warning"
    assert message.startswith("post-merge not installed")


def test_a_database_that_was_copied_in_is_named(doctor, here, linked):
    path = used(linked)
    shutil.copytree(path.parent, here / ".worktrees")
    assert doctor()[0]["copied-database"][0] == "warning"


def test_worktrees_that_pytest_would_collect_are_named_and_others_are_not(doctor, here, git):
    git(here, "worktree", "add", "-q", "--detach", here / ".worktrees" / "hidden")
    assert doctor()[0]["nested-worktrees"][0] == "ok"
    git(here, "worktree", "add", "-q", "--detach", here / "trees" / "open")
    status, message = doctor()[0]["nested-worktrees"]
    assert status == "warning"
    assert str(here / "trees" / "open") in message


def test_removed_worktrees_are_named_until_they_are_swept(doctor, here, linked, git):
    used(linked)
    git(here, "worktree", "remove", linked)
    assert doctor()[0]["removed-worktrees"][0] == "warning"
    seen, repaired = doctor("--repair")
    assert seen["removed-worktrees"][0] == "ok"
    assert repaired == ["set apart what is known of 1 removed worktrees"]


def test_what_a_removed_worktree_left_is_named_and_left(doctor, here, linked, git):
    path = used(linked)
    git(here, "worktree", "remove", linked)
    path.parent.mkdir(parents=True)
    (path.parent / "mine").write_text("a user's")
    doctor("--repair")
    status, message = doctor()[0]["zombie-folder"]
    assert status == "warning"
    assert str(path.parent) in message
    assert (path.parent / "mine").exists()


def test_a_database_outside_that_only_a_removed_worktree_used_is_named_and_left(
    doctor, here, linked, git, tmp_path, monkeypatch
):
    monkeypatch.setenv("PIPELINE_DB_PATH", str(tmp_path / "outside.db"))
    used(linked)
    git(here, "worktree", "remove", linked)
    monkeypatch.delenv("PIPELINE_DB_PATH")
    seen, _ = doctor("--repair")
    assert seen["outside-database"][0] == "warning"
    assert (tmp_path / "outside.db").exists()


@pytest.mark.skipif(os.name == "nt", reason="permissions are POSIX")
def test_permissions_and_a_missing_ignore_file_are_repaired(doctor, here):
    path = used(here)
    path.chmod(0o666)
    (path.parent / ".gitignore").unlink()
    seen, repaired = doctor("--repair")
    assert (seen["permissions"][0], seen["ignore-file"][0]) == ("ok", "ok")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(repaired) == 2


def test_an_ignore_file_of_the_users_is_left_as_it_is(doctor, here):
    path = used(here)
    (path.parent / ".gitignore").write_text("*.log\n")
    doctor("--repair")
    assert (path.parent / ".gitignore").read_text() == "*.log\n"


def test_without_repair_nothing_is_changed(doctor, here, linked, git, tmp_path):
    install(find_place(here, (2, 39)), tmp_path / "gone" / "pipeline-state")
    used(linked)
    git(here, "worktree", "remove", linked)
    git_dir = Path(find_worktree(here).git_dir)
    before = {path: path.read_bytes() for path in git_dir.rglob("*") if path.is_file()}
    doctor()
    assert {path: path.read_bytes() for path in git_dir.rglob("*") if path.is_file()} == before
    assert not (here / ".worktrees").exists()
