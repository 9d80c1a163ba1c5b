"""The entry point: which words are commands, which mean JSON, and what comes of wrong ones."""

from __future__ import annotations

import json

import pytest

from pipeline_state.cli.main import COMMANDS, main


def test_without_a_command_the_help_is_shown_and_nothing_was_done(capsys):
    assert main([]) == 2
    shown = capsys.readouterr().out
    assert [name for name in COMMANDS if name not in shown] == []


def test_a_command_that_is_misspelt_names_the_nearest(capsys):
    assert main(["chekc"]) == 2
    assert "did you mean check?" in capsys.readouterr().err


def test_an_unknown_option_is_one_line_on_standard_error(capsys):
    assert main(["check", "--al-files"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "pipeline-state check --help" in captured.err


@pytest.mark.parametrize("words", [["--json"], ["--format", "json"], ["--format=json"]])
def test_with_json_asked_for_a_failure_is_an_envelope_alone_on_standard_output(capsys, words):
    assert main(["check", "--bogus", *words]) == 2
    envelope = json.loads(capsys.readouterr().out)
    assert envelope["version"] == 1
    assert envelope["error"]["code"] == "usage"


def test_a_file_that_is_named_like_the_option_does_not_ask_for_json(capsys):
    assert main(["check", "--bogus", "--", "--json"]) == 2
    assert capsys.readouterr().out == ""


def test_the_version_is_the_distributions(capsys):
    from importlib.metadata import version

    assert main(["--version"]) == 0
    assert capsys.readouterr().out.split() == ["pipeline-state", version("pipeline-state")]
