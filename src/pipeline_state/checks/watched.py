"""The packed form of what a snapshot watches: paths with the stamps that they had. Pure, but for `unmoved`."""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping

from pipeline_state.named_tuple import NamedTuple

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline_state.store.stat_cache import Stamp

_ABSENT = (0, 0, 0, 0, 0)
_STAMP = struct.Struct(f"<{len(_ABSENT)}Q")


class Watched(NamedTuple):
    """What a snapshot watches: what surrounds the files, and those files that Git does not watch for us; each packed.

    `around` is empty if a later change of something there need not show in its times.
    """

    around: bytes = b""
    files: bytes = b""

    def join(self) -> bytes:
        """Return both as one, for `part`."""
        return len(self.around).to_bytes(8, "little") + self.around + self.files

    @classmethod
    def part(cls, joined: bytes) -> Watched:
        """Return both parts of what `join` made."""
        end = 8 + int.from_bytes(joined[:8], "little")
        return cls(joined[8:end], joined[end:])


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


def with_more(packed: bytes, entries: Mapping[str, Stamp | None]) -> bytes:
    """Return `packed` with further paths. Of a path that is in both, the stamp in `packed` stands."""
    length = int.from_bytes(packed[:8], "little")
    names = os.fsdecode(packed[8 : 8 + length]).split("\0") if length else []
    stamps = _STAMP.iter_unpack(memoryview(packed)[8 + length :])
    before = dict(zip(names, stamps, strict=True))
    return _packed({**{path: stamp or _ABSENT for path, stamp in entries.items()}, **before})


def pack_watched(entries: Mapping[str, Stamp | None]) -> bytes:
    """Return paths with their stamps, `None` for an absent one, in a form for `unmoved`."""
    return _packed({path: stamp or _ABSENT for path, stamp in entries.items()})


def _packed(entries: Mapping[str, Sequence[int]]) -> bytes:
    paths = sorted(entries)
    names = os.fsencode("\0".join(paths))
    flat: list[int] = []
    for path in paths:
        flat.extend(entries[path])
    return len(names).to_bytes(8, "little") + names + _numbers(flat)


def _numbers(flat: list[int]) -> bytes:
    # inodes are unsigned 64-bit on some file systems
    return struct.pack(f"<{len(flat)}Q", *(number & 0xFFFFFFFFFFFFFFFF for number in flat))
