from __future__ import annotations

import pytest

from pipeline_state.store.snapshots import SnapshotRow, Snapshots

ROW = SnapshotRow("all", b"request", b"git", b"watched", "detectors", b"reported", b"tree", b"asked")


@pytest.fixture
def put(memory):
    return lambda row: memory.database.write(lambda: memory.snapshots.put(row))


def test_a_snapshot_comes_back_as_it_was(memory, put):
    put(ROW)
    assert memory.snapshots.get("all") == ROW
    assert memory.snapshots.get("tracked") is None


def test_the_unchanged_case_reads_all_but_the_tree(memory, put):
    put(ROW)
    assert memory.snapshots.without_tree("all") == ROW._replace(tree=b"", asked=b"")
    assert memory.snapshots.without_tree("tracked") is None


def test_there_is_one_for_each_selection_and_the_last_one_counts(memory, put):
    put(ROW)
    put(ROW._replace(selection="tracked", tree=b"other"))
    put(ROW._replace(tree=b"newer"))
    assert memory.snapshots.get("all").tree == b"newer"
    assert memory.snapshots.get("tracked").tree == b"other"


def test_dropping_forgets_those_of_this_worktree(memory, put):
    put(ROW)
    with memory.database.transaction():
        memory.database.execute("INSERT INTO worktrees (token, first_seen_at) VALUES ('other', '')")
    row = memory.database.one("SELECT id FROM worktrees WHERE token = 'other'")
    elsewhere = Snapshots(memory.database, row["id"])
    assert elsewhere.get("all") is None
    memory.database.write(lambda: elsewhere.put(ROW))
    memory.database.write(memory.snapshots.drop)
    assert memory.snapshots.get("all") is None
    assert elsewhere.get("all") == ROW
