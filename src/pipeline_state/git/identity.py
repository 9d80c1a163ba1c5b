"""Which worktree this is: a random token in the worktree's own Git directory.

Neither a path nor a name under `.git/worktrees/` is an identity, both are used again. The file holds the token
and where it was written (device, inode and path of the Git directory), so that a copy of a repository can be told
from one that was moved.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False  # as type checkers read it: the Git hooks load this module, and do without `typing`
if TYPE_CHECKING:
    from pipeline_state.git.plumbing import Folder

TOKEN_FILE = "pipeline-state-token"


class _Record:
    __slots__ = ("device", "git_dir", "inode", "token")

    def __init__(self, token: str, device: int, inode: int, git_dir: str) -> None:
        self.token = token
        self.device = device
        self.inode = inode
        self.git_dir = git_dir


def known_token(git_dir: Folder) -> str | None:
    """Return the token that this Git directory holds; `None` if it has none yet. Nothing is written."""
    record = _read(os.fspath(git_dir))
    return None if record is None else record.token


def worktree_token(git_dir: Folder) -> str:
    """Return the token of the worktree with this Git directory; make one if there is none.

    A worktree that was moved or repaired keeps its token, a copy (`cp -a`) takes a new one. Where the Git
    directory cannot be written (a sandbox), the token is a digest of its path.
    """
    git_dir = os.fspath(git_dir)
    record = _read(git_dir)
    if record is None:
        return _create(git_dir)
    status = os.stat(git_dir)
    here = (status.st_dev, status.st_ino)
    if (record.device, record.inode) == here and _is_same(record.git_dir, git_dir):
        return record.token
    if _is_copy(record, git_dir, here):
        return _replace(git_dir, os.urandom(16).hex(), otherwise=unwritten_token(git_dir))
    return _replace(git_dir, record.token, otherwise=record.token)


def _is_copy(record: _Record, git_dir: str, here: tuple[int, int]) -> bool:
    if record.inode == here[1] or _is_same(record.git_dir, git_dir):
        return False  # renamed, remounted, or put back where it was
    original = _read(record.git_dir)
    if original is not None and original.token == record.token:
        return True
    # Within one file system a move keeps the inode: another inode there means copied, and the original gone since.
    return record.device == here[0]


def _is_same(one: str, other: str) -> bool:
    return os.path.normcase(one) == os.path.normcase(other)


def _read(git_dir: str) -> _Record | None:
    try:
        with open(os.path.join(git_dir, TOKEN_FILE), "rb") as file:
            token, device, inode, path = file.read().split(b"\n", 3)
        if len(token) != 32 or token.strip(b"0123456789abcdef"):
            return None
        return _Record(token.decode("ascii"), int(device), int(inode), os.fsdecode(path))
    except (OSError, ValueError):  # not there, not readable, or not ours: make a new one
        return None


def _create(git_dir: str) -> str:
    token, unwritten = os.urandom(16).hex(), unwritten_token(git_dir)
    try:
        written = _write_beside(git_dir, token)
    except OSError:  # read-only, as in many sandboxes
        return unwritten
    target = os.path.join(git_dir, TOKEN_FILE)
    try:
        if os.name == "nt":
            os.rename(written, target)  # fails if another process was first
        else:
            os.link(written, target)
    except FileExistsError:
        record = _read(git_dir)  # another process was first, or the file was damaged
        return record.token if record else _replace(git_dir, token, otherwise=unwritten)
    except OSError:  # a file system without hard links
        return _replace(git_dir, token, otherwise=unwritten)
    finally:
        _remove(written)
    return token


def _replace(git_dir: str, token: str, *, otherwise: str) -> str:
    """Write a token in the place of what is there and return it; `otherwise` where that cannot be done."""
    try:
        written = _write_beside(git_dir, token)
    except OSError:  # read-only
        return otherwise
    try:
        os.replace(written, os.path.join(git_dir, TOKEN_FILE))
    except OSError:
        _remove(written)
        return otherwise
    return token


def unwritten_token(git_dir: Folder) -> str:
    """Return the token of a worktree whose Git directory cannot be written: the same one each time."""
    from hashlib import blake2b

    return blake2b(os.fsencode(git_dir), digest_size=16).hexdigest()


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:  # it was renamed
        pass


def _write_beside(git_dir: str, token: str) -> str:
    status = os.stat(git_dir)
    path = os.path.join(git_dir, f"{TOKEN_FILE}.{os.urandom(4).hex()}")
    content = b"%s\n%d\n%d\n%s" % (token.encode("ascii"), status.st_dev, status.st_ino, os.fsencode(git_dir))
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        os.write(descriptor, content)
    finally:
        os.close(descriptor)
    return path
