"""Writes for some seconds as fast as it can, with 2 ms of work in each transaction; prints commits and errors.

Usage: contend.py DATABASE SECONDS. Begins when a line arrives on standard input.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from pipeline_state.errors import BusyDatabaseError
from pipeline_state.location import Location
from pipeline_state.store.state import open_at

WORK_S = 0.002


def main(path: Path, seconds: float) -> None:
    with open_at(Location(str(path), "argument", None)) as state:
        print("ready", flush=True)
        sys.stdin.readline()
        end = time.monotonic() + seconds
        commits = busy = 0
        while time.monotonic() < end:
            try:
                with state.database.transaction(durable=True):
                    state.database.execute(
                        "INSERT INTO maintenance (name, done_at) VALUES (?, '')", (f"{os.getpid()}-{commits}",)
                    )
                    done = time.perf_counter() + WORK_S
                    while time.perf_counter() < done:
                        pass
            except BusyDatabaseError:
                busy += 1
            else:
                commits += 1
    print(commits, busy)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
