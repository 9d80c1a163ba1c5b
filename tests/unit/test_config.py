"""The configuration: read strictly, wrong values named with their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline_state.config import BUILT_IN, Configuration, load_configuration
from pipeline_state.errors import ConfigurationError


def write(root: Path, name: str, text: str) -> None:
    (root / name).write_text(text, encoding="utf-8")


def test_without_configuration_the_built_in_detectors_run(tmp_path: Path) -> None:
    assert load_configuration(tmp_path) == Configuration()
    assert load_configuration(tmp_path).detectors == (BUILT_IN,)


def test_both_files_can_hold_the_configuration(tmp_path: Path) -> None:
    write(
        tmp_path,
        "pyproject.toml",
        '[tool.pipeline-state]\ndetectors = ["json"]\n[tool.pipeline-state.detector.ruff]\nargs = ["-x"]\n',
    )
    assert load_configuration(tmp_path).detectors == ("json",)
    assert load_configuration(tmp_path).of("ruff").args == ("-x",)
    (tmp_path / "pyproject.toml").unlink()
    write(tmp_path, "pipeline-state.toml", 'detectors = ["toml"]\nretention = {days = 3}\n')
    assert load_configuration(tmp_path).detectors == ("toml",)
    assert load_configuration(tmp_path).retention.days == 3


def test_two_configurations_at_once_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", "[tool.pipeline-state]\n")
    write(tmp_path, "pipeline-state.toml", "")
    with pytest.raises(ConfigurationError, match="keep one"):
        load_configuration(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('detector = ["json"]', "detector must be a table"),
        ('detectrs = ["json"]', "did you mean 'detectors'"),
        ("[detector.ruff]\ntimeout = 3", "did you mean 'timeout_s'"),
        ('detectors = "json"', "detectors must be a list of strings"),
        ("detectors = [1]", "detectors must be a list of strings"),
        ("jobs = 0", "jobs must be a whole number from 1"),
        ("jobs = true", "jobs must be a whole number from 1"),
        ("[detector.ruff]\ntimeout_s = inf", "must be a number of seconds"),
        ("[detector.ruff]\noptional = 1", "must be true or false"),
        ("[detector]\nruff = 1", "detector.ruff must be a table"),
        ('fail-on = "all"', "fail-on must be one of error, warning, note, not 'all'"),
        ('fail_on = "error"', "did you mean 'fail-on'"),
        ("retention = 3", "retention must be a table"),
        ('[detector.ruff]\nseverity = "note"', "detector.ruff.severity must be a table"),
        ('[detector.ruff.severity]\nF = "off"', "detector.ruff.severity.F must be one of error, warning, note"),
        ("[detector.ruff.severity]\nF = []", "detector.ruff.severity.F must be one of error, warning, note"),
        ('[detector.ruff.per-path]\nfiles = ["a"]', r"per-path must be a list of tables, each under \[\[…per-path\]\]"),
        ("[[detector.ruff.per-path]]\nskip = true", "per-path.1.files must say which files"),
        ("[[detector.ruff.per-path]]\nfiles = []", "per-path.1.files must say which files"),
        ('[[detector.ruff.per-path]]\nfiles = ["a"]\nargs = "-x"', "per-path.1.args must be a list of strings"),
        ('[[detector.ruff.per-path]]\nfiles = ["a"]\ntimout_s = 1', "did you mean 'timeout_s'"),
        ('[[detector.ruff.per-path]]\nfiles = ["a"]\ntimeout_s = 0', "per-path.1.timeout_s must be a number"),
        ('[[detector.ruff.per-path]]\nfiles = ["a"]\noptional = "no"', "per-path.1.optional must be true or false"),
        ('"" = 1', "unknown key ''"),
        ("jobs = 1" + "0" * 5000, "cannot read the configuration|must be a whole number"),
        ("jobs = " + "[" * 5000, "cannot read the configuration"),
        ('detectors = ["a\\u0000b"]', "detectors must be a list of strings"),
        ("jobs = ", "cannot read the configuration"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    write(tmp_path, "pipeline-state.toml", text)
    with pytest.raises(ConfigurationError, match=message) as caught:
        load_configuration(tmp_path)
    assert "pipeline-state.toml" in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("text", ["tool = 3", "[[tool]]\nx = 1", '[tool]\npipeline-state-of-another = ""'])
def test_a_project_that_configures_something_else_configures_nothing(tmp_path: Path, text: str) -> None:
    write(tmp_path, "pyproject.toml", f"# pipeline-state\n{text}\n")
    assert load_configuration(tmp_path) == Configuration()


def test_a_configuration_that_is_no_table_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", "tool.pipeline-state = 3\n")
    with pytest.raises(ConfigurationError, match=r"\[tool.pipeline-state\] must be a table"):
        load_configuration(tmp_path)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "pipeline-state.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="cannot read the configuration"):
        load_configuration(tmp_path)


def test_a_message_repeats_no_value_of_any_length(tmp_path: Path) -> None:
    write(tmp_path, "pipeline-state.toml", f'jobs = "{"x" * 100_000}"')
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(tmp_path)
    assert len(str(caught.value)) < 1000


def test_each_of_the_six_settings_can_be_made_for_a_detector_and_for_some_of_its_files(tmp_path: Path) -> None:
    settings = """\
files = ["*.py"]
exclude = ["data"]
args = ["--x"]
severity = {F401 = "note"}
optional = true
timeout_s = 5
"""
    write(
        tmp_path,
        "pipeline-state.toml",
        f"[detector.ruff]\n{settings}\n[[detector.ruff.per-path]]\n{settings}skip = true",
    )
    of_all = load_configuration(tmp_path).of("ruff")
    (of_some,) = of_all.per_path
    for one in (of_all, of_some):
        assert (one.files, one.exclude, one.args) == (("*.py",), ("data",), ("--x",))
        assert (one.severity, one.optional, one.timeout_s) == ({"F401": "note"}, True, 5.0)
    assert of_some.skip


def test_what_is_not_said_of_some_files_is_left_open(tmp_path: Path) -> None:
    write(tmp_path, "pipeline-state.toml", '[[detector.ruff.per-path]]\nfiles = ["a"]')
    (entry,) = load_configuration(tmp_path).of("ruff").per_path
    assert (entry.args, entry.optional, entry.timeout_s, entry.skip) == (None, None, None, False)
