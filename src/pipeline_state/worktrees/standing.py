"""Whether a worktree that was seen once is still there: asked of Git's own files, without starting Git.

A linked worktree is there as long as its Git directory is, and carries the same token: names and paths are used again.
Only "no such file" means gone. Whatever cannot be looked at is left alone.
"""

from __future__ import annotations

import os

from pipeline_state.git.identity import TOKEN_FILE

TYPE_CHECKING = False  # as type checkers read it: the Git hooks load this module, and do without `typing`
if TYPE_CHECKING:
    from typing import Literal

    from pipeline_state.store.registry import Row

    Standing = Literal["present", "missing", "removed", "unknown"]
    """`missing`: Git still has it, but its folder is not there; it may be on a drive that is not plugged in."""


def standing(row: Row, common_dir: str | os.PathLike[str]) -> Standing:
    """Return whether the worktree of a row of this repository is still there."""
    git_dir = _git_dir(row, os.fspath(common_dir))
    if git_dir is None:
        return "removed"  # no path that Git would use: whoever wrote it, it is no worktree of this repository
    try:
        same = _read(f"{git_dir}/{TOKEN_FILE}", len(row.token)) == row.token.encode("ascii")
    except (FileNotFoundError, NotADirectoryError):
        # A Git directory that can only be read has a token that is made from its path.
        same = os.path.isdir(git_dir) and _unwritten_token(git_dir) == row.token
    except OSError:
        return "unknown"
    if not same:
        return "removed"
    try:
        os.lstat(row.path if row.git_dir == "." else pointed_to(git_dir) or row.path)
    except (FileNotFoundError, NotADirectoryError):
        return "missing"
    except OSError:
        return "unknown"
    return "present"


def pointed_to(git_dir: str) -> str | None:
    """Return the folder of the linked worktree with this Git directory, as Git has it; `None` if it does not say."""
    try:
        pointer = os.fsdecode(_read(f"{git_dir}/gitdir", 1 << 16)).rstrip("\n")
    except OSError:
        return None
    # Relative ones (`worktree.useRelativePaths`) count from the folder that they stand in.
    return os.path.dirname(os.path.normpath(os.path.join(git_dir, pointer))) if pointer else None


def _git_dir(row: Row, common_dir: str) -> str | None:
    """Return the Git directory of a row, if it names one: the common one, or one of Git's `worktrees/<name>`."""
    if row.git_dir == ".":
        return common_dir
    folder, _, name = row.git_dir.replace(os.sep, "/").rpartition("/")
    return None if folder != "worktrees" or name in ("", ".", "..") else f"{common_dir}/worktrees/{name}"


def _unwritten_token(git_dir: str) -> str:

    from pipeline_state.git.identity import unwritten_token

    return unwritten_token(git_dir)


def _read(path: str, most: int) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0))
    try:
        return os.read(descriptor, most)
    finally:
        os.close(descriptor)
