"""A detector that is declared in the configuration alone: every word of it is checked, and nothing else is raised."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline_state.checks.declaration import Tool
from pipeline_state.checks.declared import declared_detectors
from pipeline_state.config import Configuration, _configuration, load_configuration
from pipeline_state.config import declaration as declaring
from pipeline_state.config.detector import _KEYS
from pipeline_state.errors import ConfigurationError

LEAST = """
[detector.own]
command = ["own"]
types = ["text"]
format = "sarif"
"""
BY_PATTERN = LEAST.replace('"sarif"', '"pattern"') + "pattern = '(?P<path>.*):(?P<message>.*)'\n"
BY_JSON = LEAST.replace('"sarif"', '"json"') + 'fields = {path = "p", message = "m"}\n'


def read(root: Path, text: str) -> Configuration:
    (root / "pipeline-state.toml").write_text(text, encoding="utf-8")
    return load_configuration(root)


def test_what_is_not_said_is_what_is_safe(tmp_path: Path) -> None:
    configuration = read(tmp_path, LEAST)
    detector = declared_detectors(configuration)["own"]
    assert isinstance(detector.how, Tool)
    assert (detector.scope, detector.title, detector.fixes) == ("never", "own", False)
    assert (detector.how.exit_codes, detector.how.version) == ({0: "clean", 1: "findings"}, ())
    assert detector.how.configuration.where == "upwards"


def test_everything_can_be_said(tmp_path: Path) -> None:
    configuration = read(
        tmp_path,
        BY_PATTERN
        + """
