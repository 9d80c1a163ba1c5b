"""Writes until it is killed, and acknowledges each transaction on standard output once COMMIT has returned.

Usage: write.py DATABASE NAME [--seconds S]. Transaction n of a writer adds the row `NAME:n`, takes away the row of
`WINDOW` transactions ago and counts in `NAME:count`: whoever looks can tell whether it is there whole. With --seconds
it ends by itself after so long.
"""

from __future__ import annotations

import argparse
import os
import random
import time
from pathlib import Path

from pipeline_state.location import Location
from pipeline_state.store.state import open_at

WINDOW = 20
ADD = "INSERT INTO maintenance (name, done_at) VALUES (?, ?)"
REMOVE = "DELETE FROM maintenance WHERE name = ?"
COUNT = (
    "INSERT INTO maintenance (name, done_at) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET done_at = excluded.done_at"
)
COUNTED = "SELECT done_at FROM maintenance WHERE name = ?"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("database", type=Path)
    parser.add_argument("name")
    parser.add_argument("--seconds", type=float, default=600.0)
    options = parser.parse_args()
    end = time.monotonic() + options.seconds
    with open_at(Location(str(options.database), "argument", None)) as state:
        database = state.database
        known = database.one(COUNTED, (f"{options.name}:count",))
        number = 0 if known is None else int(known[0])
        while time.monotonic() < end:
            number += 1
            database.write(lambda: one(database, options.name, number), durable=random.random() < 0.2)  # noqa: B023, S311
            os.write(1, b"%d\n" % number)


def one(database, name, number):
    """Make one transaction; several pages long, so that checkpoints come often."""
    database.execute(ADD, (f"{name}:{number}", "x" * random.randrange(40_000)))  # noqa: S311
    database.execute(REMOVE, (f"{name}:{number - WINDOW}",))
    database.execute(COUNT, (f"{name}:count", str(number)))


if __name__ == "__main__":
    main()
