"""The names in the folders of a worktree: which configuration files lie where, and what can be imported.

Names that Git ignores count too: an ignored empty folder changes how a linter sorts imports.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline_state.checks.keys import NOTHING, digest
from pipeline_state.checks.watch import Watch

IMPORTABLE = (".py", ".pyi")
CAP = 300
"""So many folders of a folder that Git does not track are looked through before asking whether anybody imports from it."""


@dataclass(frozen=True, slots=True)
class Names:
    """What is in one folder."""

    folders: frozenset[str]
    files: frozenset[str]


_EMPTY = Names(frozenset(), frozenset())


class Folders:
    """The folders of one worktree, each read once, each watched. Paths are relative, POSIX; the root is ''."""

    def __init__(self, root: Path, watch: Watch) -> None:
        self._root = os.fspath(root)
        self._watch = watch
        self._names: dict[str, Names] = {}

    def names(self, folder: str) -> Names:
        """Return what is in this folder; nothing where it cannot be read."""
        known = self._names.get(folder)
        if known is None:
            known = self._names[folder] = self._read(folder)
        return known

    def _read(self, folder: str) -> Names:
        self._watch.look(folder or ".")
        folders: set[str] = set()
        files: set[str] = set()
        try:
            with os.scandir(os.path.join(self._root, folder)) as entries:
                for entry in entries:
                    if entry.is_symlink():
                        self._watch.look(_join(folder, entry.name))  # its target may become something else
                    (folders if entry.is_dir() else files).add(entry.name)
        except OSError:  # gone, or closed to us, and so to the tools that we start
            return _EMPTY
        return Names(frozenset(folders), frozenset(files))


def folders_of(paths: Iterable[str]) -> set[str]:
    """Return the folders of these paths, and all folders above them, the root included."""
    found = {""}
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


def importable_digest(folders: Folders, tracked: set[str], mentioned: Callable[[str], bool]) -> bytes:
    """Return the digest of every name below the root that an import could find.

    `tracked` are the folders that hold tracked files: the digest must not depend on which files were selected. A folder
    outside of them with more than `CAP` folders in it (node_modules, say) is looked through only if `mentioned(name)`:
    some file that is judged holds its name at all.
    """
    parts: list[bytes] = []
    for folder in sorted(tracked):
        names = folders.names(folder)
        parts.append(_importable(folder, names))
        for name in sorted(names.folders):
            below = _join(folder, name)
            if below not in tracked and _can_be_imported(name):
                found = _below(folders, below, CAP)
                if found is None and mentioned(name):
                    found = _below(folders, below, None)
                parts.extend(found or ())
    return digest(parts)


def untracked_digest(folders: Folders, folder: str, tracked: set[str]) -> bytes:
    """Return the digest of what can be imported around an untracked file in `folder`; nothing for a tracked folder."""
    parts: list[bytes] = []
    while folder not in tracked:
        parts.extend(_below(folders, folder, None) or ())
        folder = folder.rpartition("/")[0]
    return digest(parts) if parts else NOTHING


def _below(folders: Folders, start: str, cap: int | None) -> list[bytes] | None:
    parts: list[bytes] = []
    waiting = [start]
    while waiting:
        folder = waiting.pop()
        names = folders.names(folder)
        if ".git" in names.folders or ".git" in names.files:
            continue  # a worktree or repository of its own
        parts.append(_importable(folder, names))
        waiting.extend(_join(folder, name) for name in sorted(names.folders) if _can_be_imported(name))
        if cap is not None and len(parts) + len(waiting) > cap:
            return None
    return sorted(parts)


def _importable(folder: str, names: Names) -> bytes:
    files = sorted(name for name in names.files if name.endswith(IMPORTABLE))
    below = sorted(name for name in names.folders if _can_be_imported(name))
    return digest(os.fsencode(text) for text in (folder, *below, "/", *files))


def _can_be_imported(name: str) -> bool:
    return name.isidentifier() and name != "__pycache__"


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
