"""Git's index, entry by entry: which names it holds, and of which files it says something else than before. Pure.

As gitformat-index(5) describes versions 2 to 4, with SHA-1. An index of another form (split, sparse, SHA-256) is not
read: it can only be compared as a whole.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from zlib import crc32

from pipeline_state.checks.digests import SIZE, blake2b, digest
from pipeline_state.named_tuple import NamedTuple

_HEADER, _CHECKSUM, _EXTENSION = 12, 20, 8
_MODE, _FLAGS, _NAME = 24, 60, 62
"""Where in an entry its mode is, and its flags, and its name, if it is not extended."""
_EXTENDED = 0x4000
_SPECIAL = 0xF000
"""Assumed to be unchanged, extended (by not being on disk, or not added yet), a stage of a merge."""
_LONGEST_NAME = 0x0FFF
_FOLDER = b"\0\0\x40\0"
_BUCKETS = 256
"""Entries are told apart by buckets: few, so that they are quickly compared, many, so that few files are in each."""


class _FormError(Exception):
    """The index is of a form that is not read here."""


class IndexEntries(NamedTuple):
    """The entries of an index.

    `names` is a digest of all names, with modes and flags. `buckets` holds one digest for each bucket of entries, of
    all that these say. `special` are files that Git does not compare with their entry, or hardly.
    """

    names: bytes
    buckets: bytes
    special: frozenset[str]

    def pack(self) -> bytes:
        """Return what later entries are compared with: bytes for `same_names` and `moved`."""
        return self.names + self.buckets

    def same_names(self, packed: bytes) -> bool:
        """Whether the other index, packed, holds the same names."""
        return packed[:SIZE] == self.names

    def moved(self, packed: bytes, paths: Collection[str]) -> set[str]:
        """Return those of these files of which the other index, packed, may say something else: all that it does."""
        before = packed[SIZE:]
        if len(before) != len(self.buckets):
            return set(paths)
        at = range(0, len(before), SIZE)
        moved = {number for number, n in enumerate(at) if before[n : n + SIZE] != self.buckets[n : n + SIZE]}
        return {path for path in paths if crc32(os.fsencode(path)) % _BUCKETS in moved} if moved else set()


def read_entries(index: bytes) -> IndexEntries | None:
    """Return the entries in the bytes of an index; `None` if it is of a form that is not read here."""
    try:
        return _read(index)
    except (_FormError, IndexError, ValueError):  # it ends too early
        return None


def _read(index: bytes) -> IndexEntries:
    version, count = (int.from_bytes(index[at : at + 4], "big") for at in (4, 8))
    if index[:4] != b"DIRC" or version not in (2, 3, 4):
        raise _FormError
    names: list[bytes] = []
    special: list[bytes] = []
    buckets: list[list[bytes]] = [[] for _ in range(_BUCKETS)]
    name, at, end_of = b"", _HEADER, index.index
    for _ in range(count):  # tens of thousands of times: what is plain takes the short way
        flags = index[at + _FLAGS] << 8 | index[at + _FLAGS + 1]
        begins = at + _NAME
        if flags & _EXTENDED:
            begins += 2
        entry = index[at:begins]
        if version == 4:
            begins, cut = _variable(index, begins)
            ends = end_of(0, begins)
            name = name[: len(name) - cut] + index[begins:ends]
            at = ends + 1
        else:
            ends = end_of(0, begins)
            name = index[begins:ends]
            at = ends + 8 - (ends - at) % 8
        mode = entry[_MODE : _MODE + 4]
        if not 0 < flags == len(name) < _LONGEST_NAME:
            if flags & _LONGEST_NAME != min(len(name), _LONGEST_NAME) or not name:
                raise _FormError
            if flags & _SPECIAL:
                special += name, entry[_FLAGS:]
        if mode == _FOLDER:
            raise _FormError
        names += mode, name
        buckets[crc32(name) % _BUCKETS] += entry, name
    _check_extensions(index, at)
    return IndexEntries(
        digest((_joined(names), _joined(special))),
        b"".join(map(_joined, buckets)),
        frozenset(map(os.fsdecode, special[::2])),
    )


def _variable(index: bytes, at: int) -> tuple[int, int]:
    """Return where a number of variable width ends, and the number: so much of the name before is not in this one."""
    byte = index[at]
    number = byte & 0x7F
    while byte & 0x80:
        at += 1
        byte = index[at]
        number = (number + 1) << 7 | byte & 0x7F
    return at + 1, number


def _check_extensions(index: bytes, at: int) -> None:
    """Go through what follows the entries, to its very end. What has to be understood has a name in small letters."""
    end = len(index) - _CHECKSUM
    while at < end:
        if not index[at : at + 1].isupper():
            raise _FormError
        at += _EXTENSION + int.from_bytes(index[at + 4 : at + _EXTENSION], "big")
    if at != end:
        raise _FormError


def _joined(parts: Iterable[bytes]) -> bytes:
    """Return the digest of these parts. A name, which holds no NUL, and a part of fixed width take turns in them."""
    return blake2b(b"\0".join(parts), digest_size=SIZE).digest()
