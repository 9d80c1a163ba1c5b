"""The files on disk that a tool can read which judges a whole project: tracked, untracked and ignored ones.

Git answers for what it tracks. All the rest is watched here: each folder by `Folders`, each file that Git does not
look at by itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pipeline_state.checks.contents import Clock, Contents, judged_bytes
from pipeline_state.checks.digests import NOTHING, digest
from pipeline_state.checks.folders import Folders
from pipeline_state.checks.globs import matcher
from pipeline_state.checks.watch import Watch
from pipeline_state.location import FOLDER
from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store.stat_cache import Content, Stamp

_PASSED_OVER = frozenset(
    {".git", ".hg", ".svn", FOLDER, "__pycache__", "node_modules", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
)
"""Names of folders that hold no sources of a project. No module can be called so, but for the first of a package."""

_ENVIRONMENT = "pyvenv.cfg"
"""What lies in the first folder of a virtual environment."""

_OF_AN_ENVIRONMENT = frozenset({"lib", "lib64", "Lib", "include", "Include", "share"})
"""What is installed there, and is counted by what installers list."""


class _Part(NamedTuple):
    """One folder of a walk, relative to where that began; `same` is the folder that it is another name of.

    `others` are names without a file behind them. mypy stops at a package whose `__init__.py` leads nowhere.
    """

    folder: str
    place: str
    files: tuple[str, ...]
    same: str | None = None
    others: tuple[str, ...] = ()


class Sources:
    """The sources of one project. `tracked` says of a path whether Git watches that file for us.

    Paths are relative to the worktree, POSIX, '' for its root; or absolute, for what lies outside.
    """

    def __init__(
        self,
        root: Path,
        folders: Folders,
        contents: Contents,
        clock: Clock | None,
        tracked: Callable[[str], bool],
    ) -> None:
        self.watch = Watch(root, clock)
        self._base = os.path.join(os.fspath(root), "")
        self._folders, self._contents, self._tracked, self._clock = folders, contents, tracked, clock
        self._walks: dict[str, tuple[_Part, ...]] = {}
        self._digests: dict[tuple[tuple[str, ...], tuple[str, ...]], bytes] = {}
        self.read: dict[str, Content | None] = {}
        """What every file held that a digest was made of; `None` for one that cannot be read."""

    def files(self, endings: tuple[str, ...]) -> tuple[str, ...]:
        """Return the files in the worktree whose names end so, ignored ones too."""
        found = (name for part in self._walk("") for name in _within(part, endings))
        return tuple(found)

    def digest(self, endings: tuple[str, ...], starts: Sequence[str] = ("",)) -> bytes:
        """Return the digest of all files below these folders whose names end so, and of the names of all folders.

        Without endings, of all files. A folder counts without a file, too: it can be imported.
        """
        asked = (endings, tuple(starts))
        if asked not in self._digests:
            self._digests[asked] = digest(
                part for number, start in enumerate(starts) for part in self._marks(start, endings, b"%d" % number)
            )
        return self._digests[asked]

    def inputs_digest(self, patterns: Sequence[str]) -> bytes:
        """Return the digest of all files in the worktree that these patterns match, or that one of them names."""
        matches = matcher(patterns)
        found = {path for part in self._walk("") for path in _within(part, ()) if matches(path)}
        for pattern in patterns:
            path = os.path.normpath(pattern.lstrip("/")).replace(os.sep, "/")
            if not path.startswith("../") and os.path.isfile(self._base + path):
                found.add(path)
            elif not any(character in pattern for character in "*?["):
                self.watch.look(path)  # it is not there, or is a folder that is walked
        return digest(mark for path in sorted(found) for mark in (os.fsencode(path), self._content(path)))

    def moved(self) -> bool:
        """Whether any file that was read is not as it was then. New names show in the folders."""
        return any(not self._still(path, content) for path, content in self.read.items())

    def are_as_they_were(self) -> bool:
        """Whether no source was written, made or removed since they were looked at; in doubt, not."""
        if self._clock is None or not all(map(self._contents.is_proven, self.read)) or self.moved():
            return False
        places = {part.place for walk in self._walks.values() for part in walk}
        return all(self._is_untouched(place, self._clock) for place in places)

    def _is_untouched(self, folder: str, clock: Clock) -> bool:
        try:
            status = os.stat(os.path.join(self._base, folder))
        except OSError:
            return self._folders.stamp(folder) is None
        return Stamp.of(status) == self._folders.stamp(folder) and clock.has_passed(status)

    def _marks(self, start: str, endings: tuple[str, ...], label: bytes) -> Iterator[bytes]:
        for part in self._walk(start):
            yield label + b"/" + os.fsencode(part.folder)
            if part.same is not None:
                yield b"=" + os.fsencode(part.same)
            for name in part.files:
                if not endings or name.endswith(endings):
                    yield os.fsencode(name)
                    yield self._content(_join(part.place, name))
            for name in part.others:
                if not endings or name.endswith(endings):
                    yield os.fsencode(name)
                    yield b"?"

    def _content(self, path: str) -> bytes:
        if not self._tracked(path):
            self.watch.look(path)
        if path not in self.read:
            try:
                self.read[path] = self._contents.of(path, follow=True)
            except OSError:  # closed to us, and so to the tools that we start
                self.read[path] = None
        content = self.read[path]
        return NOTHING if content is None else content.digest

    def _still(self, path: str, content: Content | None) -> bool:
        name = path if os.path.isabs(path) else self._base + path
        try:
            status = os.stat(name)
        except OSError:
            return content is None
        if content is None:
            return not os.access(name, os.R_OK)
        if Stamp.of(status) != content.stamp:
            return False
        return self._contents.is_proven(path) or judged_bytes(name, status) == content.digest

    def _walk(self, start: str) -> tuple[_Part, ...]:
        if start not in self._walks:
            self._walks[start] = tuple(self._parts(start))
        return self._walks[start]

    def _parts(self, start: str) -> Iterator[_Part]:
        """Yield each folder once, by whichever of its names comes first: links may lead in circles."""
        seen: dict[int, list[str]] = {}
        waiting = [""]
        while waiting:
            folder = waiting.pop()
            place = _join(start, folder) if folder else start
            names = self._folders.names(place)
            stamp = self._folders.stamp(place)
            twins = seen.setdefault(stamp.inode if stamp is not None else 0, [])
            same = next((twin for twin in twins if self._is_same(start, twin, place)), None)
            if same is not None:
                yield _Part(folder, place, (), same)
                continue
            twins.append(folder)
            yield _Part(folder, place, tuple(sorted(names.files)), others=tuple(sorted(names.others)))
            left_out = _PASSED_OVER | _OF_AN_ENVIRONMENT if _ENVIRONMENT in names.files else _PASSED_OVER
            waiting += [_join(folder, name) for name in sorted(names.folders - left_out, reverse=True)]

    def _is_same(self, start: str, twin: str, place: str) -> bool:
        """Whether two folders are one: their inodes are equal, which says so on one file system only."""
        other = _join(start, twin) if twin else start
        return os.path.realpath(os.path.join(self._base, other)) == os.path.realpath(os.path.join(self._base, place))


def _within(part: _Part, endings: tuple[str, ...]) -> Iterator[str]:
    return (_join(part.place, name) for name in part.files if not endings or name.endswith(endings))


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
