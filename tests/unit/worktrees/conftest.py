"""Worktrees with state, and the user's folder out of the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline_state.location import find_worktree, locate
from pipeline_state.store.state import open_at


@pytest.fixture(autouse=True)
def state_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "user"))
    return tmp_path / "user" / "pipeline-state"


@pytest.fixture
def common_dir(committed):
    return Path(find_worktree(committed).common_dir)


@pytest.fixture
def used():
    """Records a run in a worktree, and returns the token and the id of the run."""

    def used(folder, commit=None):
        with open_at(locate(cwd=folder)) as state:
            run = state.runs.begin("check", commit_id=commit)
            state.runs.finish(run.id, 0)
            return state.token, run.id

    return used


@pytest.fixture
def linked(committed, git):
    path = committed.parent / "linked"
    git(committed, "worktree", "add", "-q", "--detach", path)
    return path
