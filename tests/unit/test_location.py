"""Where the state database is: one answer wherever a command is started, and no answer that would harm a repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline_state.errors import ConfigurationError, GitError, LocationError, NoWorktreeError
from pipeline_state.location import find_worktree, locate, read_configuration_files

links = pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links")


def default(root):
    return str(root / ".worktrees" / "pipeline_state.db")


def environ(**more):
    return {**os.environ, **more}


def test_the_argument_comes_before_the_variable_and_the_variable_before_the_worktree(repository):
    named = environ(PIPELINE_DB_PATH="variable.db")
    assert locate("argument.db", named, repository)[:2] == (str(repository / "argument.db"), "argument")
    assert locate(None, named, repository)[:2] == (str(repository / "variable.db"), "environment")
    assert locate(None, environ(), repository)[:2] == (default(repository), "worktree")


def test_an_argument_counts_from_the_current_folder(repository):
    below = repository / "a" / "b"
    below.mkdir(parents=True)
    assert locate("../x.db", environ(), below).path == str(repository / "a" / "x.db")
    assert locate(below / "x.db", environ(), repository).path == str(below / "x.db")


def test_a_relative_variable_means_the_same_file_from_every_folder(repository):
    below = repository / "a" / "b"
    below.mkdir(parents=True)
    named = environ(PIPELINE_DB_PATH="state/x.db")
    assert {locate(None, named, folder).path for folder in (repository, below, below.parent)} == {
        str(repository / "state" / "x.db")
    }


def test_outside_of_a_worktree_a_relative_variable_counts_from_the_current_folder(tmp_path):
    found = locate(None, environ(PIPELINE_DB_PATH="x.db"), tmp_path)
    assert found == (str(tmp_path / "x.db"), "environment", None)


@pytest.mark.parametrize("how", ["argument", "variable"])
def test_a_tilde_is_the_home_folder(repository, tmp_path, monkeypatch, how):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home"))
    text = "~/x.db"
    found = locate(*((text, environ()) if how == "argument" else (None, environ(PIPELINE_DB_PATH=text))), repository)
    assert found.path == str(tmp_path / "home" / "x.db")


def test_a_home_folder_that_nobody_has_is_refused(repository):
    with pytest.raises(LocationError, match="write the path out"):
        locate("~no-such-user-here/x.db", environ(), repository)


def test_an_empty_value_is_no_value(repository):
    assert locate("", environ(PIPELINE_DB_PATH=""), repository)[:2] == (default(repository), "worktree")


@pytest.mark.parametrize("how", ["argument", "variable"])
def test_memory_has_no_path(repository, how):
    arguments = (":memory:", environ()) if how == "argument" else (None, environ(PIPELINE_DB_PATH=":memory:"))
    assert locate(*arguments, repository).path is None


def test_a_folder_is_refused_and_a_file_in_it_proposed(repository):
    with pytest.raises(LocationError, match=r"it is a folder; name a file, .*repository.pipeline_state\.db"):
        locate(repository, environ(), repository)
    os.makedirs(default(repository))
    with pytest.raises(LocationError, match="it is a folder"):
        locate(None, environ(), repository)


@pytest.mark.parametrize("name", [".git/x.db", ".git/hooks/../x.db", "sub/../.git/x.db", "../other/.git/x.db"])
def test_a_path_inside_of_a_git_folder_is_refused(repository, name):
    for arguments in ((name, environ()), (None, environ(PIPELINE_DB_PATH=name))):
        with pytest.raises(LocationError, match="inside Git's own folder"):
            locate(*arguments, repository)


@links
def test_a_link_into_a_git_folder_is_refused(repository):
    (repository / "innocent").symlink_to(".git")
    with pytest.raises(LocationError, match="inside Git's own folder"):
        locate("innocent/x.db", environ(), repository)
    (repository / "x.db").symlink_to(".git/x.db")
    with pytest.raises(LocationError, match="inside Git's own folder"):
        locate("x.db", environ(), repository)
    (repository / ".worktrees").symlink_to(".git")
    with pytest.raises(LocationError, match="inside Git's own folder"):
        locate(None, environ(), repository)


def test_the_git_folders_of_a_linked_worktree_are_refused_too(committed, git):
    linked = committed.parent / "linked"
    git(committed, "worktree", "add", "-q", linked)
    bare = committed.parent / "bare"
    git(committed, "clone", "-q", "--bare", ".", bare)
    of_bare = committed.parent / "of-bare"
    git(bare, "worktree", "add", "-q", of_bare)
    for here in (linked, of_bare):
        worktree = find_worktree(here)
        for folder in (worktree.git_dir, worktree.common_dir):
            with pytest.raises(LocationError, match="inside Git's own folder"):
                locate(os.path.join(folder, "x.db"), environ(), here)


@links
@pytest.mark.parametrize("there", [True, False])
def test_a_state_folder_that_leads_out_of_the_worktree_is_refused(repository, tmp_path, there):
    outside = tmp_path / "outside"
    if there:
        outside.mkdir()
    (repository / ".worktrees").symlink_to(outside)
    with pytest.raises(LocationError, match=r"a link to .*outside.*PIPELINE_DB_PATH"):
        locate(None, environ(), repository)


@links
def test_a_state_folder_that_leads_to_another_place_in_the_worktree_is_taken(repository):
    (repository / "elsewhere").mkdir()
    (repository / ".worktrees").symlink_to("elsewhere")
    assert locate(None, environ(), repository).path == default(repository)


def test_nul_is_refused(repository):
    with pytest.raises(LocationError, match="NUL"):
        locate("a\0b", environ(), repository)


def test_every_refusal_is_a_matter_of_usage():
    assert LocationError.exit_code == 2


def test_a_subfolder_belongs_to_its_worktree(repository):
    below = repository / "a"
    below.mkdir()
    assert locate(None, environ(), below) == locate(None, environ(), repository)


def test_a_linked_worktree_has_its_own_database(committed, git):
    linked = committed / ".worktrees" / "linked"
    git(committed, "worktree", "add", "-q", linked)
    found = locate(None, environ(), linked)
    assert found.path == default(linked)
    assert found.worktree.common_dir == str(committed / ".git")
    assert found.worktree.git_dir == str(committed / ".git" / "worktrees" / "linked")


def test_a_submodule_has_its_own_database(committed, git, tmp_path):
    outer = tmp_path / "outer"
    git(tmp_path, "init", "-q", outer)
    git(outer, "submodule", "--quiet", "add", committed, "inner")
    found = locate(None, environ(), outer / "inner")
    assert found.path == default(outer / "inner")
    assert found.worktree.git_dir == str(outer / ".git" / "modules" / "inner")


@pytest.mark.parametrize("where", ["nowhere", "bare", "inside"])
def test_without_a_worktree_only_a_named_database_can_be_located(tmp_path, repository, git, where):
    folder = {"nowhere": tmp_path / "nowhere", "bare": tmp_path / "bare", "inside": repository / ".git"}[where]
    folder.mkdir(exist_ok=True)
    if where == "bare":
        git(folder, "init", "-q", "--bare")
    with pytest.raises(NoWorktreeError, match="--db"):
        locate(None, environ(), folder)
    assert locate(tmp_path / "x.db", environ(), folder) == (str(tmp_path / "x.db"), "argument", None)
    assert locate(None, environ(PIPELINE_DB_PATH=str(tmp_path / "x.db")), folder).worktree is None


def test_a_folder_that_is_gone_is_no_worktree(tmp_path):
    with pytest.raises(NoWorktreeError, match="no such folder"):
        locate(None, environ(), tmp_path / "gone")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.parametrize("name", [b"two\nlines", b"\n", b"caf\xe9", b" x ", b"-x"])
def test_a_worktree_may_have_any_name(tmp_path, git, name):
    root = tmp_path / os.fsdecode(name)
    git(tmp_path, "init", "-q", "--", root)
    (root / "below").mkdir()
    assert find_worktree(root / "below") == tuple(
        map(str, (root, root / ".git", root / ".git", root / ".git" / "index"))
    )


def test_the_repository_that_a_hook_is_about_is_the_one_that_is_found(committed, git):
    linked = committed.parent / "linked"
    git(committed, "worktree", "add", "-q", linked)
    git_dir = committed / ".git" / "worktrees" / "linked"
    # So do the hooks of a linked worktree start, `git commit -a` with an index of its own.
    in_hook = environ(GIT_DIR=str(git_dir), GIT_INDEX_FILE=str(git_dir / "index.lock"))
    found = locate(None, in_hook, linked)
    assert found.path == default(linked)
    assert found.worktree == tuple(map(str, (linked, git_dir, committed / ".git", git_dir / "index.lock")))


def test_git_dir_and_work_tree_in_the_environment_decide(committed, tmp_path):
    elsewhere = environ(GIT_DIR=str(committed / ".git"), GIT_WORK_TREE=str(committed))
    assert locate(None, elsewhere, tmp_path).path == default(committed)


def test_a_broken_variable_of_git_is_no_worktree(repository):
    with pytest.raises(NoWorktreeError):
        locate(None, environ(GIT_DIR="/nowhere"), repository)


def test_without_git_only_a_named_database_can_be_located(repository):
    without = environ(PATH=str(repository / "empty"))
    with pytest.raises(GitError, match="not on PATH; install Git"):
        locate(None, without, repository)
    assert locate("x.db", without, repository) == (str(repository / "x.db"), "argument", None)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can give a file away")
def test_what_git_says_of_a_repository_that_is_not_ours_is_passed_on(repository):
    os.chown(repository, 65534, 65534)
    os.chown(repository / ".git", 65534, 65534)
    with pytest.raises(GitError, match=r"safe\.directory"):
        locate(None, environ(), repository)


def test_a_configuration_that_is_there_is_read_and_one_that_is_not_is_none(tmp_path):
    (tmp_path / "pyproject.toml").write_bytes(b"x")
    assert read_configuration_files(tmp_path) == (None, b"x")
    (tmp_path / "pipeline-state.toml").mkdir()
    with pytest.raises(ConfigurationError, match=r"cannot read .*pipeline-state\.toml"):
        read_configuration_files(tmp_path)


def test_the_current_folder_is_where_we_are_unless_it_is_said(repository, monkeypatch):
    monkeypatch.chdir(repository)
    assert locate().path == default(Path.cwd())
    assert locate("x.db").path == str(Path.cwd() / "x.db")
