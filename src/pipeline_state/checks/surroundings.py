"""What surrounds the files: programs, configuration, names on disk. Looked at before judging, and again after it.

A verdict may be stored only if nothing of this moved while the tool was at work.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Collection, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

from pipeline_state.checks.by_names import ByNames, judges_names
from pipeline_state.checks.contents import Clock, Contents
from pipeline_state.checks.folders import Folders
from pipeline_state.checks.prepared import Prepared, prepare
from pipeline_state.checks.request import Request
from pipeline_state.checks.scopes import ProjectScope, Scopes, places_imports
from pipeline_state.checks.snapshot import SnapshotDetector
from pipeline_state.checks.tree import MOST_DETECTORS, Tree
from pipeline_state.checks.variants import Variant
from pipeline_state.checks.watch import Watch
from pipeline_state.checks.watched import agrees
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
        tracked: Callable[[str], bool],
        names: Callable[[], Collection[str]],
    ) -> None:
        root = Path(request.worktree.root)
        self.watch = Watch(root, clock)
        self.contents = Contents(root, known, clock)
        self._made_of = (request, variants, asked, known, clock, tracked, names)
        for folder in _import_folders():
            self.watch.look(folder)
        folders = Folders(root, self.watch)
        self.prepared: list[Prepared] = [
            prepare(one.detector, one.settings, root, request.environ, self.contents, folders, self.watch)
            for one in variants
        ]
        self.scopes = Scopes(root, folders, self.contents, self.watch, clock, asked=asked, tracked=tracked)
        self.by_names = ByNames(root, self.watch, names)
        self._hidden: dict[int, bool] = {}
        """Of each detector, whether something that its files are judged under cannot be seen: found out once."""
        self._folders: dict[int, set[str]] = {}
        """The folders of files by who judges those, as in `Entry.mask`: found out once."""

    @property
    def asked(self) -> set[str]:
        """The folders in which imported modules were looked for."""
        return self.scopes.importable.asked

    def is_settled(self) -> bool:
        """Whether any later change of anything that was looked at must show in its times."""
        return self.watch.settled and self.scopes.sources.watch.settled

    def watched(self, before: bytes) -> bytes:
        """Return everything that was looked at, now and `before`, packed."""
        return self.watch.packed(self.scopes.sources.watch, before=before)

    def projects(self) -> dict[int, ProjectScope]:
        """Return the project of each detector that judges one, as far as its tool is there."""
        whole = (one.detector.scope == "project" and one.missing is None for one in self.prepared)
        return {number: self.scopes.project(self.prepared[number]) for number, is_whole in enumerate(whole) if is_whole}

    def agree(self, before: bytes) -> bool:
        """Whether everything that was looked at, as far as it was looked at `before`, was the same then."""
        return agrees(before, self.watch.entries) and agrees(before, self.scopes.sources.watch.entries)

    def shared(self, tree: Tree, standing: Sequence[SnapshotDetector] = ()) -> list[bytes]:
        """Return, for each detector, the digest of all that its files share; empty if its verdicts cannot be reused.

        `standing` is what a snapshot knows of them, if nothing has moved since then but what some files hold.
        """
        self.by_names.tree = tree
        return [
            (_standing(one, standing[number]) if standing else b"") or self._shared(number, one, tree)
            for number, one in enumerate(self.prepared)
        ]

    def scope(self, prepared: Prepared, path: str, content: bytes) -> bytes:
        """Return the scope of a file for a detector."""
        if judges_names(prepared.detector):
            return self.by_names.scope(prepared.detector, path)
        return self.scopes.of_file(prepared, path, content)

    def never(self, prepared: Prepared, path: str) -> str | None:
        """Why no verdict on this file can be reused, if that is so."""
        chain = prepared.configuration(path.rpartition("/")[0])
        return prepared.never or prepared.unseen(chain) or self.scopes.unknown(prepared)

    def moved_since(self, root: Path, tree: Tree) -> frozenset[int]:
        """Return the numbers of the detectors whose surroundings are not what they were when they were looked at.

        A file counts as moved if it was written at all. The digests decide where that says nothing: a folder may have
        got names that nobody looks for (a cache), a link may lead to what nobody reads (a log), and a time that is not
        past yet proves nothing.
        """
        base = os.path.join(os.fspath(root), "")
        undecided = not self.watch.settled
        placing = frozenset[int]()
        for path, before in self.watch.entries.items():
            name = path if os.path.isabs(path) else base + path
            now = _stamp(name)
            if now == before:
                continue
            folders = before is not None and now is not None and stat.S_ISDIR(before.mode) and stat.S_ISDIR(now.mode)
            if self.scopes.placed_by(path):  # a source: the others rest on its name alone, which their digests hold
                placing = frozenset(n for n, one in enumerate(self.prepared) if places_imports(one.detector))
            elif not folders and not os.path.islink(name):
                return frozenset(range(len(self.prepared)))
            undecided = True
        written = placing | (frozenset(self.projects()) if self.scopes.sources.moved() else frozenset[int]())
        if not undecided:
            return written
        request, variants, _, known, clock, tracked, names = self._made_of
        again = Surroundings(request, variants, frozenset(self.asked), known, clock, tracked, names)
        earlier = self.shared(tree)
        return written | {number for number, one in enumerate(again.shared(tree)) if one != earlier[number]}

    def _folders_of(self, number: int, tree: Tree) -> AbstractSet[str]:
        """Return the folders in which a detector has files."""
        if not self._folders:
            for path, entry in tree.items():
                self._folders.setdefault(entry.mask, set()).add(path.rpartition("/")[0])
        return frozenset[str]().union(*(found for mask, found in self._folders.items() if mask >> number & 1))

    def _shared(self, number: int, prepared: Prepared, tree: Tree) -> bytes:
        if prepared.missing or prepared.never or len(self.prepared) > MOST_DETECTORS:
            return b""
        if number not in self._hidden:
            folders = self._folders_of(number, tree) if prepared.chains is not None else frozenset[str]()
            chains = [prepared.configuration(folder) for folder in folders]  # every one: together they are the digest
            self._hidden[number] = any(prepared.unseen(chain) for chain in chains)
        if self._hidden[number] or self.scopes.unknown(prepared):
            return b""
        if judges_names(prepared.detector):
            return prepared.shared_digest(self.by_names.shared(prepared.detector))
        return prepared.shared_digest(self.scopes.shared(prepared))


def _standing(prepared: Prepared, before: SnapshotDetector) -> bytes:
    """Return what the files of this detector shared before and do now, or nothing if that is not known.

    It must hold the content of no file that Git watches for us. The context, which is made anew by each run, rests on
    more than is watched: texts about installed packages, say.
    """
    same = before.id == prepared.detector.id and before.context == prepared.context.digest
    return before.shared if same and _rests_on_no_file(prepared) else b""


def _rests_on_no_file(prepared: Prepared) -> bool:
    whole = prepared.detector.scope == "project" or bool(prepared.settings.inputs)
    return not whole and not places_imports(prepared.detector)


def _import_folders() -> list[str]:
    """The folders that an installation of a plugin or of a library writes to."""
    return [path for path in sys.path if os.path.isabs(path) and path.endswith(("site-packages", "dist-packages"))]


def _stamp(name: str) -> Stamp | None:
    try:
        return Stamp.of(os.stat(name))
    except OSError:
        return None
