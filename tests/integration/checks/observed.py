"""What a tool opened or looked for, as the kernel saw it, and what its detector declares of that."""

from __future__ import annotations

import csv
import itertools
import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from pipeline_state.checks.declaration import Detector, Tool
from pipeline_state.checks.processes import Processes
from pipeline_state.checks.survey import Survey
from pipeline_state.checks.tools import Identity, tool_identity
from pipeline_state.checks.watch import Watch

_CALL = re.compile(r'^\d+ +\w+\((?:(?:AT_FDCWD|\d+)<([^>\n]*)>, )?"((?:[^"\\\n]|\\.)+)"(.*)', re.MULTILINE)
"""A call: the folder from which the name counts, where that is not the current one, the name, and the rest."""


class Watched(Processes):
    """Runs the tools as the engine does, under strace.

    `looked_for` is what they opened or asked for, `listed` the folders whose names they read.
    """

    def __init__(self, strace: str, scratch: Path, unable: Callable[[str], object]) -> None:
        super().__init__()
        self._unable = unable
        self.looked_for: set[str] = set()
        self.listed: set[str] = set()
        self._strace = [strace, "-f", "-y", "--seccomp-bpf", "-s", "4096", "-e", "trace=%file", "-o"]
        self._logs = (scratch / f"log{number}" for number in itertools.count())

    def run(self, argv, *, cwd, env, timeout_s):
        log = next(self._logs)
        output = super().run([*self._strace, os.fspath(log), *argv], cwd=cwd, env=env, timeout_s=timeout_s)
        text = log.read_text(errors="replace")
        if not text:
            self._unable(f"strace cannot trace here: {output.stderr.decode(errors='replace')}")
        for folder, name, flags in _CALL.findall(text):
            path = os.path.normpath(os.path.join(folder or cwd, name))
            (self.listed if "O_DIRECTORY" in flags else self.looked_for).add(path)
        return output._replace(argv=tuple(argv))


class Declared:
    """What a detector says that its verdicts rest on: everything of which a change is noticed."""

    def __init__(self, detector: Detector, found: Survey) -> None:
        (prepared,) = found.surroundings.prepared
        self._prepared, self._contents = prepared, found.surroundings.contents
        self.detector, self.root = detector, os.fspath(found.surroundings.contents.root)
        tool = detector.how
        assert isinstance(tool, Tool)
        judged = [path for path, entry in found.tree.items() if entry.mask]
        for path in judged:
            content = Path(self.root, path).read_bytes()
            found.surroundings.scope(prepared, path, content)
        self.asked = {os.path.join(self.root, folder).rstrip("/") for folder in found.surroundings.asked}
        self.judged = {os.path.join(self.root, path) for path in judged}
        upwards = tool.configuration.where == "upwards"
        folders = {self.root, *(str(folder) for path in self.judged if upwards for folder in Path(path).parents)}
        around = found.surroundings
        entries = {**around.watch.entries, **around.scopes.sources.watch.entries, **around.scopes.sources.read}
        self.watched = {os.path.normpath(os.path.join(self.root, path)) for path in entries}
        self.sources = tool.project.sources
        names = {os.path.join(folder, name) for folder in folders for name in tool.configuration.names}
        inside = (folder for folder in folders if f"{folder}/".startswith(f"{self.root}/"))
        names |= {os.path.join(folder, name) for folder in inside for name in tool.configuration.stops}
        self.paths = self.judged | self.watched | names
        places = {os.path.dirname(path) for path in self.paths}
        self.folders = {os.fspath(folder) for place in places for folder in (place, *Path(place).parents)}
        records = [Path(path) for path in self.watched if path.endswith(".dist-info/RECORD")]
        self.packages = {os.fspath(record.parents[1]) for record in records}
        self.installed = {path for record in records for path in _files_of(record)}
        self.installed_folders = {os.fspath(folder) for path in self.installed for folder in Path(path).parents}
        self.npm = Npm(self.watched, tool.plugins)

    def identity(self) -> Identity:
        """The identity of a tool that Node runs, as it is now. No file may have been changed, but some be new."""
        tool, root, executable = self.detector.how, Path(self.root), self._prepared.executable
        node, home = Path(self._prepared.command[0]), self._prepared.environment["HOME"]
        return tool_identity(executable, tool, self._contents, Watch(root, None), node=node, root=root, home=home)

    def covers(self, path: str) -> bool:
        return (
            path in self.paths
            or path in self.folders  # the way to what is declared
            or any(path.startswith(f"{judged}/") for judged in self.judged)  # nothing can be below a file
            or self._covers_inside(path)
            or self._covers_source(path)
            or self._is_of_the_tool(path)
            or self.npm.covers(path)
        )

    def covers_names(self, folder: str) -> bool:
        """Whether a name that appears in this folder is noticed; in a file that is judged, none can."""
        if folder in self.judged:
            return True
        inside = f"{folder}/".startswith(f"{self.root}/")
        if inside:
            whole = self.detector.scope == "project" and folder in self.watched
            return whole or self.detector.scope == "never" or (self.detector.scope == "paths" and folder in self.asked)
        if not os.path.exists(folder) and os.path.dirname(folder) in self.installed_folders:
            return True
        return folder in self.watched or folder in self.installed_folders

    def _covers_inside(self, path: str) -> bool:
        if not f"{path}/".startswith(f"{self.root}/"):
            return False
        folder, name = os.path.split(path)
        while folder.startswith(self.root) and not os.path.isdir(folder):  # what would be in it is not there either
            folder, name = os.path.split(folder)
        if self.detector.scope == "paths" and folder in self.asked:
            tool = self.detector.how
            extensions = (".so", ".pyd") if isinstance(tool, Tool) and tool.places_imports else ()
            return name.isidentifier() or name.endswith((".py", ".pyi", *extensions))
        return self.detector.scope == "never"  # whatever it is: no verdict is reused

    def _covers_source(self, path: str) -> bool:
        """Whether it would be a source of the project, or a folder of such, in a folder that is watched."""
        folder, name = os.path.split(path)
        while not os.path.isdir(folder):
            folder, name = os.path.split(folder)
        is_source = "." not in name or name.endswith(self.sources)
        return self.detector.scope == "project" and folder in self.watched and is_source

    def _is_of_the_tool(self, path: str) -> bool:
        """Whether it is in a distribution that counts; a module that is installed later comes with one, too."""
        packages = any(path.startswith(f"{folder}/") for folder in self.packages)
        return _source(path) in self.installed or (packages and not os.path.isfile(path))


