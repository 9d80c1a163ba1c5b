"""Keeps what Git and we left in the environment away from the tests.

Inside a Git hook the variables of `git.environment` name the user's repository: a test that runs `git commit` in its
own folder would commit there. `PIPELINE_DB_PATH` names the user's real state.
"""

from __future__ import annotations

from collections.abc import MutableMapping

from pipeline_state.git.environment import REPOSITORY_VARIABLES

STATE_VARIABLE = "PIPELINE_DB_PATH"


def take_out(environ: MutableMapping[str, str]) -> dict[str, str]:
    """Remove the variables that bind a process to a repository or to a state database; return what was removed."""
    names = sorted(name for name in environ if name in REPOSITORY_VARIABLES or name == STATE_VARIABLE)
    return {name: environ.pop(name) for name in names}


def put_back(environ: MutableMapping[str, str], removed: dict[str, str]) -> None:
    """Restore what `take_out` removed."""
    environ.update(removed)
