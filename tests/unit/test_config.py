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
        ("jobs = ", "cannot read the configuration"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    write(tmp_path, "pipeline-state.toml", text)
    with pytest.raises(ConfigurationError, match=message) as caught:
        load_configuration(tmp_path)
    assert "pipeline-state.toml" in str(caught.value)
    assert caught.value.exit_code == 2
