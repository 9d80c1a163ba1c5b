"""The tree that was judged: each file's content, and which detectors judge it; and what has to be told of it. Pure."""

from __future__ import annotations

import stat
import struct
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from pipeline_state.checks.digests import SIZE
from pipeline_state.named_tuple import NamedTuple

MOST_DETECTORS = 64
"""A mask holds one bit for each detector."""

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


def file_counts(tree: Tree) -> Mapping[int, int]:
    """Return how many files each detector judges."""
    counts: Counter[int] = Counter()
    for mask, files in Counter(entry.mask for entry in tree.values()).items():
        for number in range(mask.bit_length()):
            if mask >> number & 1:
                counts[number] += files
    return counts


class Reported(NamedTuple):
    """A verdict that has to be told again on every run: by number of the detector, path, and key."""

    detector: int
    path: str
    excluded: bool
    key: bytes


def pack_reported(reported: Iterable[Reported], numbers: Mapping[str, int]) -> bytes:
    """Return what has to be told again as bytes; files by their number in the tree."""
    return b"".join(_REPORTED.pack(one.detector, numbers[one.path], one.excluded, one.key) for one in reported)


def unpack_reported(packed: bytes, paths: Sequence[str]) -> list[Reported]:
    """Return what has to be told again, given the paths of the tree in their order."""
    return [
        Reported(detector, paths[number], excluded, key)
        for detector, number, excluded, key in _REPORTED.iter_unpack(packed)
    ]


def reported_keys(packed: bytes) -> list[tuple[int, bool, bytes]]:
    """Return detector, whether it is an exclusion, and key, without needing the tree."""
    return [(detector, excluded, key) for detector, _, excluded, key in _REPORTED.iter_unpack(packed)]
