"""What is known of each worktree in the Git directory that all of them share: what is left when one is removed.

`<common Git directory>/pipeline-state/worktrees/<token>.jsonl` has a line for each finished run, and for each time that
somebody looked after the worktree: where it is, its database, the run in short. One file for each worktree, and one
`write` for each line, so that no lock is needed. The last line is where the worktree was last seen.

All of it is best effort: where the common Git directory can only be read (a sandbox), nothing is kept.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Mapping

from pipeline_state.store import clock

TYPE_CHECKING = False  # as type checkers read it: the Git hooks load this module, and do without `typing`
if TYPE_CHECKING:
    from typing import Any

    from pipeline_state.location import Location

VERSION = 1
FOLDER = "pipeline-state"
ROWS = "worktrees"
REMOVED = "removed"
SWEPT = "swept"
ALONE = "alone"
SUFFIX = ".jsonl"
LIMIT = 131_072
"""Bytes of a file, from which on a new one is begun and this one is put aside."""

_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
KEPT_REMOVED = 1_000
"""Files of removed worktrees that are kept; mostly there is one for each worktree."""
_OURS = 32
_TAIL = 4_096
"""Bytes that mostly hold the last line of a file; if they do not, all of it is read."""


class Row:
    """A worktree as it was last seen. `git_dir` is relative to the common Git directory, `.` for the main worktree.

    `common_dir` and `inode` say where and which folder that was: a copy of a repository holds the rows of the original.
    `runs` are summaries, the oldest first, as they were written.
    """

    __slots__ = ("common_dir", "database", "git_dir", "inode", "path", "runs", "token", "used_at")

    def __init__(
        self,
        token: str,
        path: str,
        git_dir: str,
        database: str,
        common_dir: str,
        inode: int,
        used_at: str,
        runs: tuple[Mapping[str, Any], ...] = (),
    ) -> None:
        self.token = token
        self.path = path
        self.git_dir = git_dir
        self.database = database
        self.common_dir = common_dir
        self.inode = inode
        self.used_at = used_at
        self.runs = runs


def record(location: Location, token: str, summary: Mapping[str, object] | None = None) -> bool:
    """Write down where a worktree is, and what a run there came to; return whether that could be done."""
    worktree = location.worktree
    if worktree is None or location.path is None or not is_token(token):
        return False
    common = worktree.common_dir
    try:
        git_dir = os.path.relpath(worktree.git_dir, common)
        inode = os.stat(common).st_ino
    except (OSError, ValueError):  # gone; on another drive
        return False
    row = Row(token, worktree.root, git_dir, location.path, common, inode, clock.now())
    return add(common, row, summary)


def add(common_dir: str | os.PathLike[str], row: Row, summary: Mapping[str, object] | None) -> bool:
    """Write a line for a worktree into its file; return whether that could be done."""
    fields: dict[str, object] = {
        "version": VERSION,
        "worktree": row.token,
        "path": row.path,
        "git_dir": row.git_dir,
        "database": row.database,
        "common_dir": row.common_dir,
        "inode": row.inode,
        "time": row.used_at,
        "run": summary,
    }
    try:
        _append(os.path.join(common_dir, FOLDER), f"{row.token}{SUFFIX}", _encode(fields).encode("ascii") + b"\n")
    except OSError:
        return False
    return True


def tokens(common_dir: str | os.PathLike[str], kind: str = ROWS) -> tuple[str, ...]:
    """Return the tokens of the worktrees that were seen, or of those that were removed."""
    return tuple(dict.fromkeys(name.partition(".")[0] for name in _names(common_dir, kind)))


def read(common_dir: str | os.PathLike[str], token: str, kind: str = ROWS) -> Row | None:
    """Return what is known of a worktree; `None` if that is nothing. Lines that cannot be read are left out."""
    last: dict[str, Any] | None = None
    runs: dict[str, Mapping[str, Any]] = {}
    for path in files(common_dir, token, kind):
        for line in _read(path).splitlines():
            found = _parse(line, token)
            if found is not None:
                last = found
                if found["run"] is not None:
                    runs[str(found["run"]["id"])] = found["run"]
    return None if last is None else _row(token, last, tuple(runs.values()))


def latest(common_dir: str | os.PathLike[str], token: str) -> Row | None:
    """Return where a worktree was last seen, with its last run if it was seen for that: `read` in a hurry."""
    path = os.path.join(common_dir, FOLDER, ROWS, f"{token}{SUFFIX}")
    found = _parse(_read(path, _TAIL).rstrip(b"\n").rpartition(b"\n")[2], token)
    if found is None:  # just put aside, or damaged
        return read(common_dir, token)
    run = found["run"]
    return _row(token, found, () if run is None else (run,))


def files(common_dir: str | os.PathLike[str], token: str, kind: str = ROWS) -> list[str]:
    """Return the files of a worktree, the oldest first."""
    folder = os.path.join(common_dir, FOLDER, kind)
    mine = [name for name in _names(common_dir, kind) if name.startswith(f"{token}.")]
    # Those that were put aside have the time in their name, and the one that is written to has none.
    return [os.path.join(folder, name) for name in sorted(mine, key=lambda name: (name.count(".") < 2, name))]


def set_removed(common_dir: str | os.PathLike[str], token: str) -> bool:
    """Keep what is known of a worktree as that of a removed one; return whether it was us who did it."""
    folder = os.path.join(common_dir, FOLDER, REMOVED)
    with contextlib.suppress(FileExistsError):
        os.mkdir(folder, 0o700)
    if os.path.islink(folder):
        return False
    moved = False
    for path in files(common_dir, token):
        with contextlib.suppress(FileNotFoundError):  # another process was first
            os.rename(path, os.path.join(folder, f"{token}.{time.time_ns()}{SUFFIX}"))
            moved = True
    return moved


def forget_oldest_removed(common_dir: str | os.PathLike[str], keep: int = KEPT_REMOVED) -> int:
    """Forget what was set apart first, but for the newest `keep` files; return how many files went."""
    names = _names(common_dir, REMOVED)
    gone = sorted(names, key=lambda name: name.partition(".")[2].zfill(32))[: max(0, len(names) - keep)]
    for name in gone:
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(common_dir, FOLDER, REMOVED, name))
    return len(gone)


def mark_swept(common_dir: str | os.PathLike[str]) -> None:
    """Leave the time of a sweep that begins now: the hooks compare it with the time of Git's folder `worktrees`.

    Git removes that folder with the last linked worktree; then the mark says that this was seen.
    """
    folder = os.path.join(common_dir, FOLDER)
    alone = os.path.join(folder, ALONE)
    with contextlib.suppress(OSError):
        _touch(os.path.join(folder, SWEPT))
        if os.path.isdir(os.path.join(common_dir, "worktrees")):
            os.unlink(alone)
        else:
            _touch(alone)


def is_token(text: str) -> bool:
    """Whether this is a worktree's token, and so can be a file name."""
    return len(text) == _OURS and not text.strip("0123456789abcdef")


