"""Which detectors there are, what was found of each, and where it was looked for."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
import sysconfig
from contextlib import closing
from pathlib import Path

import jsonschema
import pytest

from pipeline_state.checks import registry
from pipeline_state.checks.inventory import inventory, with_versions
from pipeline_state.checks.registry import shipped_detectors
from pipeline_state.config import load_configuration
from pipeline_state.store.schema import schema_folder
from pipeline_state.store.state import open_state

SCHEMA = json.loads((schema_folder() / "detectors.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
DECLARED = """
[detector.own]
command = ["own", "--check"]
files = ["*.txt"]
format = "sarif"
"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="modes, and the places of programs")


@pytest.fixture
def repository(repository, monkeypatch):
    """A repository, in an environment in which no tool is found but those beside this interpreter."""
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    for name in ("VIRTUAL_ENV", "PRE_COMMIT"):
        monkeypatch.delenv(name, raising=False)
    (repository / ".gitignore").write_text(".worktrees/\n")
    return repository


@pytest.fixture
def configure(repository):
    return (repository / "pipeline-state.toml").write_text


@pytest.fixture
def show(command):
    def show(name):
        answer = command("detectors", "show", name, "--json")
        VALIDATOR.validate(answer.json)
        assert answer.code == 0
        return answer.json["detector"]

    return show


def program(path, text="#!/bin/sh\necho own 1.2.3\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.fixture
def few(monkeypatch):
    """Lets pipeline-state know few detectors: to ask all tools for their versions takes seconds."""
    known = shipped_detectors()
    monkeypatch.setattr(registry, "_BUILT_IN", dict.fromkeys(("json", "large-file")))
    monkeypatch.setattr(registry, "_SHIPPED", {name: known[name] for name in ("json", "large-file", "ruff")})


@pytest.mark.usefixtures("few")
def test_all_are_listed_with_what_was_found_of_each(configure, command):
    configure('detectors = ["json", "ruff"]\n')
    answer = command("detectors", "list", "--json")
    assert answer.code == 0
    VALIDATOR.validate(answer.json)
    known = {one["id"]: one for one in answer.json["detectors"]["known"]}
    assert [name for name, one in known.items() if one["enabled"]] == ["json", "ruff"]
    assert known["json"]["tool"] is None
    assert known["ruff"]["tool"]["version"].count(".") == 2
    text = command("detectors", "list").out
    assert "on   json        built in\n" in text
    assert "off  large-file  built in\n" in text
    assert f"on   ruff        {known['ruff']['tool']['version']}  {sysconfig.get_path('scripts')}/ruff\n" in text


def test_every_shipped_detector_can_be_told_of(repository):
    found = inventory(repository, load_configuration(repository), {"PATH": "/usr/bin"})
    assert [one.detector.id for one in found.known] == list(shipped_detectors())
    assert found.failures == ()


def test_a_tool_is_shown_with_the_places_in_which_it_was_looked_for(repository, configure, show):
    configure('detectors = ["own"]\n' + DECLARED)
    missing = show("own")
    assert missing["origin"] == "configuration"
    assert missing["files"] == ["*.txt"]
    assert (missing["tool"]["path"], missing["tool"]["version"]) == (None, None)
    assert "own is missing: not in the project's virtual environment" in missing["tool"]["missing"]
    beside = [f"{Path(sys.prefix, 'bin', 'own')}", "/usr/bin/own", "/bin/own"]
    assert missing["tool"]["looked"] == [".venv/bin/own", "venv/bin/own", *beside]
    program(repository / "venv/bin/own")
    assert show("own")["tool"]["path"] == "venv/bin/own"
    program(repository / ".venv/bin/own")
    assert show("own")["tool"]["path"] == ".venv/bin/own"


def test_the_order_of_the_places_is_another_one_under_pre_commit(configure, show, monkeypatch):
    configure('detectors = ["own"]\n' + DECLARED)
    monkeypatch.setenv("PRE_COMMIT", "1")
    assert show("own")["tool"]["looked"][:2] == [f"{Path(sys.prefix, 'bin', 'own')}", ".venv/bin/own"]


def test_a_configured_path_is_the_only_place(repository, configure, show):
    configure(f'detectors = ["own"]\n{DECLARED}path = "tools/mine"\nversion = ["own", "--version"]\n')
    assert show("own")["tool"]["looked"] == ["tools/mine"]
    program(repository / "tools/mine")
    assert show("own")["tool"]["version"] == "1.2.3"


def test_why_verdicts_are_not_used_again_is_said(repository, configure, show):
    configure(f'detectors = ["own"]\n{DECLARED}')
    program(repository / ".venv/bin/own")
    assert (show("own")["reused"], show("own")["reason"]) == (False, "its verdicts depend on more than can be seen")
    configure(f'detectors = ["own"]\n{DECLARED}scope = "file"\n')
    assert "declare in `inputs`" in show("own")["reason"]
    configure(f'detectors = ["own"]\n{DECLARED}scope = "file"\ninputs = []\n')
    assert (show("own")["reused"], show("own")["reason"]) == (True, None)


def test_what_differs_for_some_of_the_files_is_shown(configure, show, command):
    configure(
        f"""detectors = ["own"]
{DECLARED}inputs = ["rules.cfg"]
severity = {{A1 = "note"}}
[[detector.own.per-path]]
files = ["tests"]
exclude = ["tests/data"]
args = ["--lax"]
severity = {{"*" = "warning"}}
optional = true
timeout_s = 5
[[detector.own.per-path]]
files = ["vendor"]
skip = true
"""
    )
    facts = show("own")
    assert (facts["inputs"], facts["severity"], facts["timeout_s"]) == (["rules.cfg"], {"A1": "note"}, 300.0)
    first, second = facts["per_path"]
    assert (first["args"], first["optional"], second["args"], second["skip"]) == (["--lax"], True, None, True)
    text = command("detectors", "show", "own").out
    assert "weights      A1 note\n" in text
    assert "for tests    but not tests/data; arguments --lax; weights * warning; optional; 5 s\n" in text
    assert "for vendor   skipped\n" in text


def test_a_version_is_asked_for_once_and_again_when_the_tool_is_another_one(repository):
    with open_state() as state:
        tool = shutil.which("ruff", path=sysconfig.get_path("scripts"))
        if tool is None:
            pytest.skip("ruff is not installed")
        found = inventory(repository, load_configuration(repository), {})
        (ruff,) = [one for one in found.known if one.detector.id == "ruff"]
        learnt = []
        known = with_versions([ruff], repository, state.tools.version, lambda *said: learnt.append(said))
        assert [version for _, version in learnt] == [known[0].version]
        remembered = with_versions([ruff], repository, lambda digest: dict(learnt).get(digest), pytest.fail)
        assert remembered == known


def test_a_tool_that_tells_no_version_says_why(repository, configure, show, command):
    configure(f'detectors = ["own"]\n{DECLARED}version = ["own", "--version"]\n')
    program(repository / ".venv/bin/own", "#!/bin/sh\necho broken >&2\nexit 3\n")
    assert show("own")["tool"]["version"] is None
    assert "exit code 3, outside of its contract: broken" in show("own")["tool"]["unsaid"]
    assert "exit code 3" in command("detectors", "show", "own").out


def test_what_a_project_says_is_printed_so_that_no_terminal_obeys_it(configure, command):
    configure(f'detectors = ["own"]\n{DECLARED}title = "\\u001b[2J\\n"\n')
    text = command("detectors", "show", "own").out
    assert "\x1b" not in text
    assert r"what it is   \x1b[2J\n" in text


def test_an_unknown_id_is_wrong_usage_and_the_nearest_is_named(command):
    answer = command("detectors", "show", "jsn")
    assert answer.code == 2
    assert "there is no detector 'jsn'; did you mean 'json'?" in answer.err


def test_wrong_configuration_is_named(configure, command):
    configure('detectors = ["jsn"]\n')
    answer = command("detectors", "list")
    assert (answer.code, answer.out) == (2, "")
    assert "detectors names 'jsn', which nobody declares; did you mean 'json'?" in answer.err


@pytest.fixture
def broken(tmp_path, monkeypatch):
    """An installed distribution whose plugin cannot be loaded."""
    info = tmp_path / "plugins/broken-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[pipeline_state]\nbroken = no_such_module\n")
    monkeypatch.syspath_prepend(info.parent)


