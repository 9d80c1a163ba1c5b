"""Appending to a file through memory: a copy instead of a call of the system for each line.

What has been copied survives the process, whatever ends it, as what has been written does. But where there is no room
for it the system kills the writer. So room is taken first, and this is done only on file systems that keep what was
taken: not on those that look for a new place with every change (btrfs, ZFS, overlays that may lie on them).
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from pipeline_state.store.filesystem import type_of_device

if TYPE_CHECKING:
    import mmap

KEEPING_ROOM = frozenset({"ext3", "ext4", "tmpfs", "xfs"})
_FIRST = 1 << 16
_MORE = 1 << 20


class MappedFile:
    """The end of a file that is open for reading and writing. Bytes after `position` are zero, and not there yet."""

    __slots__ = ("_descriptor", "_map", "write")

    def __init__(self, descriptor: int, mapped: mmap.mmap) -> None:
        self._descriptor = descriptor
        self._map = mapped
        self.write = mapped.write
        """Appends, and returns how many bytes. Raises `ValueError` where they do not fit: then `grow`."""

    @property
    def position(self) -> int:
        """Where the next byte goes."""
        return self._map.tell()

    def grow(self, more: int) -> None:
        """Take room for so many bytes and many others. Raises `OSError` if there is none."""
        size = len(self._map)
        new = size + more + _MORE
        os.posix_fallocate(self._descriptor, size, new - size)
        self._map.resize(new)

    def close(self) -> None:
        """Give back what was not used."""
        end = self.position
        self._map.close()
        os.ftruncate(self._descriptor, end)

    def forget(self) -> None:
        """In a forked child: what it writes must not reach the file."""
        self._map.close()


def mapped(descriptor: int) -> MappedFile | None:
    """Return the file for appending through memory, or None where that is not safe or not possible."""
    if sys.platform != "linux":
        return None
    import mmap

    status = os.fstat(descriptor)
    if type_of_device(status.st_dev) not in KEEPING_ROOM:
        return None
    end = status.st_size
    try:
        os.posix_fallocate(descriptor, 0, end + _FIRST)
        found = mmap.mmap(descriptor, end + _FIRST)
    except OSError:  # no room, or a limit: what can be written is written the usual way
        os.ftruncate(descriptor, end)
        return None
    found.seek(end)
    return MappedFile(descriptor, found)
