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
from pipeline_state.checks.digests import NOTHING
from pipeline_state.checks.folders import Folders
from pipeline_state.checks.importable import Importable
from pipeline_state.checks.prepared import Prepared, prepare
from pipeline_state.checks.request import Request
from pipeline_state.checks.tree import MOST_DETECTORS, Tree
from pipeline_state.checks.variants import Variant
from pipeline_state.checks.watch import Watch
from pipeline_state.store.stat_cache import Content, Stamp


class Surroundings:
    """The surroundings of one run's files. Detectors are numbered by their place in `prepared`."""

    def __init__(
        self,
        request: Request,
        variants: Sequence[Variant],
        asked: frozenset[str],
        known: Callable[[str], Content | None],
        clock: Clock | None,
    ) -> None:
        root = request.worktree.root
        self.watch = Watch(root, clock)
        self.contents = Contents(root, known, clock)
        self._made_of = (request, variants, asked, known, clock)
        for folder in _import_folders():
            self.watch.look(folder)
        folders = Folders(root, self.watch)
        self.prepared: list[Prepared] = [
            prepare(one.detector, one.settings, root, request.environ, self.contents, folders, self.watch)
            for one in variants
        ]
        self.importable = Importable(folders, asked)

    def shared(self, tree: Tree) -> list[bytes]:
        """Return, for each detector, the digest of all that its files share; empty if its verdicts cannot be reused."""
        return [self._shared(number, one, tree) for number, one in enumerate(self.prepared)]

    def scope(self, prepared: Prepared, path: str, content: bytes) -> bytes:
        """Return the scope of a file for a detector."""
        if prepared.detector.scope != "paths":
            return NOTHING
        roots = prepared.configuration(path.rpartition("/")[0]).import_roots
        return self.importable.scope(path, content, roots)

    def moved_since(self, root: Path, tree: Tree) -> frozenset[int]:
        """Return the numbers of the detectors whose surroundings are not what they were when they were looked at.

        A file counts as moved if it was written at all. The digests decide where that says nothing: a folder may have
        got names that nobody looks for (a cache), a link may lead to what nobody reads (a log), and a time that is not
        past yet proves nothing.
        """
        base = os.path.join(os.fspath(root), "")
        undecided = not self.watch.settled
        for path, before in self.watch.entries.items():
            name = path if os.path.isabs(path) else base + path
            now = _stamp(name)
            if now == before:
                continue
            folders = before is not None and now is not None and stat.S_ISDIR(before.mode) and stat.S_ISDIR(now.mode)
            if not folders and not os.path.islink(name):
                return frozenset(range(len(self.prepared)))
            undecided = True
        if not undecided:
            return frozenset()
        request, variants, _, known, clock = self._made_of
        again = Surroundings(request, variants, frozenset(self.importable.asked), known, clock)
        earlier = self.shared(tree)
        return frozenset(number for number, one in enumerate(again.shared(tree)) if one != earlier[number])

    def _shared(self, number: int, prepared: Prepared, tree: Tree) -> bytes:
        if prepared.missing or prepared.never or len(self.prepared) > MOST_DETECTORS:
            return b""
        folders = {path.rpartition("/")[0] for path, entry in tree.items() if entry.mask >> number & 1}
        chains = [prepared.configuration(folder) for folder in folders]  # every one: together they are the digest
        if any(chain.unknown for chain in chains):
            return b""
        names = self.importable.names_digest() if prepared.detector.scope == "paths" else NOTHING
        return prepared.shared_digest(names)


def _import_folders() -> list[str]:
    """The folders that an installation of a plugin or of a library writes to."""
    return [path for path in sys.path if os.path.isabs(path) and path.endswith(("site-packages", "dist-packages"))]


def _stamp(name: str) -> Stamp | None:
    try:
        return Stamp.of(os.stat(name))
    except OSError:
        return None
