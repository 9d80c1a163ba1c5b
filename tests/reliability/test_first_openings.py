"""Eight processes that open the state of an empty folder at the same time, and what is left if some are killed."""

from __future__ import annotations

import time

import pytest

from pipeline_state.store import migrations

PROCESSES = 8


@pytest.fixture
def ready(start):
    """Starts a process that is about to open a state."""

    def ready():
        process = start("open_first")
        assert process.stdout.readline() == "ready\n"
        return process

    return ready


def applied(state):
    return [row["number"] for row in state.database.all("SELECT number FROM schema_version ORDER BY number")]


def every_migration():
    return [migration.number for migration in migrations.read()]


def test_eight_make_one_database(tmp_path, rounds, ready, go, output, open_whole):
    openers = [ready() for _ in range(PROCESSES)]
    paths = [tmp_path / f"{turn}" / ".worktrees" / "state.db" for turn in range(3 * rounds)]
    found = []
    for path in paths:
        path.parent.parent.mkdir()
        for process in openers:
            go(process, path)
        found.append({process.stdout.readline().strip() for process in openers})
    for process in openers:
        assert output(process) == ""
    for path, ids in zip(paths, found, strict=True):
        assert len(ids) == PROCESSES
        with open_whole(path) as state:
            assert applied(state) == every_migration()
            assert {run.id for run in state.runs.list(-1)} == ids


def test_who_is_killed_spoils_it_for_nobody(tmp_path, rounds, chance, ready, go, output, open_whole, was_killed):
    openers = [ready() for _ in range(PROCESSES)]
    for turn in range(3 * rounds):
        path = tmp_path / f"{turn}" / "state.db"
        for process in openers:
            go(process, path)
        victims = chance.sample(openers, chance.randrange(1, PROCESSES))
        for process in victims:
            time.sleep(chance.uniform(0, 0.03))
            process.kill()
        survivors = [process for process in openers if process not in victims]
        ids = {process.stdout.readline().strip() for process in survivors}
        told = {process.stdout.readline().strip() for process in victims} - {""}
        with open_whole(path) as state:
            assert applied(state) == every_migration()
            assert {run.id for run in state.runs.list(-1) if run.status == "finished"} >= ids | told
            assert len(ids) == len(survivors)
        for process in victims:
            process.wait()
            assert was_killed(process)
        openers = survivors + [ready() for _ in victims]
    for process in openers:
        output(process)
