"""The tree that was judged: each file's content, and which detectors judge it; packed for a snapshot. Pure."""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterable, Mapping
from itertools import starmap

from pipeline_state.checks.digests import SIZE
from pipeline_state.named_tuple import NamedTuple

MOST_DETECTORS = 64
"""A mask holds one bit for each detector."""

_ENTRY = struct.Struct(f"<I{SIZE}sQ")
"""The fields of an `Entry`, in their order."""
_REPORTED = struct.Struct(f"<HI?{SIZE}s")


class Entry(NamedTuple):
    """One file: its mode as far as it is judged, the digest of its content, a bit for each detector that judges it."""

    mode: int
    digest: bytes
    mask: int


def is_another_content(entry: Entry, before: Entry | None) -> bool:
    """Whether this is the regular file that was there before, judged by the same detectors, whatever it holds."""
    return before is not None and stat.S_ISREG(entry.mode) and (entry.mode, entry.mask) == (before.mode, before.mask)


Tree = Mapping[str, Entry]
"""Files by path, relative to the root."""


class Reported(NamedTuple):
    """A verdict that has to be told again on every run: by number of the detector, path, and key."""

    detector: int
    path: str
    excluded: bool
    key: bytes


def pack_tree(tree: Tree) -> bytes:
    """Return a tree as bytes for `unpack_tree`."""
    names = os.fsencode("\0".join(tree))
    entries = b"".join(starmap(_ENTRY.pack, tree.values()))
    return len(names).to_bytes(8, "little") + names + entries


def unpack_tree(packed: bytes) -> dict[str, Entry]:
    """Return the tree in these bytes."""
    length = int.from_bytes(packed[:8], "little")
    if not length:
        return {}
    paths = os.fsdecode(packed[8 : 8 + length]).split("\0")
    entries = _ENTRY.iter_unpack(memoryview(packed)[8 + length :])
    return dict(zip(paths, map(Entry._make, entries), strict=True))


def pack_reported(reported: Iterable[Reported], tree: Tree) -> bytes:
    """Return what has to be told again as bytes; files by their number in the tree."""
    numbers = {path: number for number, path in enumerate(tree)}
    return b"".join(_REPORTED.pack(one.detector, numbers[one.path], one.excluded, one.key) for one in reported)


def unpack_reported(packed: bytes, paths: list[str]) -> list[Reported]:
    """Return what has to be told again, given the paths of the tree in their order."""
    return [
        Reported(detector, paths[number], excluded, key)
        for detector, number, excluded, key in _REPORTED.iter_unpack(packed)
    ]


def reported_keys(packed: bytes) -> list[tuple[int, bool, bytes]]:
    """Return detector, whether it is an exclusion, and key, without needing the tree."""
    return [(detector, excluded, key) for detector, _, excluded, key in _REPORTED.iter_unpack(packed)]
