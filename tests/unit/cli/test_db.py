from __future__ import annotations

import json
import os
import sqlite3

import jsonschema
import pytest

from pipeline_state.store.schema import HEAD, schema_folder
from pipeline_state.store.state import open_state

SCHEMA = json.loads((schema_folder() / "db.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


@pytest.fixture
def database(repository):
    path = repository / ".worktrees" / "pipeline_state.db"
    with open_state() as state:
        state.runs.finish(state.runs.begin("check").id, 0)
    return path


def checked(answer):
    """The JSON of an answer, once it is what the schema promises."""
    VALIDATOR.validate(answer.json)
    return answer.json


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_path_says_where_the_database_is_without_making_it(command, repository):
    expected = repository / ".worktrees" / "pipeline_state.db"
    assert command("db", "path").out == f"{expected}\n"
    assert checked(command("db", "path", "--json"))["database"] == {"path": str(expected), "source": "worktree"}
    assert not expected.parent.exists()


@pytest.mark.usefixtures("repository")
def test_path_in_memory(command):
    assert command("db", "path", "--db", ":memory:").out == ":memory:\n"


@pytest.mark.skipif(os.name == "nt", reason="Windows names are text")
def test_a_path_that_is_no_text_is_printed_as_its_bytes_and_quoted_in_json(command, repository):
    name = os.fsdecode(b"caf\xe9\n.db")
    assert command("db", "path", "--db", name).out == f"{repository / name}\n"
    assert checked(command("db", "path", "--json", "--db", name))["database"]["path"].endswith('caf\\351\\n.db"')


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("action", ["info", "verify", "backup"])
def test_what_only_looks_makes_nothing(command, repository, action):
    answer = command("db", action)
    assert (answer.code, answer.out) == (3, "")
    assert "there is no state database" in answer.err
    assert checked(command("db", action, "--json"))["error"]["code"] == "database_missing"
    assert [entry.name for entry in repository.iterdir()] == [".git"]


def test_info_says_what_the_database_is(command, database):
    found = checked(command("db", "info", "--json"))["database"]
    assert (found["path"], found["schema"], found["journal_mode"]) == (str(database), HEAD, "wal")
    assert found["rows"]["runs"] == 1
    assert f"{HEAD} of {HEAD}" in command("db", "info").out


@pytest.mark.usefixtures("repository")
def test_migrate_says_what_it_applied(command):
    assert checked(command("db", "migrate", "--json"))["migration"]["applied"] == list(range(1, HEAD + 1))
    assert checked(command("db", "migrate", "--json"))["migration"]["applied"] == []
    assert "nothing to do" in command("db", "migrate").out


def test_backup_and_restore(command, database, repository):
    answer = checked(command("db", "backup", "--json", "copy.db"))["backup"]
    assert answer["path"] == str(repository / "copy.db")
    assert answer["size"] == (repository / "copy.db").stat().st_size
    with open_state() as state:
        state.runs.begin("pytest")
    restored = checked(command("db", "restore", "--json", "copy.db"))["restored"]
    assert restored["database"] == str(database)
    with open_state() as state:
        assert [run.kind for run in state.runs.list()] == ["check"]
    with open_state(restored["kept"]) as state:
        assert {run.kind for run in state.runs.list(all_worktrees=True)} == {"check", "pytest"}


@pytest.mark.usefixtures("database")
def test_a_backup_beside_the_database_is_listed(command):
    path = command("db", "backup").out.partition(" (")[0]
    assert checked(command("db", "info", "--json"))["database"]["backups"] == [path]


@pytest.mark.usefixtures("database")
def test_a_backup_replaces_nothing(command, repository):
    (repository / "mine").write_text("mine")
    answer = command("db", "backup", "mine")
    assert (answer.code, answer.out) == (2, "")
    assert (repository / "mine").read_text() == "mine"


def test_verify_has_an_exit_code_for_scripts(command, database):
    assert command("db", "verify").code == 0
    assert checked(command("db", "verify", "--json"))["verification"]["ok"] is True
    connection = sqlite3.connect(database)
    connection.executescript("INSERT INTO run_arguments VALUES ('nobody', 0, 'x')")
    connection.close()
    assert command("db", "verify").code == 1
    found = command("db", "verify", "--json")
    assert found.code == 1
    assert "references" in checked(found)["verification"]["problems"][0]


def test_verify_heals_nothing(command, database):
    database.write_bytes(database.read_bytes()[:5000])
    answer = command("db", "verify", "--json")
    assert answer.code == 1
    assert not checked(answer)["verification"]["ok"]
    assert database.stat().st_size == 5000


@pytest.mark.usefixtures("database")
def test_prune_goes_by_the_configuration_unless_it_is_told(command, repository):
    with open_state() as state:
        for age in ("2020", "2021", "2022"):
            run = state.runs.begin("pytest", started_at=f"{age}-01-01T00:00:00.000000Z")
            state.runs.finish(run.id, 0)
    (repository / "pipeline-state.toml").write_text("[retention]\ndays = 30\nruns = 2\n")
    assert checked(command("db", "prune", "--json"))["pruned"]["runs"] == 1
    assert checked(command("db", "prune", "--json", "--keep", "1"))["pruned"]["runs"] == 1
    assert checked(command("db", "prune", "--json", "--keep", "0", "--older-than", "1"))["pruned"]["runs"] == 1
    assert "forgot 0 runs" in command("db", "prune").out
    assert command("db", "prune", "--keep", "-1").code == 2


@pytest.mark.usefixtures("database")
def test_vacuum_says_what_it_gained(command):
    answer = checked(command("db", "vacuum", "--json"))["vacuumed"]
    assert answer["size_after"] > 0
    assert command("db", "vacuum").code == 0


def test_healing_is_said_on_standard_error_only(command, database):
    database.write_text("not a database " * 100)
    answer = command("db", "migrate", "--json")
    assert answer.code == 0
    checked(answer)
    assert "was damaged; it was moved to" in answer.err


@pytest.mark.parametrize("action", ["info", "verify", "migrate", "backup", "prune", "vacuum"])
def test_a_text_file_is_refused_and_untouched(command, repository, action):
    path = repository / "notes.txt"
    path.write_text("notes " * 100)
    answer = command("db", action, "--json", "--db", path)
    assert answer.code == 3
    assert checked(answer)["error"]["code"] == "database_foreign"
    assert len(answer.err.splitlines()) == 1
    assert path.read_text() == "notes " * 100
    assert sorted(entry.name for entry in repository.iterdir()) == [".git", "notes.txt"]


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("action", ["backup", "verify", "vacuum"])
def test_a_state_in_memory_is_no_file(command, action):
    assert command("db", action, "--db", ":memory:").code == 2


@pytest.mark.usefixtures("repository")
def test_an_action_has_to_be_named(command):
    assert command("db").code == 2
    assert command("db", "nothing").code == 2
