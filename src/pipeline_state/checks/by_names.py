"""Detectors of ours that judge names, not bytes: what their verdicts rest on, found once for all files of a run.

What that is, is in the key of each verdict as its scope. So the same name can be judged again when another appears.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from pipeline_state.checks.declaration import BuiltIn, Detector, Names
from pipeline_state.checks.digests import NOTHING, digest
from pipeline_state.checks.findings import Problem
from pipeline_state.checks.tree import Tree
from pipeline_state.checks.watch import Watch


class ByNames:
    """The names of one run. `known` returns every name that Git knows; it is asked at most once."""

    def __init__(self, root: Path, watch: Watch, known: Callable[[], Collection[str]]) -> None:
        self._base = os.path.join(os.fspath(root), "")
        self._watch, self._known = watch, known
        self._names: Names | None = None
        self._found: dict[str, Mapping[str, bytes]] = {}
        self.tree: Tree = {}
        """The tree whose names these are. To be set before anything is asked."""

    def shared(self, detector: Detector) -> bytes:
        """Return a digest that is equal only if no file's scope can have changed."""
        found = self._found_of(detector)
        return digest(part for path in sorted(found) for part in (os.fsencode(path), found[path])) if found else NOTHING

    def scope(self, detector: Detector, path: str) -> bytes:
        """Return the scope of one file."""
        found = self._found_of(detector).get(path)
        return NOTHING if found is None else digest((found,))

    def judge(self, detector: Detector, path: str) -> Sequence[Problem]:
        """Return what this detector finds."""
        assert isinstance(detector.how, BuiltIn)
        return tuple(detector.how.judge(path, self._found_of(detector).get(path, b"")))

    def _found_of(self, detector: Detector) -> Mapping[str, bytes]:
        """Return what the verdicts of this detector rest on, by file."""
        if detector.id not in self._found:
            assert isinstance(detector.how, BuiltIn)
            assert detector.how.names is not None
            self._found[detector.id] = detector.how.names(self._of_tree())
        return self._found[detector.id]

    def _of_tree(self) -> Names:
        if self._names is None:
            links = [path for path, entry in self.tree.items() if stat.S_ISLNK(entry.mode)]
            names = frozenset(self.tree) | frozenset(self._known())
            self._names = Names(names, links, self._is_there, self._leads_somewhere)
        return self._names

    def _is_there(self, path: str) -> bool:
        self._watch.look(os.path.dirname(path) or ".")  # a link that leads nowhere is there, too, and has no stamp
        self._watch.look(path)
        return os.path.lexists(self._base + path)

    def _leads_somewhere(self, path: str) -> bool:
        return self._watch.look(path) is not None


def judges_names(detector: Detector) -> bool:
    """Whether this detector judges names, in our own process."""
    return isinstance(detector.how, BuiltIn) and detector.how.names is not None