def _touch(path: str) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | _NOFOLLOW, 0o600))
    os.utime(path)


def _names(common_dir: str | os.PathLike[str], kind: str) -> list[str]:
    folder = os.path.join(common_dir, FOLDER, kind)
    if os.path.islink(folder) or os.path.islink(os.path.dirname(folder)):
        return []  # whoever put it there means another folder than ours
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return [name for name in sorted(names) if name.endswith(SUFFIX) and is_token(name.partition(".")[0])]


def _append(folder: str, name: str, line: bytes) -> None:
    rows = os.path.join(folder, ROWS)
    path = os.path.join(rows, name)
    if os.path.islink(rows) or os.path.islink(folder):
        raise FileNotFoundError(path)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _NOFOLLOW, 0o600)
    except FileNotFoundError:
        for each in (folder, rows):  # not the Git directory itself: a repository that is gone stays gone
            with contextlib.suppress(FileExistsError):
                os.mkdir(each, 0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _NOFOLLOW, 0o600)
    try:
        os.write(descriptor, line)
        full = os.fstat(descriptor).st_size > LIMIT
    finally:
        os.close(descriptor)
    if full:  # who has it open meanwhile goes on writing to it under its new name, and nothing is lost
        with contextlib.suppress(FileNotFoundError):  # another process was first
            os.rename(path, os.path.join(rows, f"{name.removesuffix(SUFFIX)}.{time.time_ns()}{SUFFIX}"))


def _parse(line: bytes, token: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = _decode(line)
        whole = found["version"] == VERSION and found["worktree"] == token
        run = found["run"]
        return found if whole and (run is None or isinstance(run["id"], str)) else None
    except (ValueError, LookupError, TypeError, RecursionError):
        return None


def _decode(line: bytes) -> Any:
    """Return what one of our lines says. `json`, with `re`, takes longer to load than a sweep of 100 worktrees.

    Raises `ValueError`, `TypeError`, `RecursionError`; a line with anything around its value is none of ours.
    """
    try:
        from _json import make_scanner

        scan = make_scanner(_Decoding)  # type: ignore[arg-type]  # it reads attributes, and takes anything that has them
    except (ImportError, AttributeError):  # not CPython, or one that asks for more than these attributes
        from json import loads

        return loads(line)
    text = line.decode("ascii")
    try:
        value, end = scan(text, 0)
    except StopIteration as error:
        raise ValueError(f"no JSON at {error}") from error
    if end != len(text):
        raise ValueError(f"more than a value, from {end} on")
    return value


class _Decoding:
    """How `json` decodes, as its scanner asks for it."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float


def _read(path: str, most: int = 4 * LIMIT) -> bytes:
    """Return a file, or its last `most` bytes."""
    try:
        descriptor = os.open(path, os.O_RDONLY | _NOFOLLOW)
    except OSError:  # gone meanwhile, a link, or another user's
        return b""
    try:
        os.lseek(descriptor, max(0, os.fstat(descriptor).st_size - most), os.SEEK_SET)
        return os.read(descriptor, most)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def _row(token: str, found: Mapping[str, Any], runs: tuple[Mapping[str, Any], ...]) -> Row | None:
    texts = [found.get(name) for name in ("path", "git_dir", "database", "common_dir", "time")]
    inode = found.get("inode")
    if not isinstance(inode, int) or not all(isinstance(text, str) and "\0" not in text for text in texts):
        return None
    path, git_dir, database, common_dir, used_at = map(str, texts)
    return Row(token, path, git_dir, database, common_dir, inode, used_at, runs)


def _encode(value: object) -> str:
    """Return a value as JSON, in ASCII. The `json` package takes longer to load than the whole of `record`."""
    if value is None:
        return "null"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_quoted(name)}:{_encode(item)}" for name, item in value.items()) + "}"
    return _quoted(str(value))


def _quoted(text: str) -> str:
    try:
        from _json import encode_basestring_ascii
    except ImportError:  # not CPython
        from json.encoder import encode_basestring_ascii
    quoted: str = encode_basestring_ascii(text)
    return quoted
