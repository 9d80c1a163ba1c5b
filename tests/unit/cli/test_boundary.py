"""Whatever happens in a command ends with a documented exit code and one line, never with a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline_state import errors
from pipeline_state.cli.boundary import guarded


def every_error(base=errors.PipelineStateError):
    return [base, *(one for child in base.__subclasses__() for one in every_error(child))]


def raising(error):
    def command():
        raise error

    return command


@pytest.mark.parametrize("code", [0, 1])
def test_what_a_command_returns_is_the_exit_code(capsys, code):
    assert guarded(lambda: code, wants_json=True) == code
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("kind", every_error())
@pytest.mark.parametrize("wants_json", [False, True])
def test_every_error_of_ours_is_one_line_and_its_exit_code(capsys, kind, wants_json):
    assert guarded(raising(kind("what, why, and what to do")), wants_json=wants_json) == kind.exit_code
    out, err = capsys.readouterr()
    assert err == "pipeline-state: what, why, and what to do\n"
    if wants_json:
        assert json.loads(out) == {"version": 1, "error": {"code": kind.code, "message": "what, why, and what to do"}}
    else:
        assert out == ""


def test_every_error_has_a_code_of_its_own_and_a_documented_exit_code():
    codes = [kind.code for kind in every_error()]
    assert len(set(codes)) == len(codes)
    assert {kind.exit_code for kind in every_error()} <= {1, 2, 3}


@pytest.mark.parametrize(
    ("error", "exit_code", "code"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (PermissionError(13, "Permission denied", "/x"), 3, "system"),
        (OSError("no number"), 3, "system"),
    ],
)
def test_what_is_not_ours_has_a_documented_exit_code_too(capsys, error, exit_code, code):
    assert guarded(raising(error), wants_json=True) == exit_code
    out, err = capsys.readouterr()
    assert json.loads(out)["error"]["code"] == code
    assert err.count("\n") == 1


def test_a_defect_is_one_line_that_names_the_log_with_its_traceback(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert guarded(raising(ZeroDivisionError("oh no\n\udcff")), wants_json=False) == 3
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "unexpected ZeroDivisionError: oh no" in err
    log = Path(err.split()[-1])
    assert log.parent == tmp_path
    assert "Traceback" in log.read_text()


@pytest.mark.parametrize("message", ["two\nlines", "carriage\rreturn", "caf\udce9", "\x1b[31m", "☃"])
def test_a_message_is_one_line_that_a_terminal_shows_as_it_is(capsys, message):
    assert guarded(raising(errors.UsageError(message)), wants_json=True) == 2
    out, err = capsys.readouterr()
    assert err[:-1].isprintable()
    assert json.loads(out)["error"]["message"]


def test_a_reader_that_went_away_is_no_traceback(tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "pipeline_state", "status"],
        cwd=tmp_path,
        env={**os.environ, "PIPELINE_DB_PATH": ":memory:"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(30) in (0, 3)
