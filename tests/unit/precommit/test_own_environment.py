"""Which interpreter a project's tests are started with, and with which variables."""

from __future__ import annotations

import os

import pytest

from pipeline_state.errors import ConfigurationError, NoEnvironmentError
from pipeline_state.precommit.own_environment import find_interpreter, variables_for

SCRIPTS, PYTHON = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")


@pytest.fixture
def make(tmp_path):
    def make(name):
        path = tmp_path / name / SCRIPTS / PYTHON
        path.parent.mkdir(parents=True)
        path.touch()
        return path

    return make


def test_the_configured_interpreter_comes_first_then_dot_venv_then_venv(tmp_path, make):
    last = make("venv")
    assert find_interpreter(tmp_path, None) == last
    second = make(".venv")
    assert find_interpreter(tmp_path, None) == second
    first = make("elsewhere")
    assert find_interpreter(tmp_path, f"elsewhere/{SCRIPTS}/{PYTHON}") == first
    assert find_interpreter(tmp_path / ".venv", str(first)) == first


def test_a_dot_venv_that_is_no_environment_is_passed_over(tmp_path, make):
    (tmp_path / ".venv").write_text("the name of an environment elsewhere\n")
    other = make("venv")
    assert find_interpreter(tmp_path, None) == other


def test_a_configured_interpreter_that_is_not_there_is_an_error_and_nothing_else_is_taken(tmp_path, make):
    make(".venv")
    with pytest.raises(ConfigurationError, match=r"there is no interpreter .*gone"):
        find_interpreter(tmp_path, "gone/python")


def test_without_any_the_message_says_what_to_do(tmp_path):
    with pytest.raises(NoEnvironmentError, match=r"neither .*\.venv.* nor .*venv.*; make one of them, or name"):
        find_interpreter(tmp_path, None)


def test_the_hooks_environment_is_left_and_the_projects_entered(tmp_path, make):
    interpreter = make(".venv")
    (tmp_path / ".venv" / "pyvenv.cfg").touch()
    environ = {
        "PATH": os.pathsep.join(["/hook/bin", "/usr/bin", "/hook/bin"]),
        "VIRTUAL_ENV": "/hook",
        "PYTHONHOME": "/hook",
        "GIT_DIR": "left to the guard, which says so",
    }
    assert variables_for(interpreter, environ, ["/hook/bin"]) == {
        "PATH": os.pathsep.join([str(interpreter.parent), "/usr/bin"]),
        "VIRTUAL_ENV": str(tmp_path / ".venv"),
        "GIT_DIR": "left to the guard, which says so",
    }


def test_an_interpreter_that_is_in_no_environment_activates_none(make):
    assert "VIRTUAL_ENV" not in variables_for(make("python"), {"VIRTUAL_ENV": "/hook"}, [])
