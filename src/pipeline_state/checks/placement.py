"""The field `scope` of keys, for a tool that places imports as isort does: what the disk says of each of them.

isort asks below each source folder for a module, a package or an extension module of that name, and what the source
folder itself is called. It goes on into a namespace package: a folder without sources, or one whose `__init__.py` says
so. What is held here is what it would be told, not what it makes of that: so its settings do not count, and names that
Git ignores do. Links are resolved before the names beside them are asked for, as isort does it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from pipeline_state.checks.digests import digest
from pipeline_state.checks.folders import Folders
from pipeline_state.checks.placed_imports import placed_modules
from pipeline_state.checks.watch import Watch

_MODULES = (".py", ".so", ".pyd", ".dll")
_SOURCE = re.compile(r".+\.(?:py|pyi|pyx|pxd)|(?i:setup\.cfg|pyproject\.toml)", re.DOTALL)
_INIT = "__init__.py"
_BEGINNING = 4096
"""Bytes of an `__init__.py` that isort looks at."""

_NAMESPACES = (b"declare_namespace", b"extend_path")
"""One of these is in all that makes an `__init__.py` that of a namespace package."""


class Placement:
    """What decides where imports are placed in one worktree. `asked` are the folders that a scope has rested on."""

    def __init__(self, root: Path, folders: Folders, watch: Watch, asked: set[str]) -> None:
        self.read: set[str] = set()
        """The files that were looked into, each an `__init__.py`."""
        self._root = os.path.realpath(root)
        self._folders, self._watch, self._asked = folders, watch, asked
        self._entries: dict[str, dict[str, list[str]]] = {}
        self._packages: dict[str, bytes] = {}

    def scope(self, content: bytes, roots: Iterable[str]) -> bytes:
        """Return the scope of a file; `roots` are the source folders."""
        parts: list[bytes] = []
        modules = sorted(placed_modules(content))
        for root in sorted(set(roots)):
            above, _, name = root.rpartition("/")
            called = name or os.path.basename(self._root)
            for module in modules:
                names = module.split(".")
                found = self._found(root, names)
                if names[0].casefold() == called.casefold():
                    # To import what the folder is called is to import the folder.
                    found += [b".", *(self._found(above, [name]) if name else []), *self._within(root, names[1:])]
                if found:
                    parts += [os.fsencode(root), module.encode("utf-8", "surrogatepass"), digest(found)]
        return digest(parts)

    def names_digest(self) -> bytes:
        """Return the digest of all that could be found in the folders that were asked for.

        Equal only if no file's scope can have changed by anything but its own text.
        """
        parts = [os.fsencode(os.path.basename(self._root))]
        for folder in sorted(self._asked):
            marks = (mark for _, found in sorted(self._in(folder).items()) for mark in found)
            parts.append(digest(map(os.fsencode, (folder, *marks))) + self._package(folder))
        return digest(parts)

    def _found(self, folder: str, names: list[str]) -> list[bytes]:
        """Return what is there for each part of a dotted name, as long as there is something."""
        if not names:
            return []
        found = [os.fsencode(mark) for mark in self._in(folder).get(names[0].casefold(), ())]
        if not found:
            return []
        place = _join(folder, names[0])
        if names[0] in self._folders.names(folder).links:
            place = self._target(place)
            folder, _, name = place.rpartition("/")
            beside = self._in(folder or ("/" if place.startswith("/") else ""))
            found += map(os.fsencode, (name, *beside.get(name.partition(".")[0].casefold(), ())))
        return [*found, *self._within(place, names[1:])]

    def _within(self, folder: str, names: list[str]) -> list[bytes]:
        return [self._package(folder), *self._found(folder, names)] if self._is_folder(folder) else []

    def _in(self, folder: str) -> dict[str, list[str]]:
        """Return what may count in a folder, by the names under which it can be imported."""
        self._asked.add(folder)
        known = self._entries.get(folder)
        if known is None:
            known = self._entries[folder] = {}
            names = self._folders.names(folder)
            for name in sorted(names.folders | names.files | names.others):
                first, dot, _ = name.partition(".")
                if not first or name == "__pycache__" or (dot and not name.endswith(_MODULES)):
                    continue
                if not dot and name in names.links:
                    known.setdefault(first.casefold(), []).append(f"{name}@{self._target(_join(folder, name))}")
                if name in names.folders:
                    known.setdefault(first.casefold(), []).append(f"{name}/")
                elif dot and (name in names.files or self._watch.look(_join(folder, name)) is not None):
                    known.setdefault(first.casefold(), []).append(name)
        return known

    def _package(self, folder: str) -> bytes:
        """Return what makes a folder a namespace package, or not."""
        known = self._packages.get(folder)
        if known is None:
            names = self._folders.names(folder)
            if _INIT in names.files:
                known = self._beginning(_join(folder, _INIT))
            elif _INIT in names.folders or (
                _INIT in names.others and self._watch.look(_join(folder, _INIT)) is not None
            ):
                known = b"?"  # isort breaks down on it
            else:
                known = b"+" if any(map(_SOURCE.fullmatch, names.folders | names.files | names.others)) else b"-"
            self._packages[folder] = known
        return known

    def _beginning(self, path: str) -> bytes:
        self.read.add(path)
        self._watch.look(path)
        try:
            with open(os.path.join(self._root, path), "rb") as file:
                start = file.read(_BEGINNING)
        except OSError:  # closed to us, and so to the tools that we start
            return b"?"
        return digest((start,)) if any(one in start for one in _NAMESPACES) else b"="

    def _is_folder(self, folder: str) -> bool:
        self._asked.add(folder)
        return self._watch.look(folder or ".") is not None and os.path.isdir(os.path.join(self._root, folder))

    def _target(self, path: str) -> str:
        """Return where a link leads: relative to the worktree, absolute if that is outside."""
        target = os.path.realpath(os.path.join(self._root, path))
        if target == self._root:
            return ""
        inside = target.removeprefix(os.path.join(self._root, ""))
        return target if inside == target else inside.replace(os.sep, "/")


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
