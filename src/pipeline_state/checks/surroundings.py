"""What surrounds the files: programs, configuration, names on disk. Looked at before judging, and again after it.

A verdict may be stored only if nothing of this moved while the tool was at work.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline_state.checks.contents import Clock, Contents
from pipeline_state.checks.declaration import Detector
from pipeline_state.checks.folders import Folders, folders_of, importable_digest, untracked_digest
from pipeline_state.checks.keys import NOTHING, digest
from pipeline_state.checks.prepared import Prepared, prepare
from pipeline_state.checks.request import Request
from pipeline_state.checks.selection import Selected
from pipeline_state.checks.tree import MOST_DETECTORS, Tree
from pipeline_state.checks.watch import Watch
from pipeline_state.config import Configuration
from pipeline_state.git.listing import read_tracked, start_tracked
from pipeline_state.store.stat_cache import Content, Stamp

_PYTHON = (".py", ".pyi")


class Surroundings:
    """The surroundings of one run's files. Detectors are numbered by their place in `prepared`."""

    def __init__(
        self,
        request: Request,
        configuration: Configuration,
        detectors: Sequence[Detector],
        selected: Selected,
        known: Callable[[str], Content | None],
        clock: Clock | None,
    ) -> None:
        root = request.worktree.root
        self.watch = Watch(root, clock)
        self.contents = Contents(root, known, clock)
        self._made_of = (request, configuration, detectors, selected, known, clock)
        for folder in _import_folders():
            self.watch.look(folder)
        folders = Folders(root, self.watch)
        self.prepared: list[Prepared] = [
            prepare(one, configuration.of(one.id), root, request.environ, self.contents, folders, self.watch)
            for one in detectors
        ]
        self.scopes = Scopes(request, selected, folders)

    def shared(self, tree: Tree) -> list[bytes]:
        """Return, for each detector, the digest of all that its files share; empty if its verdicts cannot be reused."""
        return [self._shared(number, one, tree) for number, one in enumerate(self.prepared)]

    def moved_since(self, root: Path, tree: Tree, shared: Sequence[bytes]) -> frozenset[int]:
        """Return the numbers of the detectors whose surroundings are not what they were when `shared` was made.

        A file counts as moved if it was written at all. A folder may have got names that nobody looks for (a cache), so
        there the digests decide.
        """
        base = os.path.join(os.fspath(root), "")
        folder_moved = False
        for path, before in self.watch.entries.items():
            now = _stamp(path if os.path.isabs(path) else base + path)
            if now == before:
                continue
            if before is None or now is None or not (stat.S_ISDIR(before.mode) and stat.S_ISDIR(now.mode)):
                return frozenset(range(len(self.prepared)))
            folder_moved = True
        if not folder_moved:
            return frozenset()
        again = Surroundings(*self._made_of).shared(tree)
        return frozenset(number for number, one in enumerate(again) if one != shared[number])

    def _shared(self, number: int, prepared: Prepared, tree: Tree) -> bytes:
        if prepared.missing or prepared.never or len(self.prepared) > MOST_DETECTORS:
            return b""
        if prepared.chains is None and prepared.detector.scope != "paths":
            return prepared.shared_digest(NOTHING)
        folders = {path.rpartition("/")[0] for path, entry in tree.items() if entry.mask >> number & 1}
        if any([prepared.configuration(folder)[1] for folder in sorted(folders)]):
            return b""
        return prepared.shared_digest(digest(sorted({self.scopes.of(prepared, folder) for folder in folders})))


class Scopes:
    """The field `scope` of keys, by folder: which importable names exist around a file, for the detectors that look."""

    def __init__(self, request: Request, selected: Selected, folders: Folders) -> None:
        self._request, self._selected, self._folders = request, selected, folders
        self._tracked: set[str] | None = None
        self._importable = NOTHING
        self._by_folder: dict[str, bytes] = {}

    def of(self, prepared: Prepared, folder: str) -> bytes:
        """Return the digest for a file of this detector in this folder."""
        if prepared.detector.scope != "paths":
            return NOTHING
        tracked = self._prepare()
        if folder in tracked:
            return self._importable
        if folder not in self._by_folder:
            around = untracked_digest(self._folders, folder, tracked)
            self._by_folder[folder] = digest((self._importable, around))
        return self._by_folder[folder]

    def _prepare(self) -> set[str]:
        if self._tracked is None:
            paths = self._selected.tracked
            if paths is None:
                paths = read_tracked(start_tracked(self._request.worktree.root)).paths
            self._tracked = folders_of(paths)
            sources = {path for path in (*paths, *self._selected.paths) if path.endswith(_PYTHON)}
            self._importable = importable_digest(
                self._folders, self._tracked, lambda name: self._mentions(sources, name.encode())
            )
        return self._tracked

    def _mentions(self, sources: set[str], name: bytes) -> bool:
        """Whether any Python file holds this name at all; a file that cannot be read might."""
        root = self._request.worktree.root
        for path in sources:
            try:
                if name in (root / path).read_bytes():
                    return True
            except FileNotFoundError:
                continue
            except OSError:
                return True
        return False


def _import_folders() -> list[str]:
    """The folders that an installation of a plugin or of a library writes to."""
    return [path for path in sys.path if os.path.isabs(path) and path.endswith(("site-packages", "dist-packages"))]


def _stamp(name: str) -> Stamp | None:
    try:
        return Stamp.of(os.stat(name))
    except OSError:
        return None
