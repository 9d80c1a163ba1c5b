"""The hook `pipeline-state-worktree`, as pre-commit runs it when a worktree is made and when one is gone."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.download


def test_a_new_worktree_is_begun_and_a_removed_one_noticed(repository_with_hook):
    repository = repository_with_hook("pipeline-state-worktree")
    stages = ("post-checkout", "post-merge", "post-commit", "post-rewrite")
    installed = repository.pre_commit("install", "--allow-missing-config", *(f"--hook-type={each}" for each in stages))
    assert installed.code == 0, installed.output
    linked = repository.root.parent / "linked"
    made = repository.run(["git", "worktree", "add", "--detach", str(linked)])
    assert made.code == 0, made.output
    assert (linked / ".worktrees" / "pipeline_state.db").is_file()
    known = repository.root / ".git" / "pipeline-state"
    assert len(list((known / "worktrees").iterdir())) == 1
    repository.git("worktree", "remove", str(linked))
    repository.write("other.py", "VALUE = 2\n")
    repository.git("add", "other.py")
    assert repository.commit().code == 0
    assert len(list((known / "removed").iterdir())) == 1
    assert repository.git("status", "--porcelain") == ""
