"""Git's worktree commands while another Git is at work in the same repository."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from pipeline_state.errors import GitError
from pipeline_state.git.worktree_commands import list_worktrees


@pytest.fixture
def half_made(tmp_path):
    """A repository with a worktree that Git has begun to make: the file that names the common folder is empty yet."""
    root = tmp_path / "repository"
    subprocess.run(["git", "init", "-q", root], check=True)
    subprocess.run(["git", "commit", "-q", "--allow-empty", "-m", "one"], cwd=root, check=True)
    subprocess.run(["git", "worktree", "add", "-q", "--detach", tmp_path / "linked"], cwd=root, check=True)
    common = root / ".git" / "worktrees" / "linked" / "commondir"
    whole = common.read_text()
    common.write_text("")
    return root / ".git", common, whole


@pytest.mark.skipif(sys.platform == "win32", reason="Git says it in other words there")
def test_a_worktree_that_is_just_being_made_is_waited_for(half_made):
    common_dir, common, whole = half_made
    writer = threading.Timer(0.1, common.write_text, [whole])
    writer.start()
    assert len(list_worktrees(common_dir)) == 2
    writer.join()


def test_one_that_stays_half_made_is_what_git_says(half_made):
    common_dir, _, _ = half_made
    with pytest.raises(GitError, match="commondir"):
        list_worktrees(common_dir)
