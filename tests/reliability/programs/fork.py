"""Forks while a state is open, in transactions and between them; children use it and end in every way there is.

Usage: fork.py DATABASE TIMES. Prints the names of the rows that have to be there.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import warnings
from pathlib import Path

from pipeline_state.location import Location
from pipeline_state.store.state import open_at

ADD = "INSERT INTO maintenance VALUES (?, '')"
ENDS = {
    "at once": lambda: os._exit(0),
    "cleanly": lambda: sys.exit(0),
    "by an error": lambda: 1 / 0,
    "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
}


def end(how):
    if how == "by an error":
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - its traceback is not our complaint
    ENDS[how]()


def main(path: Path, times: int) -> None:
    warnings.simplefilter("ignore")  # newer Pythons warn of forking beside threads
    chance = random.Random()  # noqa: S311
    there = []
    with open_at(Location(str(path), "argument", None)) as state:
        database = state.database
        stay = threading.Event()
        # Nobody may fork while a thread is inside SQLite: the child would wait for ever for the locks in there.
        outside = threading.Barrier(3)

        def hold():
            assert database.one("SELECT 1")
            outside.wait()
            stay.wait()

        threads = [threading.Thread(target=hold, daemon=True) for _ in range(2)]
        for thread in threads:
            thread.start()
        outside.wait()
        for number in range(times):
            how = chance.choice(sorted(ENDS))
            with database.transaction(durable=chance.random() < 0.2):
                database.execute(ADD, (f"{number} before",))
                child = os.fork()
                if not child:
                    try:
                        database.execute(ADD, (f"{number} never",))
                    except RuntimeError:
                        seen = {row[0] for row in database.all("SELECT name FROM maintenance")}
                        if f"{number} before" not in seen:  # a connection of its own does not see it yet
                            end(how)
                    os._exit(9)
                expect(child, how)
                database.execute(ADD, (f"{number} after",))
            child = os.fork()
            if not child:
                with database.transaction():
                    database.execute(ADD, (f"{number} child",))
                end(how)
            expect(child, how)
            there += [f"{number} before", f"{number} after", f"{number} child"]
        stay.set()
        for thread in threads:
            thread.join()
    print(*there, sep="\n")


def expect(child, how):
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status == {"by an error": 1, "killed": -signal.SIGKILL}.get(how, 0), (how, status)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
