"""What an isolated state database costs a test: a clone of the template, beside replaying the schema.

Usage: python bench/fixture.py [--rounds 1000]
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import time
from collections.abc import Callable

import pytest

from pipeline_state import State, open_state
from pipeline_state.pytest_plugin.fixtures import isolated_state
from pipeline_state.store.schema import migrations_folder


class Config:
    """As much of pytest's configuration as the fixtures use."""

    def __init__(self) -> None:
        self.stash = pytest.Stash()

    def add_cleanup(self, cleanup: Callable[[], None]) -> None:
        """Keep nothing: the process ends soon."""


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    rounds = parser.parse_args().rounds
    config = Config()

    def clone() -> None:
        with isolated_state(config):  # type: ignore[arg-type]  # stands in for pytest.Config
            pass

    def clone_and_use() -> None:
        with isolated_state(config) as state:  # type: ignore[arg-type]  # as above
            state.runs.latest()

    script = "".join(path.read_text(encoding="utf-8") for path in sorted(migrations_folder().glob("*.sql")))

    def replay() -> None:
        connection = sqlite3.connect(":memory:")
        connection.executescript(script)
        connection.close()

    def migrate() -> None:
        state: State = open_state(":memory:")
        state.close()

    variants = {
        "replay the schema": replay,
        "migrate, as opening a new state does": migrate,
        "clone": clone,
        "clone, with its first statement": clone_and_use,
    }
    spent: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(rounds):
        for name, function in variants.items():
            begun = time.perf_counter()
            function()
            spent[name].append(1e6 * (time.perf_counter() - begun))
    medians = {name: statistics.median(times[1:]) for name, times in spent.items()}
    print(f"an isolated, migrated state database, made and closed, median of {rounds} interleaved rounds\n")
    print("| | µs | share |")
    print("|---|---|---|")
    for name, median in medians.items():
        print(f"| {name} | {median:.0f} | {median / medians['replay the schema']:.2f} |")


if __name__ == "__main__":
    main()
