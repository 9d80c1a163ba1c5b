"""The forms of the report, of a real check of files with strange names: each name is told, and found again."""

from __future__ import annotations

import io
import json
import os
import re
from pathlib import Path
from urllib.parse import unquote_to_bytes

import jsonschema
import pytest
from junitparser import JUnitXml

from pipeline_state.store.storable import real_path, storable_path

SARIF = json.loads((Path(__file__).parents[2] / "data/sarif/sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
NAMES = [
    b"a b.txt",
    b"two\nlines.txt",
    b"caf\xe9.txt",
    b"-dash.txt",
    b"100%,a:b.txt",
    b'"q".txt',
    b"<&]]>.txt",
    "漢.txt".encode(),
]


@pytest.fixture
def strange(repository, git):
    """A repository in which each file has one finding."""
    for name in NAMES:
        (repository / os.fsdecode(name)).write_text("white space \n")
    git(repository, "add", ".")
    return {storable_path(os.fsdecode(name)) for name in NAMES}


def test_sarif_leads_to_each_file(command, strange):
    document = command("check", "--format", "sarif").json
    jsonschema.Draft7Validator(SARIF).validate(document)
    (run,) = document["runs"]
    places = [one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]]
    assert {unquote_to_bytes(uri) for uri in places} == set(NAMES)
    assert {one["ruleId"] for one in run["results"]} == {"trailing-whitespace/trailing-whitespace"}
    assert {one["name"] for one in run["tool"]["extensions"]} >= {"trailing-whitespace", "end-of-file"}
    assert run["invocations"][0]["executionSuccessful"]
    assert len(strange) == len(NAMES)


def test_junit_has_each_file_under_each_detector(command, strange):
    for _ in range(2):  # judged, and then recalled
        answer = command("check", "--all-files", "--format", "junit")
        read = JUnitXml.fromroot(JUnitXml.fromfile(io.BytesIO(answer.out.encode("utf-8")))._elem)
        failed = {suite.name: {case.name for case in suite if not case.is_passed} for suite in read}
        assert {name: cases for name, cases in failed.items() if cases} == {"trailing-whitespace": shown(strange)}
        assert {suite.name: suite.tests for suite in read}["end-of-file"] == len(NAMES)


def shown(paths):
    """XML gives line ends and tabs back as they were; what it cannot hold is escaped."""
    return {path if path.isprintable() or "\n" in path else repr(path)[1:-1] for path in paths}


def test_github_names_each_file(command, strange):
    lines = command("check", "--format", "github").out.splitlines()
    files = {
        re.match(r"::warning file=([^,:]*),|::error file=([^,:]*),|::notice file=([^,:]*),", line) for line in lines
    }
    assert len(files) == len(NAMES)
    assert all(line.count("::") >= 2 for line in lines)
    assert len(strange) == len(NAMES)


def test_json_names_each_file(command, strange):
    found = command("check", "--json").json["findings"]
    assert {one["path"] for one in found} == strange
    assert {os.fsencode(real_path(one["path"])) for one in found} == set(NAMES)


def test_a_file_that_was_not_judged_is_no_test_that_passed(command, repository, git):
    (repository / "a.py").write_text("a = 1\n")
    git(repository, "add", ".")
    (repository / "a.py").write_text("a = 2\n")
    answer = command("check", "--staged", "--format", "junit")
    (case,) = [case for suite in JUnitXml.fromstring(answer.out.encode()) for case in suite]
    assert (answer.code, case.name, case.result[0].type) == (3, "a.py", "not judged")


def test_each_form_has_what_a_fixer_repaired(command, repository):
    for form, said in (("github", "fixed ["), ("junit", 'type="fixed"'), ("json", '"fixed"'), ("text", "fixed [")):
        (repository / "a.txt").write_text("white space \n")
        answer = command("check", "--fix", "--format", form)
        assert answer.code == 1
        assert said in answer.out
