"""The names in the folders of a worktree: which configuration files lie where, and what can be imported."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline_state.checks.watch import Watch
from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store.stat_cache import Stamp


class Names(NamedTuple):
    """What is in one folder: folders and regular files, links followed.

    What leads nowhere is not there to most tools. It stands among the `others`, as do pipes and their like. `links` are
    those of all these names that are symbolic links.
    """

    folders: frozenset[str]
    files: frozenset[str]
    others: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()


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

    def stamp(self, folder: str) -> Stamp | None:
        """Return the stamp that this folder had before it was read; `None` where there is none."""
        return self._watch.look(folder or ".")

    def packages_above(self, markers: Sequence[str]) -> list[int]:
        """Return how far the folders above the worktree go on holding one of these files: 1 for the nearest."""
        found = []
        for level, folder in enumerate(Path(self._root).parents, start=1):
            looks = [self._watch.look(os.path.join(folder, name)) for name in markers]  # every one is watched
            if not any(looks):
                break
            found.append(level)
        return found

    def _read(self, folder: str) -> Names:
        self._watch.look(folder or ".")
        folders: set[str] = set()
        files: set[str] = set()
        others: set[str] = set()
        links: set[str] = set()
        try:
            with os.scandir(os.path.join(self._root, folder)) as entries:
                for entry in entries:
                    if entry.is_symlink():
                        links.add(entry.name)
                        self._watch.look(_join(folder, entry.name))  # its target may become something else
                    kind = folders if _leads_to(entry.is_dir) else files if _leads_to(entry.is_file) else others
                    kind.add(entry.name)
        except OSError:  # gone, or closed to us, and so to the tools that we start
            return _EMPTY
        return Names(frozenset(folders), frozenset(files), frozenset(others), frozenset(links))


def _leads_to(what: Callable[[], bool]) -> bool:
    """Whether an entry is, or leads to, a file or a folder. A broken link is neither, as tools see it too."""
    try:
        return what()
    except OSError:  # only a link raises: it leads to itself, or through what is closed to us
        return False


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
