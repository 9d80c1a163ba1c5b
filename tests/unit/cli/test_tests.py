"""`pipeline-state tests`: what is known of tests over all sessions."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import jsonschema
import pytest

from pipeline_state.store.schema import schema_folder

SCHEMA = json.loads((schema_folder() / "tests.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
TESTS = """
import os, time

def test_slow(): time.sleep(0.05)

def test_flaky(): assert "GOOD" in os.environ

def test_broken(): assert 0
"""


@pytest.fixture
def recorded(repository, tmp_path, monkeypatch):
    """Two sessions in one state, in which one test comes out differently."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    (repository / "test_it.py").write_text(TESTS)
    words = [sys.executable, "-m", "pytest", "-q", "--pipeline-state", "-p", "no:cacheprovider"]
    for more in ({}, {"GOOD": "1"}):
        subprocess.run(words, cwd=repository, check=False, stdout=subprocess.DEVNULL, env={**os.environ, **more})
    return repository


def rows(answer):
    VALIDATOR.validate(answer.json)
    return answer.json["tests"]


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.usefixtures("recorded")
def test_what_is_known_of_tests(command):
    [flaky] = rows(command("tests", "flaky", "--json"))
    assert (flaky["node_id"], flaky["outcomes"]) == ("test_it.py::test_flaky", {"failed": 1, "passed": 1})
    assert "test_it.py::test_flaky  1 failed, 1 passed" in command("tests", "flaky").out

    slowest = rows(command("tests", "slowest", "--json"))
    assert (slowest[0]["node_id"], len(slowest)) == ("test_it.py::test_slow", 3)
    assert len(command("tests", "slowest", "--limit", 1).out.splitlines()) == 1

    [failing] = rows(command("tests", "failing", "--json"))
    assert (failing["node_id"], failing["outcome"]) == ("test_it.py::test_broken", "failed")
    assert "test_it.py::test_broken" in command("tests", "failing").out

    past = rows(command("tests", "history", "test_it.py::test_flaky", "--json"))
    assert [attempt["outcome"] for attempt in past] == ["passed", "failed"]
    place, latest, first = command("tests", "history", "test_it.py::test_flaky").out.splitlines()
    assert place == f"test_it.py:{past[0]['line']}"
    assert ("passed" in latest, "failed" in first) == (True, True)


@pytest.mark.usefixtures("recorded")
def test_durations_are_of_each_test(command, tmp_path):
    path = tmp_path / "durations.json"
    assert command("tests", "durations", "--output", path).code == 0
    durations = json.loads(path.read_text())
    VALIDATOR.validate(durations)
    assert durations["durations"]["test_it.py::test_slow"] >= 0.05
    assert len(durations["durations"]) == 3
    assert command("tests", "durations").json == durations
    assert command("tests", "durations", "--output", tmp_path / "no" / "file").code == 3


@pytest.mark.usefixtures("repository")
def test_before_any_session_there_is_nothing(command):
    for action in ("flaky", "slowest", "failing"):
        assert rows(command("tests", action, "--json")) == []
    assert command("tests", "durations").json["durations"] == {}
    assert command("tests", "history", "test_x.py::test_1").code == 2
