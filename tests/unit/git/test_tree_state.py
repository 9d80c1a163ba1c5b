"""The digest of what is not committed: it moves when the tree does, and only then."""

from __future__ import annotations

import os
import subprocess

import pytest

from pipeline_state.errors import GitError
from pipeline_state.git.tree_state import tree_state


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "-q")
    (root / "tracked.txt").write_text("one\n")
    (root / ".gitignore").write_text("ignored*\n")
    git(root, "add", ".")
    git(root, "commit", "-qm", "begin")
    return root


def git(root, *words):
    done = subprocess.run(["git", *words], cwd=root, check=True, capture_output=True, encoding="utf-8")
    return done.stdout.strip()


def test_a_clean_tree_has_a_commit_a_branch_and_a_digest(root):
    state = tree_state(root)
    assert (state.commit, state.branch) == (git(root, "rev-parse", "HEAD"), "main")
    assert state == tree_state(root)


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "tracked.txt").write_text("two\n"),
        lambda root: (root / "tracked.txt").unlink(),
        lambda root: (root / "tracked.txt").chmod(0o755),
        lambda root: (root / "new.txt").write_text("new\n"),
        lambda root: (root / "a b\nc").write_text(""),
        lambda root: os.symlink("tracked.txt", root / "link"),
        lambda root: git(root, "commit", "-q", "--allow-empty", "-m", "next"),
    ],
    ids=["edited", "deleted", "mode", "untracked", "odd name", "link", "commit"],
)
def test_the_digest_moves_with_the_tree(root, change):
    before = tree_state(root).digest
    change(root)
    assert tree_state(root).digest not in (before, None)


def test_staging_changes_nothing(root):
    (root / "tracked.txt").write_text("two\n")
    before = tree_state(root).digest
    git(root, "add", ".")
    assert tree_state(root).digest == before


@pytest.mark.parametrize(
    "name", ["ignored.txt", "__pycache__/x.cpython-312.pyc", ".pytest_cache/v/x", "own/state.db-wal"]
)
def test_what_does_not_count_changes_nothing(root, name):
    before = tree_state(root, leave_out=("own/state.db",)).digest
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text("x")
    assert tree_state(root, leave_out=("own/state.db",)).digest == before


def test_a_repository_inside_changes_nothing(root):
    before = tree_state(root).digest
    git(root, "worktree", "add", "-q", "--detach", str(root / "inner"))
    assert tree_state(root).digest == before


def test_the_variables_of_a_hook_do_not_mislead(root):
    state = tree_state(root)
    wrong = {**os.environ, "GIT_INDEX_FILE": str(root / "nowhere"), "GIT_DIR": str(root / "nowhere")}
    assert tree_state(root, environ=wrong) == state


def test_before_the_first_commit_there_is_none(tmp_path):
    git(tmp_path, "init", "-q")
    state = tree_state(tmp_path)
    assert (state.commit, state.branch) == (None, "main")
    assert state.digest


def test_a_detached_head_is_on_no_branch(root):
    git(root, "checkout", "-q", "--detach")
    assert tree_state(root).branch is None


def test_changes_inside_a_submodule_cannot_be_told(root, tmp_path):
    other = tmp_path / "other"
    git(tmp_path, "clone", "-q", str(root), str(other))
    git(root, "submodule", "add", "-q", str(other), "inner")
    git(root, "commit", "-qm", "a submodule")
    assert tree_state(root).digest
    (root / "inner" / "tracked.txt").write_text("changed inside\n")
    assert tree_state(root).digest is None


def test_names_and_contents_cannot_run_together(root):
    digests = set()
    for name, content in ((b"n\nfile", b"x"), (b"n", b"\nfilex"), (b"\xff", b""), (b"\xfe", b"")):
        path = os.path.join(os.fsencode(root), name)
        with open(path, "wb") as file:
            file.write(content)
        digests.add(tree_state(root).digest)
        os.unlink(path)
    assert len(digests) == 4


def test_a_pipe_is_not_read(root):
    (root / "tracked.txt").unlink()
    os.mkfifo(root / "tracked.txt")
    assert tree_state(root).digest is not None


def test_times_alone_change_nothing(root):
    (root / "tracked.txt").write_text("two\n")
    before = tree_state(root).digest
    os.utime(root / "tracked.txt", ns=(1, 1))
    assert tree_state(root).digest == before


def test_outside_of_a_repository_there_is_none(tmp_path):
    with pytest.raises(GitError, match="cannot read the state of the worktree"):
        tree_state(tmp_path)
