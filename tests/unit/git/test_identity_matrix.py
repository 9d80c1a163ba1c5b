"""Identity in every shape that a repository can have, and after what people do to repositories."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from pipeline_state.git.identity import worktree_token
from pipeline_state.location import find_worktree

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs `cp -a` and inodes")


def token(folder):
    """The token that a command which is started in `folder` would use."""
    return worktree_token(find_worktree(folder).git_dir)


def copy(source, target):
    subprocess.run(["cp", "-a", source, target], check=True)


@pytest.fixture
def linked(committed, git):
    path = committed.parent / "linked"
    git(committed, "worktree", "add", "-q", "--detach", path)
    return path


def test_from_a_folder_below_it_is_the_same_worktree(linked):
    (linked / "below").mkdir()
    assert token(linked / "below") == token(linked)


def test_moved_by_hand_and_repaired_it_is_itself(committed, linked, git):
    before = token(linked)
    moved = linked.with_name("moved")
    linked.rename(moved)
    git(committed, "worktree", "repair", moved)
    assert token(moved) == before


def test_main_and_linked_are_themselves_after_the_main_folder_was_renamed(committed, linked, git):
    before = token(committed), token(linked)
    renamed = committed.with_name("renamed")
    committed.rename(renamed)
    git(renamed, "worktree", "repair", linked)
    assert (token(renamed), token(linked)) == before


def test_locked_unlocked_and_packed_it_is_itself(committed, linked, git):
    before = token(linked)
    git(committed, "worktree", "lock", linked)
    git(committed, "worktree", "unlock", linked)
    git(committed, "gc", "-q")
    assert token(linked) == before


def test_another_branch_is_the_same_worktree(linked, git):
    before = token(linked)
    git(linked, "checkout", "-q", "-b", "other")
    assert token(linked) == before


def test_made_again_at_the_same_path_it_is_another_one(committed, linked, git):
    seen = {token(linked)}
    git(committed, "worktree", "remove", linked)
    git(committed, "worktree", "add", "-q", "--detach", linked)
    seen.add(token(linked))
    shutil.rmtree(linked)
    git(committed, "worktree", "prune")
    git(committed, "worktree", "add", "-q", "--detach", linked)
    seen.add(token(linked))
    assert len(seen) == 3


def test_a_nested_worktree_is_one_of_its_own(committed, git):
    nested = committed / ".worktrees" / "nested"
    git(committed, "worktree", "add", "-q", "--detach", nested)
    assert token(nested) != token(committed)


def test_a_submodule_is_one_of_its_own_in_each_worktree(committed, linked, git, tmp_path):
    library = tmp_path / "library"
    git(tmp_path, "clone", "-q", committed, library)
    git(committed, "submodule", "add", "-q", library, "library")
    git(committed, "commit", "-q", "-m", "submodule")
    git(linked, "checkout", "-q", "--detach", "main")
    git(linked, "submodule", "update", "-q", "--init")
    folders = [committed, linked, committed / "library", linked / "library"]
    seen = [token(folder) for folder in folders]
    assert len(set(seen)) == 4
    assert [token(folder) for folder in folders] == seen
    committed.rename(committed.with_name("renamed"))
    assert token(committed.with_name("renamed") / "library") == seen[2]


def test_worktrees_of_a_bare_repository_are_ones_of_their_own(committed, git, tmp_path):
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "-q", "--bare", committed, bare)
    paths = [tmp_path / "one", tmp_path / "two"]
    for path in paths:
        git(bare, "worktree", "add", "-q", "--detach", path)
    seen = [token(path) for path in paths]
    assert len(set(seen)) == 2
    bare.rename(tmp_path / "renamed.git")
    git(tmp_path / "renamed.git", "worktree", "repair", *paths)
    assert [token(path) for path in paths] == seen


def test_a_copied_worktree_folder_is_the_same_to_git_and_to_us(linked):
    """Both `.git` files lead to one Git directory: Git itself takes them for one worktree."""
    before = token(linked)
    copy(linked, linked.with_name("copied"))
    assert token(linked.with_name("copied")) == before == token(linked)


@pytest.mark.parametrize("first", ["original", "copied"])
def test_a_copied_repository_and_its_original_are_told_apart_with_their_worktrees(tmp_path, committed, git, first):
    """`cp -a`, then both are moved, then either is used first."""
    both = tmp_path / "both"
    both.mkdir()
    committed.rename(both / "main")
    git(both / "main", "worktree", "add", "-q", "--detach", both / "linked")
    before = [token(both / "main"), token(both / "linked")]
    copy(both, tmp_path / "copy")
    both.rename(tmp_path / "original")
    (tmp_path / "copy").rename(tmp_path / "copied")
    after = {}
    for name in sorted(("original", "copied"), key=lambda name: name != first):
        git(tmp_path / name / "main", "worktree", "repair", tmp_path / name / "linked")
        after[name] = [token(tmp_path / name / "main"), token(tmp_path / name / "linked")]
    assert after["original"] == before
    assert not set(after["copied"]) & set(before)
    for name, seen in after.items():
        assert [token(tmp_path / name / "main"), token(tmp_path / name / "linked")] == seen


def test_a_worktree_with_relative_paths_is_itself_after_all_was_moved(tmp_path, committed, git):
    both = tmp_path / "both"
    both.mkdir()
    committed.rename(both / "main")
    git(both / "main", "worktree", "add", "-q", "--detach", both / "linked")
    git_dir = both / "main/.git/worktrees/linked"
    # What `worktree.useRelativePaths` writes, in Git 2.48 and newer; older ones read it, too.
    (git_dir / "gitdir").write_text("../../../../linked/.git\n")
    (both / "linked/.git").write_text("gitdir: ../main/.git/worktrees/linked\n")
    before = token(both / "linked")
    both.rename(tmp_path / "moved")
    assert token(tmp_path / "moved/linked") == before


def test_a_sha256_repository_is_as_any_other(tmp_path, git):
    root = tmp_path / "sha256"
    git(tmp_path, "init", "-q", "--object-format=sha256", root)
    git(root, "commit", "-q", "--allow-empty", "-m", "one")
    git(root, "worktree", "add", "-q", "--detach", tmp_path / "linked")
    assert token(root) != token(tmp_path / "linked")
