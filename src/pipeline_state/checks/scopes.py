"""The field `scope` of keys: what a verdict rests on beside its own file, its configuration and its tool.

That is names on disk (`paths`), all sources and the installed packages (`project`), and the inputs that a project
declares.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline_state.checks.contents import Clock, Contents
from pipeline_state.checks.declaration import Detector, ProjectRun, Tool
from pipeline_state.checks.digests import NOTHING, digest, digest_text
from pipeline_state.checks.folders import Folders
from pipeline_state.checks.importable import Importable
from pipeline_state.checks.prepared import Prepared
from pipeline_state.checks.sources import Sources
from pipeline_state.checks.watch import Watch
from pipeline_state.named_tuple import NamedTuple

if TYPE_CHECKING:
    from pipeline_state.checks.placement import Placement

_PACKAGE = ("__init__.py", "__init__.pyi")


class ProjectScope(NamedTuple):
    """The project of one detector: the digest of all that it reads, and how it is run.

    `beside` is the digest of what is no source of the project: the installed packages and the declared inputs.
    `unknown` says why that is not all, if so.
    """

    digest: bytes
    run: ProjectRun
    beside: bytes
    unknown: str | None = None


class Scopes:
    """The scopes of one run. `asked` are the folders that were asked for in earlier ones."""

    def __init__(
        self,
        root: Path,
        folders: Folders,
        contents: Contents,
        watch: Watch,
        clock: Clock | None,
        *,
        asked: Iterable[str],
        tracked: Callable[[str], bool],
    ) -> None:
        self.importable = Importable(folders, asked)
        self.sources = Sources(root, folders, contents, clock, tracked)
        self._root, self._folders, self._contents, self._watch = root, folders, contents, watch
        self._projects: dict[str, ProjectScope] = {}
        self._placement: Placement | None = None

    def of_file(self, prepared: Prepared, path: str, content: bytes) -> bytes:
        """Return the scope of one file for a detector; `content` counts for the scope `paths` alone."""
        scope = NOTHING
        if prepared.detector.scope == "paths":
            roots = prepared.configuration(path.rpartition("/")[0]).import_roots
            if places_imports(prepared.detector):
                scope = self.placement.scope(content, roots)
            else:
                scope = self.importable.scope(path, content, roots)
        elif prepared.detector.scope == "project":
            return self.project(prepared).digest
        return self._with_inputs(prepared, scope)

    def shared(self, prepared: Prepared) -> bytes:
        """Return a digest that is equal only if no file's scope can have changed by anything but its own text."""
        if prepared.detector.scope == "project":
            return self.project(prepared).digest
        names = NOTHING
        if prepared.detector.scope == "paths":
            names = (self.placement if places_imports(prepared.detector) else self.importable).names_digest()
        return self._with_inputs(prepared, names)

    @property
    def placement(self) -> Placement:
        """What places imports; made for the first detector that asks."""
        if self._placement is None:
            from pipeline_state.checks.placement import Placement

            self._placement = Placement(self._root, self._folders, self._watch, self.importable.asked)
        return self._placement

    def placed_by(self, path: str) -> bool:
        """Whether a file was looked into to place imports."""
        return self._placement is not None and path in self._placement.read

    def unknown(self, prepared: Prepared) -> str | None:
        """Why a detector's verdicts rest on more than its scope holds, if they do."""
        return self.project(prepared).unknown if prepared.detector.scope == "project" else None

    def project(self, prepared: Prepared) -> ProjectScope:
        """Return the project of a detector of that scope, whose tool is there."""
        name = prepared.detector.id
        if name not in self._projects:
            self._projects[name] = self._look(prepared)
        return self._projects[name]

    def _look(self, prepared: Prepared) -> ProjectScope:
        tool, args = prepared.detector.how, prepared.settings.args
        assert isinstance(tool, Tool)
        assert prepared.executable is not None
        endings, run = tool.project.sources, ProjectRun()
        if tool.project.run is not None:
            run = tool.project.run(self._root, args, prepared.environment, self.sources.files(endings))
        unknown = run.unknown if prepared.settings.inputs is None else None
        packages = NOTHING
        if tool.project.packages:
            packages, reason = self._packages(prepared.executable, run, endings)
            unknown = unknown or reason
        further = [self._start(name) for name in run.folders]
        beside = self._with_inputs(prepared, packages)
        parts = (
            self.sources.digest(endings, ("", *further)),
            digest_text(*run.targets),
            self._packages_above(),
            beside,
        )
        return ProjectScope(digest(parts), run, beside, unknown)

    def _packages(self, executable: Path, run: ProjectRun, endings: tuple[str, ...]) -> tuple[bytes, str | None]:
        from pipeline_state.checks.installed import packages_of, script_interpreter

        own = script_interpreter(executable)
        if own is None and not run.interpreters:
            return NOTHING, f"{executable.name} does not show which interpreter it runs in, and so not which packages"
        further = (Path(os.path.normpath(self._root / name)) for name in run.interpreters)
        interpreters = dict.fromkeys([*([own] if own else []), *further])
        found = [
            packages_of(one, self._root, endings, self.sources, self._contents, self._watch) for one in interpreters
        ]
        return digest(one.digest for one in found), next((one.unknown for one in found if one.unknown), None)

    def _start(self, name: str) -> str:
        """Return a folder in the form that `Sources` takes: relative if it is in the worktree."""
        path = os.path.relpath(os.path.normpath(self._root / name), self._root).replace(os.sep, "/")
        if path == ".." or path.startswith("../") or os.path.isabs(path):
            return os.path.normpath(self._root / name)
        return "" if path == "." else path

    def _packages_above(self) -> bytes:
        """Return a mark for packages that the worktree is a part of: the names of all folders are in its modules'.

        A folder between two packages is a part of the upper one, too. So every folder above counts.
        """
        folders = [self._root, *self._root.parents]
        names = [folder / name for folder in folders for name in _PACKAGE]
        there = [name for name in names if self._watch.look(os.fspath(name)) is not None]
        return digest(map(os.fsencode, [*there, *folders])) if there else NOTHING

    def _with_inputs(self, prepared: Prepared, scope: bytes) -> bytes:
        inputs = prepared.settings.inputs
        return scope if not inputs else digest((scope, self.sources.inputs_digest(inputs)))


def places_imports(detector: Detector) -> bool:
    """Whether this detector's tool places imports as isort does."""
    return isinstance(detector.how, Tool) and detector.how.places_imports
