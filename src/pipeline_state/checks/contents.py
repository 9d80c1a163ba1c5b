"""What files hold, by digest: from the stat cache where that is proven, from the bytes otherwise.

An entry of the stat cache is trusted only if the file's times were strictly older than the time that the file system
itself gave a file we had just created on it. File systems stamp more coarsely than the wall clock: two edits within
one tick look the same, and only their own clock says that the tick is over.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pipeline_state.checks.digests import SIZE, blake2b, content_digest
from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store.stat_cache import Content, Stamp

_AT_ONCE = 1 << 20
"""Bytes that are read at once: most files in one go, and no file into memory whole."""

# On Windows `st_ctime` is the creation time: there is no time that an edit cannot set back, so hash always.
TIMES_PROVE = os.name != "nt"


class Clock(NamedTuple):
    """A file system's own clock: the time it gave a file that was just created, and which file system it is."""

    now_ns: int
    device: int

    def proves(self, status: os.stat_result) -> bool:
        """Whether a later change of this file must show in its times."""
        newest = max(status.st_mtime_ns, status.st_ctime_ns)
        return TIMES_PROVE and status.st_dev == self.device and newest < self.now_ns

    def has_passed(self, status: os.stat_result) -> bool:
        """Whether this file's times lie in the past: by its own file system's clock, or by two seconds on another one.

        Two seconds are the coarsest that any file system stamps. A network file system whose clock is behind ours
        is not seen through here.
        """
        newest = max(status.st_mtime_ns, status.st_ctime_ns)
        return TIMES_PROVE and newest < self.now_ns - (0 if status.st_dev == self.device else 2_000_000_000)


def file_system_clock(root: Path, folders: Iterable[Path]) -> Clock | None:
    """Return the clock of the file system that `root` is on, from a file created in one of these folders.

    `None` if none of them is on that file system and can be written; nothing is trusted then.
    """
    device = root.stat().st_dev
    for folder in folders:
        probe = folder / f".pipeline-state-clock-{os.urandom(4).hex()}"
        try:
            if folder.stat().st_dev != device:
                continue
            descriptor = os.open(probe, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except OSError:  # not there, or not ours to write: try the next one
            continue
        try:
            status = os.fstat(descriptor)
        finally:
            os.close(descriptor)
            probe.unlink(missing_ok=True)
        if status.st_dev == device:
            return Clock(status.st_mtime_ns, device)
    return None


class Contents:
    """The contents of the files of one worktree, each looked at once.

    `known` is the stat cache, `clock` the file system's clock, taken before the first file is read. Paths are relative
    to `root`, or absolute for files outside. What was learnt and can be trusted later collects in `learnt`.
    """

    def __init__(self, root: Path, known: Callable[[str], Content | None], clock: Clock | None) -> None:
        self.root = root
        self.learnt: dict[str, Content] = {}
        self.hashed = 0
        self.derived: dict[object, Any] = {}
        """What was made of contents for one detector, by what it is: many ask for the same."""
        self._known, self._clock = known, clock
        self._base = os.path.join(os.fspath(root), "")
        self._seen: dict[tuple[str, bool], Content | None] = {}
        self._unproven: set[str] = set()

    def of(self, path: str, *, follow: bool = False) -> Content | None:
        """Return what `path` holds; `None` if it is not there, or neither a file nor a link.

        A link counts as its target's name, unless `follow`. Raises `OSError` for a file that cannot be read.
        """
        asked = (path, follow)
        if asked not in self._seen:
            self._seen[asked] = self._look(path, follow)
        return self._seen[asked]

    def forget(self, path: str) -> None:
        """Look at this path again next time: something of ours has written it."""
        self._seen.pop((path, False), None)
        self._seen.pop((path, True), None)
        self.learnt.pop(path, None)

    def is_proven(self, path: str) -> bool:
        """Whether any later change of this path, which was asked for before, must show in its times."""
        return path not in self._unproven

    def still(self, path: str, content: Content) -> bool:
        """Whether `path` holds on disk, now, what it held when it was looked at."""
        status = _lstat(self._base + path)
        if status is None:
            return False
        return self._untouched(status, content) or judged_bytes(self._base + path, status) == content.digest

    def was_left_alone(self, path: str, content: Content) -> bool:
        """Whether `path` was not written since it was looked at: not even to hold the same again."""
        status = _lstat(self._base + path)
        if status is None or Stamp.of(status) != content.stamp:
            return False
        return self._untouched(status, content) or judged_bytes(self._base + path, status) == content.digest

    def _untouched(self, status: os.stat_result, content: Content) -> bool:
        return Stamp.of(status) == content.stamp and self._clock is not None and self._clock.proves(status)

    def _look(self, path: str, follow: bool) -> Content | None:
        name = path if os.path.isabs(path) else self._base + path
        try:
            status = os.stat(name) if follow else os.lstat(name)
        except (FileNotFoundError, NotADirectoryError):
            return None
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode)):
            return None
        stamp = Stamp.of(status)
        proven = self._clock is not None and (
            self._clock.has_passed(status) if os.path.isabs(path) else self._clock.proves(status)
        )
        if not proven:
            self._unproven.add(path)
        known = self._known(path) if proven else None
        if known is not None and known.stamp == stamp:
            return known
        content = Content(stamp, judged_bytes(name, status))
        self.hashed += 1
        if proven:
            self.learnt[path] = content
        return content


def _lstat(name: str) -> os.stat_result | None:
    try:
        return os.lstat(name)
    except FileNotFoundError:
        return None


def judged_bytes(name: str, status: os.stat_result) -> bytes:
    """Return the digest of a file's bytes, or of a link's target. Raises `OSError` if it cannot be read."""
    if stat.S_ISLNK(status.st_mode):
        return content_digest(os.fsencode(os.readlink(name)))
    state = blake2b(digest_size=SIZE)
    with open(name, "rb", buffering=0) as file:
        while part := file.read(_AT_ONCE):
            state.update(part)
    return state.digest()
