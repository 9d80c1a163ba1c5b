"""Which files the ignore files of a worktree name, tracked or not."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from pipeline_state.errors import GitError
from pipeline_state.git.plumbing import start_git


def named_by_ignore_files(root: Path, paths: Sequence[str]) -> frozenset[str]:
    """Return those of these files that a `.gitignore` says to ignore, whether they are tracked or not.

    The user's own ignore file and `.git/info/exclude` do not count. Raises `GitError` if Git cannot tell.
    """
    arguments = ["check-ignore", "--no-index", "--verbose", "-z", "--stdin"]
    process = start_git(arguments, cwd=root, is_told=True)
    assert isinstance(process, subprocess.Popen)  # nobody asks ahead for what is told more
    stdout, stderr = process.communicate(b"\0".join(map(os.fsencode, paths)))
    if process.returncode not in (0, 1):  # 1: none of them
        said = stderr.decode("utf-8", "replace").strip() or f"exit {process.returncode}"
        raise GitError(f"cannot ask which files are ignored: git says: {said}")
    fields = iter(os.fsdecode(stdout).split("\0"))
    return frozenset(
        path
        for source, _line, pattern, path in zip(fields, fields, fields, fields)  # noqa: B905 - the last is empty
        if os.path.basename(source) == ".gitignore" and not os.path.isabs(source) and not pattern.startswith("!")
    )
