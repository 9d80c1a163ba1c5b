"""The environment that a project's own tests run in: its interpreter, and variables that lead to nothing else.

pre-commit starts a hook in an environment of the hook's own, whose programs come first on `PATH`. There the project's
dependencies are missing, so whatever is of the project has to be started with the project's interpreter.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline_state.errors import ConfigurationError, NoEnvironmentError
from pipeline_state.named_tuple import NamedTuple

FOLDERS = (".venv", "venv")
"""Where an environment is looked for, in the root of the worktree."""

_SCRIPTS, _EXECUTABLE = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")

# Bound to the interpreter that they were set for.
_BOUND = ("VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "PYTHONHOME", "PYTHONEXECUTABLE", "__PYVENV_LAUNCHER__")

# Without the current folder, in which a module of the same name would do as well.
_PROBE = """\
import sys
del sys.path[0]
try:
    from importlib.metadata import entry_points
    import pytest
    named = entry_points(group="pytest11")
except Exception as error:
    print(type(error).__name__ + ": " + str(error))
else:
    found = [point for point in named if point.name == "pipeline_state"]
    print("found" if found else "its pytest does not know the plugin of pipeline-state")
"""


class Environment(NamedTuple):
    """An interpreter, and the variables to start it with."""

    interpreter: Path
    variables: Mapping[str, str]


def own_environment(
    root: Path, configured: str | None, environ: Mapping[str, str], foreign: Sequence[str]
) -> Environment:
    """Return the environment of the project at `root`: the configured interpreter, or that of `.venv` or `venv`.

    `foreign` are the folders of programs that have no say there, the hook's own. Raises `ConfigurationError` if the
    configured interpreter is not there, and `NoEnvironmentError` if there is none at all.
    """
    interpreter = find_interpreter(root, configured)
    return Environment(interpreter, variables_for(interpreter, environ, foreign))


def find_interpreter(root: Path, configured: str | None) -> Path:
    """Return the interpreter of the project at `root`; it is not resolved, for a link is what makes an environment."""
    if configured is not None:
        path = root / Path(configured).expanduser()
        if not path.is_file():
            raise ConfigurationError(
                f"cannot start the project's tests: there is no interpreter {path}, as `python` says"
            )
        return path
    looked_for = [root / folder / _SCRIPTS / _EXECUTABLE for folder in FOLDERS]
    for path in looked_for:
        if path.is_file():
            return path
    raise NoEnvironmentError(
        f"cannot start the project's tests: there is neither {looked_for[0]} nor {looked_for[1]}, and the hook's own "
        "environment has not what they need; make one of them, or name an interpreter with `python` in "
        "[tool.pipeline-state]"
    )


def variables_for(interpreter: Path, environ: Mapping[str, str], foreign: Sequence[str]) -> dict[str, str]:
    """Return the variables as they are where the interpreter's environment is active, and no other one."""
    variables = {name: value for name, value in environ.items() if name not in _BOUND}
    scripts = interpreter.parent
    unwanted = {os.path.normcase(folder) for folder in foreign}
    folders = [
        each for each in environ.get("PATH", os.defpath).split(os.pathsep) if os.path.normcase(each) not in unwanted
    ]
    if (scripts.parent / "pyvenv.cfg").is_file():
        variables["VIRTUAL_ENV"] = str(scripts.parent)
    variables["PATH"] = os.pathsep.join([str(scripts), *folders])
    return variables


def require_plugin(environment: Environment) -> None:
    """Raise `NoEnvironmentError` unless the interpreter has pytest and our plugin, with what to do about it."""
    import subprocess

    interpreter = environment.interpreter
    try:
        done = subprocess.run(
            [interpreter, "-c", _PROBE],
            env=dict(environment.variables),
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="backslashreplace",
        )
    except OSError as error:
        raise NoEnvironmentError(f"cannot start the project's tests with {interpreter}: {error.strerror}") from error
    answer = done.stdout.strip()
    if done.returncode == 0 and answer == "found":
        return
    why = answer or done.stderr.strip().rpartition("\n")[2] or f"it ended with {done.returncode}"
    raise NoEnvironmentError(
        f"cannot start the project's tests with {interpreter}: {why}; install pytest and pipeline-state there, with "
        f"`{interpreter} -m pip install`, from where the hook has it"
    )
