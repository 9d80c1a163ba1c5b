"""What ignore files name: for tools that pass over it although it is tracked."""

from __future__ import annotations

import pytest

from pipeline_state.errors import GitError
from pipeline_state.git.ignoring import named_by_ignore_files


def test_files_are_named_whether_they_are_tracked_or_not(committed):
    (committed / "in").mkdir()
    (committed / ".gitignore").write_text("a.py\nout/\nwe*\n")
    (committed / "in/.gitignore").write_text("b*\n!b.py\n")
    names = ["a.py", "b.py", "in/a.py", "in/b.py", "in/bb.py", "out/deep/c.py", "we\nird.py", "-d.py"]
    assert named_by_ignore_files(committed, names) == {"a.py", "in/a.py", "in/bb.py", "out/deep/c.py", "we\nird.py"}
    assert named_by_ignore_files(committed, ["b.py"]) == frozenset()
    assert named_by_ignore_files(committed, []) == frozenset()


def test_what_only_the_user_ignores_is_not_named(committed):
    (committed / ".git/info/exclude").write_text("a.py\n")
    assert named_by_ignore_files(committed, ["a.py"]) == frozenset()


def test_without_a_repository_nothing_can_be_told(tmp_path):
    with pytest.raises(GitError):
        named_by_ignore_files(tmp_path, ["a.py"])
