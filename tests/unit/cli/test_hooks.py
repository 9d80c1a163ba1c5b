from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from pipeline_state.location import find_worktree
from pipeline_state.store import registry
from pipeline_state.store.schema import schema_folder

SCHEMA = json.loads((schema_folder() / "hooks.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


@pytest.fixture
def here(committed, monkeypatch):
    monkeypatch.chdir(committed)
    return committed


@pytest.fixture
def status(command):
    """Runs `hooks status --json`; returns the exit code and the conditions."""

    def status():
        answer = command("hooks", "status", "--json")
        VALIDATOR.validate(answer.json)
        return answer.code, {hook["state"] for hook in answer.json["hooks"]}

    return status


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.usefixtures("here")
def test_they_are_installed_asked_for_and_taken_away(command, status):
    assert status() == (1, {"absent"})
    assert command("hooks", "install").code == 0
    assert status() == (0, {"installed"})
    assert command("hooks", "status").out.count("  installed  ") == 4
    assert command("hooks", "uninstall").code == 0
    assert status() == (1, {"absent"})


def test_a_hooks_path_elsewhere_is_refused(command, here, git, tmp_path):
    git(here, "config", "core.hooksPath", tmp_path)
    answer = command("hooks", "install")
    assert answer.code == 3
    assert "core.hooksPath" in answer.err


def test_run_begins_and_sweeps_without_a_word(command, here, git):
    git(here, "worktree", "add", "-q", "--detach", here.parent / "linked")
    answer = command("hooks", "run")
    assert (answer.code, answer.out, answer.err) == (0, "", "")
    assert (here / ".worktrees" / "pipeline_state.db").is_file()
    common = Path(find_worktree(here).common_dir)
    assert (common / registry.FOLDER / registry.SWEPT).exists()
    assert len(registry.tokens(common)) == 1


def test_run_is_no_failure_whatever_happens(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = command("hooks", "run")
    assert answer.code == 0
    assert "not in a Git worktree" in answer.err
