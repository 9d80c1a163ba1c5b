from __future__ import annotations

import subprocess
import threading

import pytest

import pipeline_state
from pipeline_state import State, open_state
from pipeline_state.errors import LocationError, NoWorktreeError
from pipeline_state.location import Location
from pipeline_state.store.state import NO_WORKTREE, open_at, standing_in


@pytest.fixture
def repository(tmp_path, monkeypatch):
    root = tmp_path / "repository"
    root.mkdir()
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    monkeypatch.chdir(root)
    return root


def test_without_a_path_it_is_the_worktrees(repository):
    with open_state() as state:
        assert isinstance(state, State)
        assert state.path == repository / ".worktrees" / "pipeline_state.db"
        assert len(state.token) == 32
        run = state.runs.begin("check")
    with open_state() as state:
        assert state.runs.latest().id == run.id
    status = subprocess.run(["git", "status", "--porcelain"], check=True, capture_output=True)
    assert status.stdout == b""


def test_a_path_may_be_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open_state("here.db") as state:
        assert state.path == tmp_path / "here.db"
        assert state.token == NO_WORKTREE
        assert not state.read_only


def test_outside_of_a_worktree_a_path_has_to_be_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NoWorktreeError):
        open_state()


@pytest.mark.usefixtures("repository")
def test_a_path_inside_git_is_refused():
    with pytest.raises(LocationError):
        open_state(".git/state.db")


def test_memory_is_private():
    with open_state(":memory:") as one, open_state(":memory:") as other:
        one.runs.begin("check")
        assert other.runs.latest() is None
        assert one.path is None
        assert "vfs=memdb" in one.uri


def test_two_worktrees_that_share_a_database_do_not_see_each_other(path):
    tokens = ["a" * 32, "b" * 32]
    states = [State(open_at(Location(str(path), "argument", None)).database, token=token) for token in tokens]
    for state in states:
        state.runs.begin("check")
    assert [len(state.runs.list()) for state in states] == [1, 1]
    assert [len(state.runs.list(all_worktrees=True)) for state in states] == [2, 2]
    for state in states:
        state.close()


def test_repositories_are_made_once(memory):
    assert memory.runs is memory.runs
    for name in ("attempts", "check_runs", "findings", "sessions", "snapshots", "stat_cache", "tools", "verdicts"):
        assert getattr(memory, name) is getattr(memory, name)


def test_a_state_may_be_shared_between_threads(state):
    threads = [threading.Thread(target=lambda: state.runs.begin("check")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(state.runs.list()) == 8


def test_within_a_test_another_state_can_stand_in(memory):
    with standing_in(memory), open_state() as state:
        run = state.runs.begin("check")
    assert memory.runs.latest().id == run.id


def test_the_public_names_are_loaded_when_they_are_used():
    assert pipeline_state.open_state is open_state
    with pytest.raises(AttributeError):
        _ = pipeline_state.nothing
