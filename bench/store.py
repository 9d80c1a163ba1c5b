"""What the state store costs: opening it with nothing to do, and how ten writing processes share it.

    python bench/store.py [--openings 2000] [--seconds 5] [--processes 10]

Contention: each process writes as fast as it can, 2 ms of work in each transaction, every commit synced to the disk;
with the writer gate as the store has it, and without it, where only SQLite's busy timeout is left. Prints Markdown.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pipeline_state.errors import BusyDatabaseError
from pipeline_state.location import Location
from pipeline_state.store.runs import Runs  # noqa: F401 - what is loaded late is not to be timed
from pipeline_state.store.state import open_at

WORK_S = 0.002
ADD = "INSERT INTO maintenance (name, done_at) VALUES (?, '')"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--openings", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--processes", type=int, default=10)
    parser.add_argument("--write", nargs=2, metavar=("DATABASE", "GATE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        write(Path(options.write[0]), options.seconds, with_gate=options.write[1] == "with")
        return
    with tempfile.TemporaryDirectory() as folder:
        print_openings(Path(folder) / "state.db", options.openings)
        print_contention(Path(folder), options.processes, options.seconds)


def print_openings(path: Path, openings: int) -> None:
    location = Location(str(path), "argument", None)
    with open_at(location) as state:
        for _ in range(100):
            state.runs.finish(state.runs.begin("check", ["--all-files"]).id, 0)
    spent: dict[str, list[int]] = {"open": [], "one read": [], "close": [], "all": []}
    for _ in range(openings):
        begun = time.perf_counter_ns()
        state = open_at(location)
        opened = time.perf_counter_ns()
        state.runs.latest()
        read = time.perf_counter_ns()
        state.close()
        closed = time.perf_counter_ns()
        spans = (opened - begun, read - opened, closed - read, closed - begun)
        for times, span in zip(spent.values(), spans, strict=True):
            times.append(span)
    print(f"| opening with nothing to do, {openings} times | median µs | least µs |\n|---|---|---|")
    for name, times in spent.items():
        print(f"| {name} | {statistics.median(times) / 1000:.0f} | {min(times) / 1000:.0f} |")


def print_contention(folder: Path, processes: int, seconds: float) -> None:
    print(f"\n| {processes} processes, {seconds:g} s | fewest commits | most | mean | p99.9 ms | longest ms | busy |")
    print("|---|---|---|---|---|---|---|")
    for gate in ("with", "without"):
        path = folder / f"{gate}.db"
        open_at(Location(str(path), "argument", None)).close()
        command = [sys.executable, __file__, "--seconds", str(seconds), "--write", str(path), gate]
        writers = [
            subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            for _ in range(processes)
        ]
        for writer in writers:
            assert writer.stdout is not None
            writer.stdout.readline()
        results = [result(writer) for writer in start(writers)]
        commits = [len(waits) for waits, _ in results]
        waits = [wait for some, _ in results for wait in some]
        cells = [min(commits), max(commits), f"{statistics.mean(commits):.0f}"]
        cells += [f"{percentile(waits, 0.999) / 1e6:.0f}", f"{max(waits) / 1e6:.0f}", sum(busy for _, busy in results)]
        print(f"| {gate} the gate | {' | '.join(map(str, cells))} |", flush=True)


def start(writers: list[subprocess.Popen[str]]) -> list[subprocess.Popen[str]]:
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    return writers


def result(writer: subprocess.Popen[str]) -> tuple[list[int], int]:
    """Return how long each commit took, in nanoseconds, and how many were refused."""
    printed, _ = writer.communicate()
    if writer.returncode:
        raise SystemExit(f"a writer failed with exit code {writer.returncode}")
    *waits, busy = map(int, printed.split())
    return waits, busy


def write(path: Path, seconds: float, *, with_gate: bool) -> None:
    with open_at(Location(str(path), "argument", None)) as state:
        if not with_gate:
            state.database.gate.enter = lambda _wait_s=0.0: False  # type: ignore[assignment, method-assign]  # as if there were none
        print("ready", flush=True)
        sys.stdin.readline()
        waits: list[int] = []
        busy = 0
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            begun = time.perf_counter_ns()
            try:
                with state.database.transaction(durable=True):
                    state.database.execute(ADD, (f"{os.getpid()}-{len(waits)}",))
                    done = time.perf_counter() + WORK_S
                    while time.perf_counter() < done:
                        pass
            except BusyDatabaseError:
                busy += 1
            else:
                waits.append(time.perf_counter_ns() - begun)
    print(*waits, busy)


def percentile(values: list[int], share: float) -> int:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


if __name__ == "__main__":
    main()
