"""Reads a state, and tries to write it, as a user who may not; prints what came of it.

Usage: read_only.py DATABASE. Where it is started by root, it becomes `nobody` first.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from pipeline_state.errors import PipelineStateError
from pipeline_state.location import Location
from pipeline_state.store import retention
from pipeline_state.store.backup import back_up
from pipeline_state.store.state import open_at


def attempt(action):
    try:
        action()
    except PipelineStateError as error:
        return type(error).__name__
    return "done"


def use(location):
    with open_at(location) as state:
        print(len(state.runs.list(-1, all_worktrees=True)), state.read_only)
        database = state.database
        print(attempt(lambda: state.runs.begin("check")))
        print(attempt(lambda: database.write(lambda: database.execute("DELETE FROM maintenance"))))
        print(attempt(lambda: retention.prune(database, 0, 0)))
        print(attempt(lambda: retention.vacuum(database)))
        print(attempt(lambda: back_up(database)))


def main(path: Path) -> None:
    # `nobody` may not be able to read the interpreter's folder: what is imported late is imported now.
    stdout, sys.stdout = sys.stdout, open(os.devnull, "w")  # noqa: SIM115
    use(Location(None, "argument", None))
    sys.stdout = stdout
    if os.geteuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    use(Location(str(path), "argument", None))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
