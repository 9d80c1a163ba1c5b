from __future__ import annotations

import json
import os

import jsonschema
import pytest

from pipeline_state.store import diagnosis
from pipeline_state.store.journal import SUFFIX
from pipeline_state.store.schema import HEAD, schema_folder
from pipeline_state.store.state import open_state

SCHEMA = json.loads((schema_folder() / "doctor.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


@pytest.fixture
def doctor(command):
    """Runs doctor; returns the exit code and the status and message of each examination."""

    def doctor(*words):
        answer = command("doctor", "--json", *words)
        VALIDATOR.validate(answer.json)
        checks = answer.json["doctor"]["checks"]
        assert answer.json["doctor"]["ok"] == (answer.code == 0)
        return answer.code, {check["id"]: (check["status"], check["message"]) for check in checks}

    return doctor


@pytest.fixture
def database(repository):
    (repository / ".gitignore").write_text(".worktrees/\n")
    with open_state() as state:
        return state.path


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.usefixtures("database")
def test_a_sound_set_up_has_no_problem(doctor):
    code, seen = doctor()
    assert code == 0
    assert {name for name, (status, _) in seen.items() if status != "ok"} <= {"sqlite", "file-system"}


def test_where_nothing_was_begun_nothing_is_made(doctor, repository):
    code, seen = doctor()
    assert code == 0
    assert "none yet" in seen["database"][1]
    assert [entry.name for entry in repository.iterdir()] == [".git"]


def test_text_for_people_says_the_same(command, database):
    lines = command("doctor").out.splitlines()
    assert ["ok", "database", f"{database},", "schema", str(HEAD)] in [line.split() for line in lines]
    assert all(line.split()[0] in ("ok", "warning", "problem") for line in lines)


@pytest.mark.parametrize(
    ("version", "status"),
    [((3, 36, 0), "problem"), ((3, 37, 0), "warning"), ((3, 51, 2), "warning"), ((3, 51, 3), "ok"), ((3, 53, 0), "ok")],
)
def test_the_sqlite_library_is_judged_by_its_version(version, status):
    assert diagnosis.sqlite_library(version).status == status


def test_variables_of_git_that_leak_are_named(doctor, repository, monkeypatch):
    monkeypatch.setenv("GIT_DIR", str(repository / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(repository))
    status, message = doctor()[1]["environment"]
    assert status == "warning"
    assert "unset GIT_DIR GIT_WORK_TREE" in message


@pytest.mark.skipif(os.name == "nt", reason="permissions are POSIX")
def test_permissions_that_are_too_wide_are_named(doctor, database):
    database.chmod(0o644)
    status, message = doctor()[1]["permissions"]
    assert status == "warning"
    assert f"chmod go= {database}" in message


def test_an_ignore_file_that_ignores_too_little_is_a_problem(doctor, database):
    (database.parent / ".gitignore").write_text("*.log\n")
    code, seen = doctor()
    assert code == 1
    assert seen["ignore-file"][0] == "problem"


@pytest.mark.parametrize("line", [".worktrees/", ".worktrees", "/.worktrees/", "**/.worktrees/"])
def test_the_root_ignore_file_may_name_the_folder_in_several_ways(doctor, database, repository, line):
    assert database
    (repository / ".gitignore").write_text(f"build/\n{line}\n")
    assert doctor()[1]["root-ignore-file"][0] == "ok"


def test_a_root_ignore_file_without_the_folder_is_a_warning(doctor, database, repository):
    assert database
    (repository / ".gitignore").unlink()
    status, message = doctor()[1]["root-ignore-file"]
    assert status == "warning"
    assert message.endswith("add the line .worktrees/")


def test_a_journal_of_a_dead_session_is_named(doctor, database):
    folder = database.with_name(f"{database.name}.runs")
    folder.mkdir(exist_ok=True)
    (folder / f"{'0' * 16}{SUFFIX}").write_bytes(b"")
    status, message = doctor()[1]["journals"]
    assert status == "warning"
    assert "1 journals" in message


def test_a_database_that_cannot_be_opened_is_a_problem_and_left_alone(doctor, database):
    database.write_text("text " * 100)
    code, seen = doctor()
    assert code == 1
    assert seen["database"][0] == "problem"
    assert "not an SQLite database" in seen["database"][1]
    assert database.read_text() == "text " * 100


def test_an_empty_file_is_a_database_that_is_still_to_be_begun(doctor, database):
    database.write_bytes(b"")
    code, seen = doctor()
    assert code == 0
    assert "the next command migrates it" in seen["database"][1]


def test_a_mark_of_damage_is_a_problem(doctor, database):
    database.with_name(f"{database.name}.damaged").touch()
    assert doctor()[1]["database"][0] == "problem"


@pytest.mark.usefixtures("repository")
def test_a_state_in_memory_needs_no_doctor(doctor):
    assert doctor("--db", ":memory:")[0] == 0
