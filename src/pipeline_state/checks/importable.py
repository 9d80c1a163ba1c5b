"""The field `scope` of keys: which modules that a file may import are on disk, and which packages the file is in.

A tool that sorts imports asks the disk. Names that Git ignores count too, folders as well as files: an ignored empty
folder makes a module look like the project's own.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from pipeline_state.checks.digests import digest
from pipeline_state.checks.folders import Folders, Names
from pipeline_state.checks.imports import imported_modules

_PACKAGE = ("__init__.py", "__init__.pyi")
_ENDINGS = (".py", ".pyi")


class Importable:
    """What can be imported in one worktree. `folders` comes with the names that were asked for in earlier runs."""

    def __init__(self, folders: Folders, asked: Iterable[str]) -> None:
        self._folders = folders
        self.asked = set(asked)
        """The folders that any file's scope has rested on. Only more of them are ever needed, so none is dropped."""

    def scope(self, path: str, content: bytes, roots: Iterable[str]) -> bytes:
        """Return the scope of one file; `roots` are the folders below which modules are looked for."""
        parts = [os.fsencode(folder) for folder in self._packages(path.rpartition("/")[0])]
        modules = sorted(imported_modules(content))
        for root in sorted(set(roots)):
            for module in modules:
                found = self._found(root, module)
                if found:
                    parts += [os.fsencode(root), module.encode("utf-8", "surrogateescape"), found]
        return digest(parts)

    def names_digest(self) -> bytes:
        """Return the digest of every name that an import could find in the folders that were asked for.

        Equal only if no file's scope can have changed by anything but its own text.
        """
        parts = [b"%d" % level for level in self._above()]
        for folder in sorted(self.asked):
            names = self._folders.names(folder)
            files = sorted(name for name in names.files if name.endswith(_ENDINGS))
            folders = sorted(name for name in names.folders if name.isidentifier() and name != "__pycache__")
            parts.append(digest(os.fsencode(text) for text in (folder, *folders, "/", *files)))
        return digest(parts)

    def _packages(self, folder: str) -> list[str]:
        """Return the folders from this one upwards for as long as they are packages."""
        found = []
        while not self._names(folder).files.isdisjoint(_PACKAGE):
            found.append(folder)
            if not folder:
                found += [f"^{level}" for level in self._above()]
                break
            folder = folder.rpartition("/")[0]
        return found

    def _above(self) -> list[int]:
        """Return how far the folders above go on being packages, if the worktree is one itself."""
        root = self._folders.names("")
        return [] if root.files.isdisjoint(_PACKAGE) else self._folders.packages_above(_PACKAGE)

    def _found(self, root: str, module: str) -> bytes:
        """Return, for each part of a dotted name, what is there: a folder, a module, a stub. Empty if nothing is."""
        folder, found = root, bytearray()
        for part in module.split("."):
            names = self._names(folder)
            there = _kinds(names, part)
            if not there:
                break
            found.append(there)
            if part not in names.folders:
                break
            folder = f"{folder}/{part}" if folder else part
        return bytes(found)

    def _names(self, folder: str) -> Names:
        self.asked.add(folder)
        return self._folders.names(folder)


def _kinds(names: Names, part: str) -> int:
    return (part in names.folders) | (f"{part}.py" in names.files) << 1 | (f"{part}.pyi" in names.files) << 2
