"""What a worktree holds at one moment: its commit, its branch, and a digest of everything that is not committed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from pipeline_state.git.environment import without_repository
from pipeline_state.git.plumbing import run_git

_STATUS = ["status", "--porcelain=v2", "--branch", "-z", "--untracked-files=all", "--no-renames", "--no-ahead-behind"]
_LARGE = 64 * 1024 * 1024
"""Bytes. Of a larger file the digest holds size and time: reading it could take longer than the tests."""


@dataclass(frozen=True, slots=True)
class TreeState:
    """`digest` covers the commit, changes of tracked files, and untracked files that are not ignored.

    It is None where it cannot be told: a submodule holds changes of its own.
    """

    commit: str | None
    branch: str | None
    digest: str | None


def tree_state(root: Path, *, leave_out: tuple[str, ...] = (), environ: Mapping[str, str] = os.environ) -> TreeState:
    """Ask Git, with one process, for the state of the worktree at `root`.

    Bytecode, pytest's cache and paths (relative, POSIX) that begin with one of `leave_out` do not count. Raises
    `GitError` if Git cannot answer.
    """
    # A hook's GIT_INDEX_FILE would make Git compare with an index that is about to vanish.
    output = run_git(_STATUS, "read the state of the worktree", cwd=root, environ=without_repository(environ))
    headers, paths, unclear = _read_status(output)
    commit = headers.get("branch.oid", "(initial)")
    branch = headers.get("branch.head", "(detached)")
    digest = blake2b(digest_size=16)
    digest.update(commit.encode())
    for path in sorted(paths):
        if _counts(path, leave_out):
            digest.update(b"\0" + path + b"\0")
            for part in _content(os.path.join(os.fsencode(root), path)):
                digest.update(part)
    return TreeState(
        None if commit == "(initial)" else commit,
        None if branch == "(detached)" else branch,
        None if unclear else digest.hexdigest(),
    )


def _read_status(output: bytes) -> tuple[dict[str, str], set[bytes], bool]:
    """Return the branch headers, the paths that differ, and whether a submodule has changes that are not shown."""
    headers: dict[str, str] = {}
    paths: set[bytes] = set()
    unclear = False
    for entry in output.split(b"\0"):
        kind = entry[:1]
        if kind == b"#":
            name, _, value = os.fsdecode(entry[2:]).partition(" ")
            headers[name] = value
        elif kind == b"1":
            _, _, submodule, *_, path = entry.split(b" ", 8)
            unclear |= submodule[2:] != b".."
            paths.add(path)
        elif kind == b"u":
            paths.add(entry.split(b" ", 10)[-1])
        elif kind == b"?" and not entry.endswith(b"/"):  # with a slash: another repository, or a worktree of this one
            paths.add(entry[2:])
    return headers, paths, unclear


def _counts(path: bytes, leave_out: tuple[str, ...]) -> bool:
    folders = path.split(b"/")[:-1]
    if path.endswith((b".pyc", b".pyo")) or b"__pycache__" in folders or b".pytest_cache" in folders:
        return False
    return not path.startswith(tuple(os.fsencode(prefix) for prefix in leave_out))


def _content(path: bytes) -> Iterator[bytes]:
    """Return what a path holds, in a form in which different contents differ."""
    try:
        status = os.lstat(path)
        if os.path.islink(path):
            yield b"link " + os.readlink(path)
        elif os.path.isdir(path):
            yield b"submodule " + _head_of(path)
        elif not os.path.isfile(path):
            yield b"special"  # a socket or a pipe: reading it would block
        elif status.st_size > _LARGE:
            yield b"large %d %d" % (status.st_size, status.st_mtime_ns)
        else:
            with open(path, "rb") as file:
                content = file.read()
            yield b"file %o %d " % (status.st_mode & 0o100, len(content))
            yield content
    except FileNotFoundError:
        yield b"deleted"
    except OSError as error:
        yield b"unreadable %d" % (error.errno or 0)


def _head_of(submodule: bytes) -> bytes:
    return run_git(
        ["rev-parse", "--verify", "HEAD"],
        "read the commit of a submodule",
        cwd=Path(os.fsdecode(submodule)),
        environ=without_repository(os.environ),
    )
