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
_MOST = 0xFFFFFFFFFFFFFFFF
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


def unmoved(root: str, packed: bytes, *, links: bool = False) -> bool:
    """Whether everything in `packed` is as it was. See `Watch` for `links`."""
    length = int.from_bytes(packed[:8], "little")
    names = packed[8 : 8 + length]
    paths = os.fsdecode(names).split("\0") if names else []
    base = os.path.join(root, "")
    flat: list[int] = []
    extend, absolute, outside, inside = flat.extend, os.path.isabs, os.stat, os.lstat if links else os.stat
    for path in paths:
        try:
            status = outside(path) if absolute(path) else inside(base + path)
        except OSError:
            extend(_ABSENT)
        else:
            extend((status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_mode))
    return _numbers(flat) == packed[8 + length :]


def watched_names(packed: bytes) -> frozenset[str]:
    """Return the paths in `packed`."""
    length = int.from_bytes(packed[:8], "little")
    return frozenset(os.fsdecode(packed[8 : 8 + length]).split("\0")) if length else frozenset()


def unpacked(watched: bytes) -> dict[str, Sequence[int]]:
    """Return the paths in `watched`, each with the numbers of its stamp."""
    length = int.from_bytes(watched[:8], "little")
    names = os.fsdecode(watched[8 : 8 + length]).split("\0") if length else []
    return dict(zip(names, _STAMP.iter_unpack(memoryview(watched)[8 + length :]), strict=True))


def agrees(watched: bytes, entries: Mapping[str, Stamp | None]) -> bool:
    """Whether each of these paths that is in `watched`, too, has the stamp there that it has here."""
    before = unpacked(watched)
    return all(before[path] == _numbered(stamp) for path, stamp in entries.items() if path in before)


def with_more(watched: bytes, entries: Mapping[str, Stamp | None]) -> bytes:
    """Return `watched` with further paths. Of a path that is in both, the stamp in `watched` stands."""
    return packed({**{path: _numbered(stamp) for path, stamp in entries.items()}, **unpacked(watched)})


def pack_watched(entries: Mapping[str, Stamp | None]) -> bytes:
    """Return paths with their stamps, `None` for an absent one, in a form for `unmoved`."""
    return packed({path: stamp or _ABSENT for path, stamp in entries.items()})


def packed(entries: Mapping[str, Sequence[int]]) -> bytes:
    """Return paths with the numbers of their stamps in a form for `unmoved`."""
    paths = sorted(entries)
    names = os.fsencode("\0".join(paths))
    flat: list[int] = []
    for path in paths:
        flat.extend(entries[path])
    return len(names).to_bytes(8, "little") + names + _numbers(flat)


def _numbered(stamp: Stamp | None) -> tuple[int, ...]:
    """Return the numbers of a stamp as they are packed."""
    return tuple(number & _MOST for number in stamp or _ABSENT)


def _numbers(flat: list[int]) -> bytes:
    # inodes are unsigned 64-bit on some file systems
    return struct.pack(f"<{len(flat)}Q", *(number & _MOST for number in flat))
