"""Git is asked without its user's preferences, read completely, and its failures say what it said."""

from __future__ import annotations

import os

import pytest

from pipeline_state.errors import GitError, NoWorktreeError
from pipeline_state.git.plumbing import rev_parse, run_git


def test_a_failure_is_one_line_that_says_what_was_being_done_and_what_git_says(repository):
    with pytest.raises(GitError, match=r"^cannot read a blob: git says: .*nothing-here") as caught:
        run_git(["cat-file", "blob", "nothing-here"], "read a blob", cwd=repository)
    assert "\n" not in str(caught.value)


def test_a_failure_without_a_word_names_the_exit_code(committed):
    with pytest.raises(GitError, match="git says: exit 1"):
        run_git(["diff", "--quiet", "--no-index", "a.py", os.devnull], "compare", cwd=committed)


def test_output_is_bytes_as_git_gave_them(repository):
    (repository / "x").write_bytes(b"\xff\0\n")
    written = run_git(["hash-object", "-w", "x"], "write", cwd=repository).strip().decode()
    assert run_git(["cat-file", "blob", written], "read", cwd=repository) == b"\xff\0\n"


def test_the_language_of_the_user_does_not_matter(tmp_path):
    with pytest.raises(NoWorktreeError):
        rev_parse([("--show-toplevel",)], cwd=tmp_path, environ={**os.environ, "LC_ALL": "de_DE.UTF-8"})


def test_several_questions_get_one_answer_each(committed):
    root, head = rev_parse([("--show-toplevel",), ("--verify", "HEAD")], cwd=committed)
    assert root == str(committed)
    assert len(head) == 40


def test_readers_take_no_lock(committed, git):
    before = os.stat(committed / ".git" / "index").st_mtime_ns
    os.utime(committed / "a.py", ns=(1, 1))
    run_git(["status"], "look", cwd=committed)
    assert os.stat(committed / ".git" / "index").st_mtime_ns == before
    git(committed, "status")  # Git itself writes what it has seen
    assert os.stat(committed / ".git" / "index").st_mtime_ns > before
