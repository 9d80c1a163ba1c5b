"""kill -9 of writers at any instant: nothing that was acknowledged is missing, nothing is there by half."""

from __future__ import annotations

import time

WINDOW = 20  # as in programs/write.py
SOON_S = 4.0  # less than any of the waits for a lock


def written(database, name):
    """Return how many transactions of a writer are there, and hold that each of them is there whole."""
    found = database.all("SELECT name, done_at FROM maintenance WHERE name GLOB ?", (f"{name}:*",))
    rows = dict(map(tuple, found))
    count = int(rows.pop(f"{name}:count", 0))
    assert set(rows) == {f"{name}:{number}" for number in range(max(1, count - WINDOW + 1), count + 1)}
    return count


def acknowledged(process):
    """Return the last number that a writer printed whole."""
    lines = [line for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    return int(lines[-1]) if lines else 0


def test_what_was_acknowledged_is_there(path, rounds, chance, start, open_whole, was_killed):
    open_whole(path).close()
    before = dict.fromkeys("abc", 0)
    for _ in range(2 * rounds):
        writers = {name: start("write", path, name) for name in before}
        time.sleep(chance.uniform(0.05, 0.5))
        for name in chance.sample(sorted(writers), 3):
            writers[name].kill()
            time.sleep(chance.choice([0, 0.02]))
        begun = time.monotonic()
        with open_whole(path) as state:
            state.runs.begin("check")
            assert time.monotonic() - begun < SOON_S
            for name, process in writers.items():
                process.wait()
                told, there = acknowledged(process) or before[name], written(state.database, name)
                assert told <= there <= told + 1
                assert was_killed(process)
                before[name] = there
    assert all(before.values()), "a writer never came to write"


def test_who_is_killed_holds_up_nobody(path, rounds, chance, start, open_whole, was_killed):
    open_whole(path).close()
    for turn in range(rounds):
        survivor = start("write", path, f"survivor{turn}", "--seconds", 1.5)
        killed = [start("write", path, f"killed{turn}-{number}") for number in range(3)]
        for process in killed:
            time.sleep(chance.uniform(0.1, 0.4))
            process.kill()
        printed, complaints = survivor.communicate(timeout=30)
        assert (survivor.returncode, complaints) == (0, "")
        with open_whole(path) as state:
            assert written(state.database, f"survivor{turn}") == int(printed.split()[-1])
            for number, process in enumerate(killed):
                process.wait()
                told, there = acknowledged(process), written(state.database, f"killed{turn}-{number}")
                assert told <= there <= told + 1
                assert was_killed(process)
