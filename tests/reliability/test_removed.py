"""The database is taken from under a writer: it is told so, and nothing is written where the database was."""

from __future__ import annotations

import shutil
import subprocess
import time

import pytest

from pipeline_state.store.database import Database


@pytest.fixture
def worktree(tmp_path):
    """A linked worktree."""
    repository = tmp_path / "repository"
    subprocess.run(["git", "init", "-q", repository], check=True)
    subprocess.run(["git", "-C", repository, "commit", "-q", "--allow-empty", "-m", "one"], check=True)

    def worktree(name):
        root = tmp_path / name
        subprocess.run(["git", "-C", repository, "worktree", "add", "-q", "--detach", root], check=True)
        return root

    return worktree


def removed_by_git(path):
    root = path.parent.parent
    subprocess.run(["git", "worktree", "remove", "--force", root], check=True, cwd=root.parent / "repository")


def removed_and_made_again(path):
    removed_by_git(path)
    repository = path.parent.parent.with_name("repository")
    subprocess.run(["git", "worktree", "add", "-q", "--detach", path.parent.parent], check=True, cwd=repository)


def removed_alone(path):
    path.unlink()


def replaced(path):
    another = path.with_name("another.db")
    Database(another).close()
    another.replace(path)


@pytest.mark.parametrize("take", [removed_by_git, removed_and_made_again, removed_alone, replaced])
def test_a_writer_is_told_and_writes_no_more(worktree, rounds, chance, start, take):
    for turn in range(rounds):
        path = worktree(f"{turn}") / ".worktrees" / "state.db"
        writers = [start("write", path, name) for name in "ab"]
        for process in writers:
            process.stdout.readline()
        time.sleep(chance.uniform(0, 0.2))
        take(path)
        left = {entry: entry.read_bytes() for entry in path.parent.parent.rglob("*") if entry.is_file()}
        for process in writers:
            _, complaints = process.communicate(timeout=60)
            assert complaints.rstrip().rpartition("\n")[2].startswith("pipeline_state.errors.DatabaseGoneError"), (
                complaints
            )
        logs = {path.with_name(f"{path.name}{ending}") for ending in ("-wal", "-shm", "-journal")}
        assert {entry: entry.read_bytes() for entry in left.keys() - logs} == {
            entry: content for entry, content in left.items() if entry not in logs
        }
        assert {entry for entry in path.parent.parent.rglob("*") if entry.is_file()} <= left.keys()
        if take is removed_by_git:
            assert not path.parent.parent.exists()
        shutil.rmtree(path.parent.parent, ignore_errors=True)
