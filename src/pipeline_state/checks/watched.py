"""The packed form of what a snapshot watches: paths with the stamps that they had. Pure, but for `unmoved`."""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    from pipeline_state.store.stat_cache import Stamp

_ABSENT = (0, 0, 0, 0, 0)


def unmoved(root: str, packed: bytes) -> bool:
    """Whether everything in `packed` is as it was."""
    length = int.from_bytes(packed[:8], "little")
    names = packed[8 : 8 + length]
    paths = os.fsdecode(names).split("\0") if names else []
    base = os.path.join(root, "")
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


def watched_names(packed: bytes) -> frozenset[str]:
    """Return the paths in `packed`."""
    length = int.from_bytes(packed[:8], "little")
    return frozenset(os.fsdecode(packed[8 : 8 + length]).split("\0")) if length else frozenset()


def pack_watched(entries: Mapping[str, Stamp | None]) -> bytes:
    """Return paths with their stamps, `None` for an absent one, in a form for `unmoved`."""
    paths = sorted(entries)
    names = os.fsencode("\0".join(paths))
    flat: list[int] = []
    for path in paths:
        flat.extend(entries[path] or _ABSENT)
    return len(names).to_bytes(8, "little") + names + _numbers(flat)


def _numbers(flat: list[int]) -> bytes:
    # inodes are unsigned 64-bit on some file systems
    return struct.pack(f"<{len(flat)}Q", *(number & 0xFFFFFFFFFFFFFFFF for number in flat))
