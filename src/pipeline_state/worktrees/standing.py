"""Whether a worktree that was seen once is still there: asked of Git's own files, without starting Git.

A linked worktree is there as long as its Git directory is, and carries the same token: names and paths are used again.
Only "no such file" means gone. Whatever cannot be looked at is left alone.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pipeline_state.git.identity import TOKEN_FILE, unwritten_token
from pipeline_state.store.registry import Row

Standing = Literal["present", "missing", "removed", "unknown"]
"""`missing`: Git still has it, but its folder is not there; it may be on a drive that is not plugged in."""


def standing(row: Row, common_dir: Path) -> Standing:
    """Return whether the worktree of a row of this repository is still there."""
    git_dir = git_dir_of(row, common_dir)
    if git_dir is None:
        return "removed"  # no path that Git would use: whoever wrote it, it is no worktree of this repository
    try:
        with open(git_dir / TOKEN_FILE, "rb") as file:
            same = file.read(len(row.token)) == row.token.encode("ascii")
    except (FileNotFoundError, NotADirectoryError):
        # A Git directory that can only be read has a token that is made from its path.
        same = git_dir.is_dir() and unwritten_token(git_dir) == row.token
    except OSError:
        return "unknown"
    if not same:
        return "removed"
    folder = folder_of(git_dir, common_dir, row)
    try:
        os.lstat(folder)
    except (FileNotFoundError, NotADirectoryError):
        return "missing"
    except OSError:
        return "unknown"
    return "present"


def git_dir_of(row: Row, common_dir: Path) -> Path | None:
    """Return the Git directory of a row, if it names one: the common one, or one of Git's `worktrees/<name>`."""
    if row.git_dir == ".":
        return common_dir
    folder, _, name = row.git_dir.replace(os.sep, "/").rpartition("/")
    if folder != "worktrees" or name in ("", ".", ".."):
        return None
    return common_dir / "worktrees" / name


def folder_of(git_dir: Path, common_dir: Path, row: Row) -> Path:
    """Return the folder of a worktree: where Git says that it is now, or else where it was seen last."""
    found = None if git_dir == common_dir else pointed_to(git_dir)
    return Path(row.path) if found is None else found


def pointed_to(git_dir: Path) -> Path | None:
    """Return the folder of the linked worktree with this Git directory, as Git has it; `None` if it does not say."""
    try:
        pointer = os.fsdecode((git_dir / "gitdir").read_bytes()).rstrip("\n")
    except OSError:
        return None
    # Relative ones (`worktree.useRelativePaths`) count from the folder that they stand in.
    return Path(os.path.normpath(git_dir / pointer)).parent if pointer else None
