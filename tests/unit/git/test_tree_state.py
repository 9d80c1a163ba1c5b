"""The digest of a tree: another one for every change that can matter, the same one for what cannot."""

from __future__ import annotations

import os

import pytest

from pipeline_state.errors import GitError
from pipeline_state.git.tree_state import tree_state

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such names, modes or links")


def test_a_clean_tree_is_its_commit_and_its_branch(committed, git):
    state = tree_state(committed)
    assert (state.commit, state.branch) == (git(committed, "rev-parse", "HEAD"), "main")
    assert tree_state(committed) == state


def test_before_the_first_commit_and_on_no_branch(repository, committed, git):
    git(committed, "switch", "-q", "--detach")
    assert tree_state(committed).branch is None
    git(committed, "switch", "-q", "--orphan", "new")
    assert tree_state(repository).commit is None


def edit(root, _git):
    (root / "a.py").write_text("a = 2\n")


def stage(root, git):
    edit(root, git)
    git(root, "add", ".")


def delete(root, _git):
    (root / "a.py").unlink()


def add_untracked(root, _git):
    (root / "new.py").write_text("")


def commit(root, git):
    git(root, "commit", "-q", "--allow-empty", "-m", "x")


def make_executable(root, _git):
    (root / "a.py").chmod(0o755)


def turn_into_link(root, _git):
    (root / "a.py").unlink()
    (root / "a.py").symlink_to("a = 1\n")


@pytest.mark.parametrize(
    "change",
    [
        edit,
        stage,
        delete,
        add_untracked,
        commit,
        *(pytest.param(one, marks=posix) for one in (make_executable, turn_into_link)),
    ],
)
def test_every_change_moves_the_digest(committed, git, change):
    before = tree_state(committed).digest
    change(committed, git)
    assert tree_state(committed).digest != before


def test_what_an_uncommitted_file_holds_counts_and_not_its_times(committed, git):
    edit(committed, git)
    one = tree_state(committed).digest
    os.utime(committed / "a.py", ns=(1, 1))
    assert tree_state(committed).digest == one
    (committed / "a.py").write_text("a = 3\n")
    assert tree_state(committed).digest != one


def test_staging_alone_moves_nothing(committed, git):
    edit(committed, git)
    before = tree_state(committed).digest
    git(committed, "add", ".")
    assert tree_state(committed).digest == before


@pytest.mark.parametrize(
    "name", ["x.pyc", "x.pyo", "__pycache__/x", "sub/__pycache__/y", ".pytest_cache/v/z", ".worktrees/state.db"]
)
def test_what_a_test_run_leaves_behind_does_not_count(committed, name):
    before = tree_state(committed).digest
    path = committed / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    assert tree_state(committed, leave_out=(".worktrees/",)).digest == before


@posix
def test_names_and_contents_cannot_run_together(committed):
    digests = set()
    for name, content in ((b"n\nfile", b"x"), (b"n", b"\nfilex"), (b"\xff", b""), (b"\xfe", b"")):
        path = os.path.join(os.fsencode(committed), name)
        with open(path, "wb") as file:
            file.write(content)
        digests.add(tree_state(committed).digest)
        os.unlink(path)
    assert len(digests) == 4


@posix
def test_a_pipe_is_not_read(committed):
    (committed / "a.py").unlink()
    os.mkfifo(committed / "a.py")
    assert tree_state(committed).digest is not None


def test_a_submodule_with_changes_of_its_own_cannot_be_told(committed, git, tmp_path):
    outer = tmp_path / "outer"
    git(tmp_path, "init", "-q", outer)
    git(outer, "submodule", "--quiet", "add", committed, "inner")
    git(outer, "commit", "-q", "-m", "one")
    before = tree_state(outer).digest
    assert before is not None
    git(outer / "inner", "commit", "-q", "--allow-empty", "-m", "two")
    moved = tree_state(outer).digest
    assert moved not in (None, before)
    (outer / "inner" / "a.py").write_text("changed\n")
    assert tree_state(outer).digest is None


def test_the_index_of_a_hook_does_not_matter(committed):
    before = tree_state(committed)
    assert tree_state(committed, environ={**os.environ, "GIT_INDEX_FILE": str(committed / "gone")}) == before


def test_outside_of_a_repository_there_is_none(tmp_path):
    with pytest.raises(GitError, match="cannot read the state of the worktree"):
        tree_state(tmp_path)
