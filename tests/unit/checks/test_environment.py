"""The environment that tools are started in."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pipeline_state.checks.environment import CONSTANT, tool_environment


def test_nothing_of_the_callers_environment_passes_but_places():
    environment = tool_environment({"HOME": os.path.abspath("/home"), "RUFF_CONFIG": "x", "PATH": "/evil"}, {"A": "b"})
    assert environment == {**CONSTANT, "HOME": os.path.abspath("/home"), "A": "b"}


@pytest.mark.skipif(sys.platform == "win32", reason="accounts")
@pytest.mark.parametrize("environ", [{}, {"HOME": ""}, {"HOME": "relative"}])
def test_a_home_folder_that_is_not_named_is_that_of_the_account(environ):
    """Tools look it up by themselves, as ruff was seen to do; what is not named could not be watched."""
    import pwd

    assert tool_environment(environ, {})["HOME"] == pwd.getpwuid(os.getuid()).pw_dir


def test_a_place_that_is_no_absolute_path_is_left_out():
    assert "XDG_CONFIG_HOME" not in tool_environment({"XDG_CONFIG_HOME": "here"}, {})


def test_a_tool_in_python_says_the_same_of_the_same_each_time():
    command = [sys.executable, "-c", "print(set('abcdefgh'))"]
    environment = {**tool_environment(os.environ, {}), "PATH": os.environ["PATH"]}
    said = {subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout for _ in range(4)}
    assert len(said) == 1
