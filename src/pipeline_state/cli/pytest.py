"""The project's own tests, recorded: pytest in the project's environment, not in the one that this command is in."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `pipeline-state pytest` understands."""
    parser.add_argument("arguments", nargs="*", metavar="ARGUMENT", help="of pytest; begin with -- if any has a dash")


def run(arguments: argparse.Namespace) -> int:
    """Run pytest and return its exit code."""
    from pipeline_state.config import load_configuration
    from pipeline_state.location import find_worktree
    from pipeline_state.precommit.own_environment import own_environment, require_plugin

    root = Path(find_worktree().root)
    # Only of an environment: the folder of the system's Python holds everything else, too.
    foreign = [os.path.dirname(sys.executable)] if sys.prefix != sys.base_prefix else []
    environment = own_environment(root, load_configuration(root).python, os.environ, foreign)
    require_plugin(environment)
    command = [str(environment.interpreter), "-m", "pytest", "--pipeline-state", *arguments.arguments]
    if sys.platform == "win32":  # where a program cannot become another one
        import subprocess

        return subprocess.call(command, env=dict(environment.variables))
    return _become(command, environment.variables)


def _become(command: list[str], variables: Mapping[str, str]) -> NoReturn:
    """Go on as another program: to wait for it would mean to pass on signals, and to have a say in its exit code."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(command[0], command, variables)  # noqa: S606 - no shell, on purpose
