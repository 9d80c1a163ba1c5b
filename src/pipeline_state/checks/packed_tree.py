"""A tree in the form in which it is stored: a file is found in it without unpacking the others. Pure."""

from __future__ import annotations

import os
import struct
from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from functools import cached_property
from itertools import starmap

from pipeline_state.checks.digests import SIZE, content_digest
from pipeline_state.checks.tree import Entry, Tree

_ENTRY = struct.Struct(f"<I{SIZE}sQ")
"""The fields of an `Entry`, in their order."""
_EDITED = struct.Struct("<I")
"""The number of a file, before its entry."""
_MOST_EDITED = 1000
"""With more of them, the whole is packed anew."""
_LENGTH = 8


class PackedTree(Mapping[str, Entry]):
    """A packed tree, and what some of its files hold instead.

    `edited` are entries of files that are in `packed`, too. `digest` is that of `packed`.
    """

    def __init__(self, packed: bytes, digest: bytes, edited: Tree | None = None) -> None:
        self.packed, self.digest, self.edited = packed, digest, edited or {}
        self._entries_at = _LENGTH + int.from_bytes(packed[:_LENGTH], "little")

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Each path with its number, from 0. Raises `ValueError` if there are more or fewer paths than entries."""
        names = self.packed[_LENGTH : self._entries_at]
        paths = os.fsdecode(names).split("\0") if names else []
        numbers = {path: number for number, path in enumerate(paths)}
        if len(numbers) * _ENTRY.size != len(self.packed) - self._entries_at:
            raise ValueError(f"a tree of {len(numbers)} files does not have as many entries")
        return numbers

    @cached_property
    def unpacked(self) -> dict[str, Entry]:
        """The whole, for those who ask for many files."""
        entries = _ENTRY.iter_unpack(memoryview(self.packed)[self._entries_at :])
        return {**dict(zip(self.numbers, map(Entry._make, entries), strict=True)), **self.edited}

    def with_edited(self, edited: Tree) -> PackedTree:
        """Return this tree, where these files hold something else."""
        tree = PackedTree(self.packed, self.digest, {**self.edited, **edited})
        tree.numbers = self.numbers
        return tree

    def pack_edited(self) -> bytes:
        """Return what was edited as bytes, for `unpack_tree`."""
        return b"".join(_EDITED.pack(self.numbers[path]) + _ENTRY.pack(*entry) for path, entry in self.edited.items())

    def __getitem__(self, path: str) -> Entry:
        edited = self.edited.get(path)
        if edited is not None:
            return edited
        return Entry._make(_ENTRY.unpack_from(self.packed, self._entries_at + self.numbers[path] * _ENTRY.size))

    def __contains__(self, path: object) -> bool:
        return path in self.numbers

    def __iter__(self) -> Iterator[str]:
        return iter(self.numbers)

    def __len__(self) -> int:
        return len(self.numbers)

    def items(self) -> ItemsView[str, Entry]:
        """Return all files with their entries."""
        return self.unpacked.items()

    def values(self) -> ValuesView[Entry]:
        """Return the entries of all files."""
        return self.unpacked.values()


def pack_tree(tree: Tree) -> PackedTree:
    """Return a tree in its packed form: as it was packed before, if not much of it was edited since then."""
    if isinstance(tree, PackedTree) and len(tree.edited) <= _MOST_EDITED:
        return tree
    names = os.fsencode("\0".join(tree))
    packed = len(names).to_bytes(_LENGTH, "little") + names + b"".join(starmap(_ENTRY.pack, tree.values()))
    return PackedTree(packed, content_digest(packed))


def unpack_tree(packed: bytes, digest: bytes, edited: bytes) -> PackedTree:
    """Return the tree in these bytes. Raises `ValueError` if they are not what was packed."""
    tree = PackedTree(packed, digest)
    size = _EDITED.size + _ENTRY.size
    if content_digest(packed) != digest or len(edited) % size:
        raise ValueError("the tree is damaged")
    if not edited:
        return tree
    paths = list(tree.numbers)
    return tree.with_edited(
        {
            paths[_EDITED.unpack_from(edited, start)[0]]: Entry._make(_ENTRY.unpack_from(edited, start + _EDITED.size))
            for start in range(0, len(edited), size)
        }
    )
