"""Paths whose state a snapshot rests on, and which Git does not watch for us.

Folders (for names that appear), configuration files that are ignored or lie outside, tools, untracked files: each with the
stamp that it had *before* it was read, or the fact that it was absent.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

from pipeline_state.checks.contents import Clock
from pipeline_state.store.stat_cache import Stamp

_ABSENT = (0, 0, 0, 0, 0)


class Watch:
    """Collects what a run looked at. `settled` says whether any later change of it must show in its times."""

    def __init__(self, root: Path, clock: Clock | None) -> None:
        self.settled = clock is not None
        self._base = os.path.join(os.fspath(root), "")
        self._clock = clock
        self.entries: dict[str, Stamp | None] = {}

    def look(self, path: str) -> Stamp | None:
        """Return the stamp of what `path` (relative to the root, or absolute) leads to, and remember it.

        Call this before reading, so that a change in between is noticed.
        """
        if path in self.entries:
            return self.entries[path]
        try:
            status = os.stat(self._base + path if not os.path.isabs(path) else path)
        except OSError:  # absent, or as good as absent to every tool that we start
            self.entries[path] = None
            return None
        if self._clock is None or not self._clock.has_passed(status):
            self.settled = False
        stamp = self.entries[path] = Stamp.of(status)
        return stamp

    def packed(self, other: Watch) -> bytes:
        """Return what was looked at, here and there, in a form for `unmoved`."""
        entries = {**self.entries, **other.entries}
        paths = sorted(entries)
        return _pack(paths, [entries[path] for path in paths])


def unmoved(root: Path, packed: bytes) -> bool:
    """Whether everything in `packed` is as it was."""
    length = int.from_bytes(packed[:8], "little")
    names = packed[8 : 8 + length]
    paths = os.fsdecode(names).split("\0") if names else []
    base = os.path.join(os.fspath(root), "")
    flat: list[int] = []
    extend, absolute, stat = flat.extend, os.path.isabs, os.stat
    for path in paths:
        try:
            status = stat(path if absolute(path) else base + path)
        except OSError:
            extend(_ABSENT)
        else:
            extend((status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_mode))
    return _numbers(flat) == packed[8 + length :]


def _pack(paths: list[str], stamps: list[Stamp | None]) -> bytes:
    names = os.fsencode("\0".join(paths))
    flat: list[int] = []
    for stamp in stamps:
        if stamp is None:
            flat.extend(_ABSENT)
        else:
            flat.extend((stamp.inode, stamp.size, stamp.mtime_ns, stamp.ctime_ns, stamp.mode))
    return len(names).to_bytes(8, "little") + names + _numbers(flat)


def _numbers(flat: list[int]) -> bytes:
    # inodes are unsigned 64-bit on some file systems
    return struct.pack(f"<{len(flat)}Q", *(number & 0xFFFFFFFFFFFFFFFF for number in flat))
