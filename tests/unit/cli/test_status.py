"""The status: what stands now, for people and for machines."""

from __future__ import annotations

import json

import jsonschema
import pytest

from pipeline_state.store.schema import HEAD, schema_folder
from pipeline_state.store.state import open_state

SCHEMA = json.loads((schema_folder() / "status.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def checked(answer):
    assert answer.code == 0
    VALIDATOR.validate(answer.json)
    return answer.json["status"]


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_a_worktree_of_which_nothing_is_known_yet(command, repository):
    found = checked(command("status", "--json"))
    assert found["worktree"] == str(repository)
    assert found["database"]["path"] == str(repository / ".worktrees" / "pipeline_state.db")
    assert found["database"]["schema"] == HEAD
    assert (found["runs"], found["findings"], found["failing_tests"]) == ([], [], [])
    text = command("status").out
    assert "last runs: none yet" in text
    assert "open findings: none" in text
    assert "failing tests: none" in text


def test_outside_of_a_worktree_a_named_database_has_a_status_too(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert checked(command("status", "--json", "--db", "x.db"))["worktree"] is None
    assert "worktree  none" in command("status", "--db", "x.db").out


def test_the_last_five_runs_are_shown_the_latest_first(command, repository):
    with open_state() as state:
        for day in range(1, 8):
            run = state.runs.begin("check", started_at=f"2026-01-0{day}T00:00:00.000000Z", branch="feature\n1")
            state.runs.finish(run.id, day % 2)
    found = checked(command("status", "--json"))["runs"]
    assert [one["started_at"][9] for one in found] == ["7", "6", "5", "4", "3"]
    lines = [line for line in command("status").out.splitlines() if "check" in line]
    assert len(lines) == 5
    assert lines[0].endswith("2026-01-07T00:00:00Z  finished 1  feature\\n1")
    assert repository.exists()


def test_open_findings_are_those_of_the_last_check(command, repository):
    (repository / "a.py").write_text("a = (\n")
    (repository / "b.json").write_text("{")
    assert command("check").code == 1
    counts = {
        (one["detector"], one["severity"]): one["number"] for one in checked(command("status", "--json"))["findings"]
    }
    assert counts == {("json", "error"): 1, ("python-syntax", "error"): 1, ("end-of-file", "warning"): 1}
    assert "     1  error    json" in command("status").out
    (repository / "a.py").write_text("a = 1\n")
    (repository / "b.json").unlink()
    assert command("check").code == 0
    assert checked(command("status", "--json"))["findings"] == []


@pytest.mark.usefixtures("repository")
def test_looking_at_the_status_records_nothing(command):
    for _ in range(2):
        assert checked(command("status", "--json"))["runs"] == []
