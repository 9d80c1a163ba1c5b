"""Writes where there is little room. Prints the name of each row that was acknowledged.

Usage: fill.py DATABASE limit BYTES... (opens and writes under each limit on the size of files, then once without)
       fill.py FOLDER full TIMES       (fills the file system as often, makes room again, and examines the database)
"""

from __future__ import annotations

import random
import shutil
import sys
from pathlib import Path

from pipeline_state.errors import DiskFullError
from pipeline_state.location import Location
from pipeline_state.store import health, migrations  # noqa: F401 - loaded while there is room
from pipeline_state.store.state import open_at

ADD = "INSERT INTO maintenance VALUES (?, ?)"


def write(path, name, sizes):
    """Open, and write until it is done or there is no more room; return the rows that were acknowledged."""
    told = []
    try:
        with open_at(Location(str(path), "argument", None)) as state:
            assert state.notices == (), state.notices
            for number, size in enumerate(sizes):
                with state.database.transaction(durable=number % 2 == 0):
                    state.database.execute(ADD, (f"{name}-{number}", "x" * size))
                told.append(f"{name}-{number}")
    except DiskFullError:
        told.append(None)
    return told


def limited(path, limits):
    import resource

    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    told = []
    for turn, limit in enumerate(limits):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        told += write(path, f"{turn}", [random.randrange(200_000) for _ in range(40)])  # noqa: S311
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    told += write(path, "last", [10])
    assert told[-1] == "last-0"
    print(*(name for name in told if name is not None))


def full(folder, times):
    ballast = folder / "ballast"
    for turn in range(times):
        path = folder / f"{turn}" / "state.db"
        path.parent.mkdir()
        ballast.write_bytes(bytes(random.randrange(20_000, 1_400_000)))  # noqa: S311
        told = write(path, "full", [random.randrange(100_000) for _ in range(60)])  # noqa: S311
        assert told.pop() is None, "there was room for everything"
        ballast.unlink()
        told += write(path, "later", [10])
        with open_at(Location(str(path), "argument", None)) as state:
            assert state.notices == (), state.notices
            assert health.verify(state.database) == ()
            assert {row[0] for row in state.database.all("SELECT name FROM maintenance")} == {*told, "later-0"}
        shutil.rmtree(path.parent)
    print("whole")


if __name__ == "__main__":
    if sys.argv[2] == "limit":
        limited(Path(sys.argv[1]), list(map(int, sys.argv[3:])))
    else:
        full(Path(sys.argv[1]), int(sys.argv[3]))
