"""Which worktree this is: one token for one worktree, through moves and races, and another one for a copy."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from pipeline_state.git.identity import TOKEN_FILE, worktree_token

posix = pytest.mark.skipif(os.name == "nt", reason="needs `cp -a`, modes and inodes")


def copy(source, target):
    subprocess.run(["cp", "-a", source, target], check=True)


def is_token(text):
    return len(text) == 32 and set(text) <= set("0123456789abcdef")


@pytest.fixture
def git_dir(repository):
    return repository / ".git"


def leftovers(git_dir):
    return [entry.name for entry in git_dir.iterdir() if entry.name.startswith(TOKEN_FILE) and entry.name != TOKEN_FILE]


def test_a_token_is_made_once_and_stays(git_dir):
    token = worktree_token(git_dir)
    assert is_token(token)
    written = (git_dir / TOKEN_FILE).read_bytes()
    assert worktree_token(git_dir) == token
    assert (git_dir / TOKEN_FILE).read_bytes() == written
    assert leftovers(git_dir) == []


def test_eight_processes_at_once_make_one_token(git_dir):
    start = time.time() + 1.0  # long enough for all of them to be there
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom pipeline_state.git.identity import worktree_token\n"
        "while time.time() < float(sys.argv[2]): pass\n"
        "print(worktree_token(Path(sys.argv[1])))"
    )
    command = [sys.executable, "-c", code, git_dir, str(start)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(8)]
    tokens = {process.communicate(timeout=30)[0].strip() for process in processes}
    assert tokens == {worktree_token(git_dir)}
    assert is_token(tokens.pop())
    assert leftovers(git_dir) == []


def test_linked_worktrees_have_tokens_of_their_own(committed, git):
    git(committed, "worktree", "add", "-q", committed.parent / "linked")
    linked = committed / ".git" / "worktrees" / "linked"
    assert worktree_token(committed / ".git") != worktree_token(linked)


def test_a_name_that_is_used_again_is_another_worktree(committed, git):
    linked, git_dir = committed.parent / "linked", committed / ".git" / "worktrees" / "linked"
    tokens = set()
    for _ in range(2):
        git(committed, "worktree", "add", "-q", "--detach", linked)
        tokens.add(worktree_token(git_dir))
        git(committed, "worktree", "remove", linked)
    assert len(tokens) == 2


@posix
def test_a_moved_repository_keeps_its_token(git_dir, tmp_path):
    token = worktree_token(git_dir)
    git_dir.parent.rename(tmp_path / "moved")
    assert worktree_token(tmp_path / "moved" / ".git") == token
    (tmp_path / "moved").rename(git_dir.parent)
    assert worktree_token(git_dir) == token


@posix
def test_a_moved_worktree_keeps_its_token(committed, git):
    linked, git_dir = committed.parent / "linked", committed / ".git" / "worktrees" / "linked"
    git(committed, "worktree", "add", "-q", linked)
    token = worktree_token(git_dir)
    git(committed, "worktree", "move", linked, committed.parent / "moved")
    assert worktree_token(git_dir) == token
    committed.rename(committed.parent / "main-moved")
    assert worktree_token(committed.parent / "main-moved" / ".git" / "worktrees" / "linked") == token


@posix
def test_a_copy_is_another_worktree_and_the_original_is_what_it_was(git_dir, tmp_path):
    token = worktree_token(git_dir)
    copy(git_dir.parent, tmp_path / "copy")
    of_copy = worktree_token(tmp_path / "copy" / ".git")
    assert of_copy != token
    assert is_token(of_copy)
    assert worktree_token(tmp_path / "copy" / ".git") == of_copy
    assert worktree_token(git_dir) == token


@posix
@pytest.mark.parametrize("first", ["original", "copy"])
def test_a_copy_is_told_from_its_original_after_both_were_moved(git_dir, tmp_path, first):
    token = worktree_token(git_dir)
    copy(git_dir.parent, tmp_path / "copied")
    git_dir.parent.rename(tmp_path / "original")
    (tmp_path / "copied").rename(tmp_path / "copy")
    tokens = {}
    for name in (first, "copy" if first == "original" else "original"):
        tokens[name] = worktree_token(tmp_path / name / ".git")
    assert tokens["original"] == token
    assert tokens["copy"] != token


@posix
def test_what_was_put_back_where_it_was_is_what_it_was(git_dir, tmp_path):
    token = worktree_token(git_dir)
    copy(git_dir.parent, tmp_path / "kept")
    shutil.rmtree(git_dir.parent)
    copy(tmp_path / "kept", git_dir.parent)
    assert worktree_token(git_dir) == token


@posix
@pytest.mark.skipif(not os.path.isdir("/dev/shm"), reason="needs a second file system")
def test_a_move_to_another_file_system_keeps_the_token(git_dir):
    token = worktree_token(git_dir)
    with tempfile.TemporaryDirectory(dir="/dev/shm") as elsewhere:
        if os.stat(elsewhere).st_dev == git_dir.stat().st_dev:
            pytest.skip("the same file system")
        shutil.move(git_dir.parent, Path(elsewhere, "moved"))
        assert worktree_token(Path(elsewhere, "moved", ".git")) == token


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 100,
        b"g" * 32 + b"\n1\n1\n/x",
        b"0" * 31 + b"\n1\n1\n/x",
        b"0" * 32 + b"\nx\ny\n/x",
        b"0" * 32 + b"\n1",
    ],
)
def test_a_damaged_file_is_replaced(git_dir, content):
    (git_dir / TOKEN_FILE).write_bytes(content)
    token = worktree_token(git_dir)
    assert is_token(token)
    assert worktree_token(git_dir) == token
    assert leftovers(git_dir) == []


def test_what_cannot_be_replaced_has_one_token_all_the_same(git_dir):
    (git_dir / TOKEN_FILE / "a").mkdir(parents=True)
    token = worktree_token(git_dir)
    assert is_token(token)
    assert worktree_token(git_dir) == token
    assert leftovers(git_dir) == []


@posix
def test_a_git_folder_that_can_only_be_read_has_one_token(public_folder, in_process):
    git_dir, other = public_folder / ".git", public_folder / "other"
    git_dir.mkdir(0o755)
    other.mkdir(0o755)
    if os.geteuid() != 0:
        git_dir.chmod(0o555)
        other.chmod(0o555)
    code = """
        from pathlib import Path
        for folder in sys.argv[1:]:
            print(pipeline_state.git.identity.worktree_token(Path(folder)))
    """
    tokens = in_process(code, git_dir, git_dir, other, unprivileged=True).split()
    assert tokens[0] == tokens[1] != tokens[2]
    assert is_token(tokens[0])
    assert list(git_dir.iterdir()) == []


@posix
def test_a_copy_that_can_only_be_read_has_one_token_and_not_that_of_its_original(public_folder, in_process):
    original, copied = public_folder / "original", public_folder / "copied"
    original.mkdir(0o755)
    token = worktree_token(original)
    original.joinpath(TOKEN_FILE).chmod(0o644)
    copy(original, copied)
    if os.geteuid() != 0:
        copied.chmod(0o555)
    code = """
        from pathlib import Path
        for folder in sys.argv[1:]:
            print(pipeline_state.git.identity.worktree_token(Path(folder)))
    """
    tokens = in_process(code, copied, copied, unprivileged=True).split()
    copied.chmod(0o755)
    assert tokens[0] == tokens[1] != token