title = "our own"
scope = "file"
configuration = {names = ["own.cfg"], where = "root", user = ["~/.own"]}
exit-codes = {clean = [0, 4], findings = [4, 5], fixed = [0, 6]}
version = ["own", "-V"]
fix = ["own", "--fix"]
environment = {OWN = "1"}
serial = true
alone = true
category = "security"
levels = {Grave = "error"}
default-severity = "note"
first-line = 0
first-column = 0
passed-over = "#.*"
closing = "(?P<count>[0-9]+) found"
stream = "stderr"
""",
    )
    detector = declared_detectors(configuration)["own"]
    tool = detector.how
    assert isinstance(tool, Tool)
    assert (detector.title, detector.scope, detector.types, detector.fixes) == ("our own", "file", {"text"}, True)
    assert tool.exit_codes == {0: "clean", 4: "either", 5: "findings"}
    assert (tool.version, tool.fix, tool.fix_exit_codes) == (("-V",), ("--fix",), (0, 6))
    assert (tool.configuration.names, tool.configuration.where) == (("own.cfg",), "root")
    assert (tool.serial, tool.alone, tool.environment) == (True, True, {"OWN": "1"})


def test_each_change_of_a_declaration_makes_another_version_of_the_detector(tmp_path: Path) -> None:
    texts = [
        LEAST,
        LEAST + 'scope = "file"',
        LEAST + 'title = "x"',
        LEAST + 'category = "style"',
        LEAST + 'environment = {A = "1"}',
        LEAST + "serial = true",
        LEAST + "exit-codes = {clean = [1], findings = [0]}",
        LEAST.replace('"own"]', '"own", "x"]'),
        BY_PATTERN,
        BY_PATTERN.replace(":", "="),
        BY_JSON,
        BY_JSON.replace('"p"', '"q"'),
    ]
    versions = [declared_detectors(read(tmp_path, text))["own"].version for text in texts]
    assert len(set(versions)) == len(texts)
    assert declared_detectors(read(tmp_path, LEAST))["own"].version == versions[0]


def test_words_of_the_command_that_could_be_files_are_looked_at(tmp_path: Path) -> None:
    text = LEAST.replace(
        '["own"]', '["own", "-x", "tools/a.py", "--rules=rules.yml", "/etc/passwd", "/dev/stdin", "--rules"]'
    )
    tool = declared_detectors(read(tmp_path, text))["own"].how
    assert isinstance(tool, Tool)
    assert tool.configuration.in_arguments is not None
    named = tool.configuration.in_arguments(("more.cfg",))
    assert named.paths == ("tools/a.py", "rules.yml", "/etc/passwd", "more.cfg")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[detector.own]\ntypes = ['text']", "own.types can be set only for a detector that the project declares"),
        ("[detector.own]\ncomand = ['own']", "did you mean 'command'"),
        (LEAST.replace('["own"]', "[]"), "must begin with the program"),
        (LEAST.replace('["own"]', '[""]'), "must begin with the program"),
        (LEAST.replace('["own"]', '"own --check"'), "command must be a list of strings, not 'own --check'"),
        (LEAST.replace('types = ["text"]', ""), "needs `files` or `types` beside it"),
        (LEAST.replace('"sarif"', '"junit"'), "format must be one of sarif, checkstyle, json, json-lines, pattern"),
        (LEAST.replace('format = "sarif"', ""), "format must be one of"),
        (LEAST + "pattern = 'x'", "pattern has no meaning for the format sarif"),
        (BY_PATTERN + "fields = {}", "fields has no meaning for the format pattern"),
        (LEAST.replace('"sarif"', '"pattern"'), "pattern must be given"),
        (LEAST.replace('"sarif"', '"json"'), "fields must say where the path of a finding stands"),
        (BY_JSON.replace('message = "m"', 'mesage = "m"'), "did you mean 'message'"),
        (BY_JSON.replace('"m"', "1"), "fields.message must be a string"),
        (LEAST + 'scope = "all"', "scope must be one of file, paths, project, never"),
        (LEAST + 'fix = ["another"]', "fix must begin with 'own', as `command` does"),
        (LEAST + 'version = ["another"]', "version must begin with 'own'"),
        (LEAST + "exit-codes = {clean = ['0']}", "exit-codes.clean must be a list of exit codes"),
        (LEAST + "exit-codes = {clean = [-1]}", "exit-codes.clean must be a list of exit codes"),
        (LEAST + "exit-codes = {clen = [0]}", "did you mean 'clean'"),
        (LEAST + "configuration = ['a/b']", "must be a list of names of files, without folders"),
        (LEAST + "configuration = {name = ['a']}", "did you mean 'names'"),
        (LEAST + "configuration = {where = 'here'}", "configuration.where must be one of upwards, above, root"),
        (LEAST + "environment = {'A=B' = 'x'}", "environment must be a table of variables"),
        (LEAST + "environment = {A = 1}", "environment.A must be a string"),
        (BY_PATTERN + "levels = {x = 'fatal'}", "levels.x must be one of error, warning, note"),
        (BY_PATTERN + "first-line = 2", "first-line must be 0 or 1"),
        (BY_PATTERN + "first-line = true", "first-line must be 0 or 1"),
        (BY_PATTERN + "stream = 'both'", "stream must be one of stdout, stderr"),
        (LEAST + "category = 'bug'", "category must be one of"),
        (BY_PATTERN.replace("(?P<message>.*)", "(?P<message>.*)" + "x" * 5000), "no more than 5000 characters"),
    ],
)
def test_a_wrong_declaration_is_named_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, text)
    assert message in str(caught.value)
    assert len(str(caught.value)) < 2000


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from(
            ["file", "never", "pattern", "json", "json-lines", "sarif", "error", "(?P<path>x)(?P<message>", "["]
        ),
        st.datetimes(),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["path", "message", "clean", "names", ""]), inner)
    ),
    max_leaves=6,
)
RIGHT = {
    "command": ["own", "x"],
    "types": ["text"],
    "format": "pattern",
    "pattern": "(?P<path>.*):(?P<message>.*)",
}


@given(
    st.dictionaries(st.sampled_from((*_KEYS, *declaring.KEYS)), VALUES, max_size=4),
    st.sets(st.sampled_from(tuple(RIGHT)), max_size=1),
    st.text(max_size=5),
)
@settings(max_examples=int(os.environ.get("PIPELINE_STATE_ROUNDS", "100")), deadline=None)
def test_whatever_a_configuration_holds_it_is_read_or_refused(
    table: dict[str, object], without: set[str], name: str
) -> None:
    right = {key: value for key, value in RIGHT.items() if key not in without}
    for one in (table, {**right, **table}, {**right, "per-path": [table]}):
        try:
            configuration = _configuration(Path("pipeline-state.toml"), {"detector": {name: one}})
            declared_detectors(configuration)
        except ConfigurationError as error:
            assert "pipeline-state.toml" in str(error)  # noqa: PT017 - that it is raised is one of two good answers