@pytest.mark.usefixtures("few", "broken", "repository")
def test_a_plugin_that_cannot_be_loaded_is_named_and_exit_code_3(command):
    answer = command("detectors", "list", "--json")
    assert answer.code == 3
    (failure,) = answer.json["detectors"]["failures"]
    assert failure["plugin"] == "broken of broken"
    assert "No module named 'no_such_module'" in failure["message"]
    assert "the plugin broken of broken cannot be loaded" in answer.err


@pytest.mark.usefixtures("broken", "few")
def test_a_detector_that_a_broken_plugin_may_have_brought_is_in_trouble_and_the_others_are_heard(
    repository, configure, command
):
    configure('detectors = ["of-the-plugin", "json"]\n[detector.of-the-plugin]\nargs = ["-x"]\n')
    (repository / "a.json").write_text("{")
    answer = command("check", "--json")
    assert answer.code == 3
    assert [one["detector"] for one in answer.json["findings"]] == ["json"]
    errors = {one["detector"]: one["message"] for one in answer.json["errors"]}
    assert errors["of-the-plugin"] == "is not known; a plugin that may bring it could not be loaded"
    assert errors[None].startswith("the plugin broken of broken cannot be loaded: ModuleNotFoundError")
    alone = command("check", "--detector", "of-the-plugin")
    assert (alone.code, "of-the-plugin: is not known" in alone.err) == (3, True)
    assert command("detectors", "list", "--json").code == 3


@pytest.mark.usefixtures("few")
def test_without_a_database_the_tools_are_asked(repository, command):
    (repository / ".worktrees").mkdir()
    with closing(sqlite3.connect(repository / ".worktrees/pipeline_state.db")) as another:
        another.execute("CREATE TABLE of_somebody_else (x)")
    answer = command("detectors", "show", "ruff", "--json")
    assert answer.code == 0
    assert answer.json["detector"]["tool"]["version"]
    assert "going on without it" in answer.err
