from __future__ import annotations

import pytest

from pipeline_state.store.snapshots import SnapshotRow, Snapshots

ROW = SnapshotRow(
    "all", b"request", b"git", b"entries", b"watched", "detectors", b"reported", b"asked", b"edited", b"digest", b"tree"
)


@pytest.fixture
def put(memory):
    return lambda row: memory.database.write(lambda: memory.snapshots.put(row))


def test_a_snapshot_comes_back_as_it_was(memory, put):
    put(ROW)
    assert memory.snapshots.get("all") == ROW
    assert memory.snapshots.get("tracked") is None


def test_the_unchanged_case_reads_all_but_the_tree(memory, put):
    put(ROW)
    assert memory.snapshots.without_tree("all") == ROW._replace(
        entries=b"", asked=b"", edited=b"", tree_digest=b"", tree=b""
    )
    assert memory.snapshots.without_tree("tracked") is None


def test_there_is_one_for_each_selection_and_the_last_one_counts(memory, put):
    put(ROW)
    put(ROW._replace(selection="tracked", tree_digest=b"2", tree=b"other"))
    put(ROW._replace(tree_digest=b"3", tree=b"newer"))
    assert memory.snapshots.get("all").tree == b"newer"
    assert memory.snapshots.get("tracked").tree == b"other"


def test_a_tree_is_written_once_as_long_as_snapshots_rest_on_it(memory, put):
    put(ROW)
    changes = memory.database.one("SELECT total_changes()")[0]
    put(ROW._replace(edited=b"more", git=b"other"))
    assert memory.database.one("SELECT total_changes()")[0] - changes == 1
    assert memory.snapshots.get("all") == ROW._replace(edited=b"more", git=b"other")


def test_a_snapshot_without_its_own_tree_is_none(memory, put):
    put(ROW)
    with memory.database.transaction():
        memory.database.execute("UPDATE snapshot_trees SET digest = x'00'")
    assert memory.snapshots.get("all") is None
    put(ROW)
    assert memory.snapshots.get("all") == ROW


def test_each_worktree_has_its_own(memory, put):
    with memory.database.transaction():
        memory.database.execute("INSERT INTO worktrees (token, first_seen_at) VALUES ('other', '')")
    row = memory.database.one("SELECT id FROM worktrees WHERE token = 'other'")
    elsewhere = Snapshots(memory.database, row["id"])
    put(ROW)
    assert elsewhere.get("all") is None
    memory.database.write(lambda: elsewhere.put(ROW._replace(tree_digest=b"2", tree=b"other")))
    assert (elsewhere.get("all").tree, memory.snapshots.get("all").tree) == (b"other", b"tree")


def test_those_of_all_worktrees_are_dropped(memory, put):
    with memory.database.transaction():
        memory.database.execute("INSERT INTO worktrees (token, first_seen_at) VALUES ('other', '')")
    elsewhere = Snapshots(memory.database, memory.database.one("SELECT id FROM worktrees WHERE token = 'other'")["id"])
    put(ROW)
    memory.database.write(lambda: elsewhere.put(ROW))
    memory.database.write(memory.snapshots.drop)
    assert (memory.snapshots.get("all"), elsewhere.get("all")) == (None, None)
    put(ROW)
    assert memory.snapshots.get("all") == ROW


def test_a_tree_that_was_damaged_is_written_again(memory, put):
    put(ROW)
    with memory.database.transaction():
        memory.database.execute("UPDATE snapshot_trees SET tree = x'00'")
    put(ROW)
    assert memory.snapshots.get("all") == ROW