def _files_of(record: Path) -> set[str]:
    """The files of an installed distribution."""
    with record.open(encoding="utf-8", newline="") as lines:
        return {os.path.normpath(record.parents[1] / row[0]) for row in csv.reader(lines)}


def _source(path: str) -> str:
    """The module that a file of byte code was made of."""
    return re.sub(r"__pycache__/([^/]+?)\.[^/]*\.pyc(\.\d+)?$", r"\1.py", path)


_OF_NPM = re.compile(r".*/node_modules/(?:@[^/]+/)?[^/@][^/]*")
_IN_PLACE = re.compile(r"(.*/(?:node_modules|\.node_modules|\.node_libraries|lib/node))/((?:@[^/]+/)?[^/]+)(?:/.*)?")
_ASKED_FOR = ("dependencies", "optionalDependencies", "peerDependencies", "peerDependenciesMeta")


class Npm:
    """What is noticed of the packages that Node can load for a tool, by what was looked at for its identity.

    A test brings to life what this covers, and sees whether the identity moves.
    """

    def __init__(self, watched: set[str], plugins: Sequence[str]) -> None:
        self.watched, self._plugins = watched, plugins
        manifests = [path for path in watched if os.path.basename(path) == "package.json" and os.path.isfile(path)]
        folders = [os.path.dirname(path) for path in manifests]
        self.packages = {folder for folder in folders if _OF_NPM.fullmatch(folder)}
        self.asked_for = {name for folder in self.packages for name in _asked_for(Path(folder, "package.json"))}

    def covers(self, path: str) -> bool:
        return self._in_a_package(path) or self._in_a_place(path)

    def _in_a_package(self, path: str) -> bool:
        """Whether it would lie in a package that counts, of which every file does."""
        folder, name = path, ""
        while not os.path.isdir(folder):
            folder, name = os.path.split(folder)
        if not name:  # a folder that is there
            return path in self.watched and any(path.startswith(f"{one}/") for one in self.packages)
        if name.endswith((".md", ".map")) or (name == "node_modules" and folder in self.packages):
            return False
        return folder in self.watched and any(f"{folder}/".startswith(f"{one}/") for one in self.packages)

    def _in_a_place(self, path: str) -> bool:
        """Whether it would be a package that one of those asks for, where that is looked for, and there is none yet."""
        found = _IN_PLACE.fullmatch(path)
        package = "" if found is None else f"{found[1]}/{found[2]}"
        if found is None or os.path.isdir(package) or not {found[1], os.path.dirname(package)} & self.watched:
            return False
        names = {found[2], re.sub(r"\.(js|json|node)$", "", found[2])}
        return bool(names & self.asked_for) or any(fnmatchcase(found[2], plugin) for plugin in self._plugins)


def _asked_for(manifest: Path) -> Iterator[str]:
    data = json.loads(manifest.read_text(encoding="utf-8"))
    return (name for key in _ASKED_FOR for name in data.get(key, {}))
