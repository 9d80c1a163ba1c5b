"""`pipeline-state runs`: what was recorded, for people and for programs."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import jsonschema
import pytest

from pipeline_state.store.schema import schema_folder

SCHEMA = json.loads((schema_folder() / "runs.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

TESTS = """
import os, pytest

def test_passed(): pass

def test_failed(): assert 1 == 2

@pytest.fixture
def bad(): raise ValueError("no set-up")

def test_bad_setup(bad): pass
"""


def checked(answer):
    """The JSON of an answer, once it is what the schema promises."""
    VALIDATOR.validate(answer.json)
    return answer.json


def record(root, text):
    (root / "test_it.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "--pipeline-state", "-p", "no:cacheprovider"]
    subprocess.run(command, cwd=root, check=False, stdout=subprocess.DEVNULL)


@pytest.fixture
def recorded(repository, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    record(repository, TESTS)
    return repository


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.usefixtures("repository")
def test_no_run_is_an_empty_list(command):
    assert checked(command("runs", "list", "--json")) == {"version": 1, "runs": []}
    assert command("runs", "list").out == ""


@pytest.mark.usefixtures("recorded")
def test_the_latest_run_comes_first(command):
    command("check", "--all-files")
    runs = checked(command("runs", "list", "--json"))["runs"]
    assert [run["kind"] for run in runs] == ["check", "pytest"]
    lines = command("runs", "list").out.splitlines()
    assert [line.split()[0] for line in lines] == [run["id"] for run in runs]


@pytest.mark.usefixtures("recorded")
def test_a_session_shows_what_failed_and_why(command):
    shown = command("runs", "show", "latest")
    assert shown.code == 0
    assert "1 failed, 1 error, 1 passed" in shown.out
    assert "failed  test_it.py::test_failed: assert 1 == 2" in shown.out
    assert "error in setup  test_it.py::test_bad_setup: ValueError: no set-up" in shown.out
    run = checked(command("runs", "show", "latest", "--json"))["run"]
    assert (run["exit_code"], run["pytest"]["collected"]) == (1, 3)
    assert [test["outcome"] for test in run["pytest"]["tests"]] == ["passed", "failed", "error"]


def test_a_killed_session_names_the_test_that_ran(recorded, command):
    record(recorded, "import os\ndef test_1(): pass\ndef test_2(): os.kill(os.getpid(), 9)\ndef test_3(): pass\n")
    shown = command("runs", "show", "latest")
    assert "interrupted in call  test_it.py::test_2" in shown.out
    assert "1 interrupted, 1 passed, 1 not run" in shown.out
    assert checked(command("runs", "show", "latest", "--json"))["run"]["status"] == "interrupted"


def test_a_session_that_goes_on_names_the_test_that_runs(recorded, command):
    (recorded / "test_it.py").write_text(
        "import sys\ndef test_1(): print('ready'); sys.stdout.flush(); sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-qs", "--pipeline-state"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ,
    )
    while b"ready" not in process.stdout.readline():
        pass
    shown = command("runs", "show", "latest")
    process.communicate()
    assert "running  test_it.py::test_1" in shown.out
    assert "passed" in command("runs", "show", "latest").out


def test_a_check_shows_its_detectors_and_findings(recorded, command):
    (recorded / "broken.py").write_text("def f(:\n")
    subprocess.run(["git", "add", "."], cwd=recorded, check=True)
    command("check", "--all-files")
    run = checked(command("runs", "show", "latest", "--json"))["run"]
    assert run["kind"] == "check"
    assert run["check"]["summary"]["findings"] == len(run["check"]["findings"]) > 0
    shown = command("runs", "show", "latest").out
    assert "broken.py:1" in shown
    assert "python-syntax" in shown


@pytest.mark.usefixtures("recorded")
def test_a_run_is_named_by_a_prefix(command):
    [run] = command("runs", "list", "--json").json["runs"]
    assert command("runs", "show", run["id"][:6]).code == 0
    wrong = command("runs", "show", "ffff", "--json")
    assert (wrong.code, wrong.json["error"]["code"]) == (2, "usage")


def test_a_database_is_named_by_its_path(recorded, command):
    database = recorded / ".worktrees" / "pipeline_state.db"
    assert len(command("runs", "list", "--db", database, "--json").json["runs"]) == 1


@pytest.mark.usefixtures("recorded")
def test_two_sessions_are_compared_test_by_test(repository, command):
    record(repository, TESTS.replace("1 == 2", "2 == 2").replace("test_passed(): pass", "test_passed(): assert 0"))
    after, before = (run["id"] for run in checked(command("runs", "list", "--json"))["runs"])
    found = checked(command("runs", "compare", before, after, "--json"))["comparison"]
    names = {kind: [change["node_id"].partition("::")[2] for change in found[kind]] for kind in list(found)[2:]}
    assert names == {
        "newly_failing": ["test_passed"],
        "newly_fixed": ["test_failed"],
        "still_failing": ["test_bad_setup"],
        "added": [],
        "removed": [],
        "changed": [],
    }
    shown = command("runs", "compare", before, "latest").out
    assert "newly failing: 1\n  passed -> failed  test_it.py::test_passed" in shown


@pytest.mark.usefixtures("recorded")
def test_a_session_is_exported_to_a_file_as_a_whole_or_not_at_all(command, tmp_path):
    path = tmp_path / "out" / "junit.xml"
    refused = command("runs", "export", "latest", "--format", "junit", "--output", path)
    assert (refused.code, str(path) in refused.err) == (3, True)
    path.parent.mkdir()
    path.write_text("old")
    assert command("runs", "export", "latest", "--format", "junit", "--output", path).code == 0
    assert path.read_text(encoding="utf-8").startswith('<?xml version="1.0"')
    assert os.listdir(path.parent) == [path.name]
    assert path.stat().st_mode & 0o777 == 0o666 & ~umask()
    assert command("runs", "export", "latest", "--format", "json", "--output", path.parent).code == 3
    assert os.listdir(path.parent) == [path.name]


def umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


@pytest.mark.usefixtures("recorded")
def test_a_session_is_exported_to_standard_output(command):
    exported = command("runs", "export", "latest", "--format", "reportlog")
    assert [json.loads(line)["$report_type"] for line in exported.out.splitlines()][-1] == "SessionFinish"


@pytest.mark.usefixtures("recorded")
def test_only_a_session_of_pytest_is_exported(command):
    command("check", "--all-files")
    [check] = [run for run in command("runs", "list", "--json").json["runs"] if run["kind"] == "check"]
    assert command("runs", "export", check["id"], "--format", "junit").code == 2
    assert command("runs", "export", "latest", "--format", "junit").code == 0
    assert command("runs", "export", "latest").code == 2
