"""The configuration files that a verdict rests on: those that are there, and by that those that are not.

A chain is what a tool would find on its way from a file's folder up to the file system's root. Its digest holds
each file that is present, with its place and bytes and what it refers to; a nearer one that appears changes it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from pipeline_state.checks.declaration import Configuration
from pipeline_state.checks.digests import NOTHING, content_digest, digest
from pipeline_state.checks.folders import Folders
from pipeline_state.checks.place import names_place
from pipeline_state.checks.watch import Watch
from pipeline_state.named_tuple import NamedTuple


class Chain(NamedTuple):
    """What the files of one folder are judged under. `unknown` says why that cannot be told completely.

    `import_roots` are folders, relative to the worktree, below which imported modules are looked for.
    """

    digest: bytes
    unknown: str | None = None
    import_roots: frozenset[str] = frozenset({"", "src"})


class _Found(NamedTuple):
    digest: bytes
    unknown: str | None = None
    import_roots: frozenset[str] = frozenset()
    decides: bool = False
    """Whether it says, if only by its defaults, where modules are looked for: then none further up does."""


class ConfigurationFiles:
    """The configuration chains of one detector, folder by folder."""

    def __init__(
        self,
        root: Path,
        wanted: Configuration,
        args: Sequence[str],
        folders: Folders,
        watch: Watch,
        environ: Mapping[str, str],
    ) -> None:
        self._root, self._wanted, self._folders, self._watch = root, wanted, folders, watch
        self._args, self._environ = args, environ
        self._chains: dict[str, Chain] = {}
        self._above: Chain | None = None

    def chain(self, folder: str) -> Chain:
        """Return the chain of the files in this folder (relative to the root, '' for the root itself)."""
        if self._wanted.where != "upwards":
            folder = ""
        known = self._chains.get(folder)
        if known is None:
            above = self.chain(folder.rpartition("/")[0]) if folder else self._outside()
            names = self._folders.names(folder).files if self._wanted.names else frozenset()
            present = [name for name in self._wanted.names if name in names]
            known = self._stopped(above, folder)
            if present:
                known = self._extend(known, folder or ".", self._root / folder, present)
            if not folder:
                known = self._by_arguments(known)
            self._chains[folder] = known
        return known

    def all_digest(self) -> bytes:
        """Return one digest of all chains that were asked for, and of where each looks for modules.

        Equal only if each of them is. The folders are no field of the key: what is found there is one, its `scope`.
        """
        parts: list[bytes] = []
        for folder, chain in sorted(self._chains.items()):
            parts += [os.fsencode(folder), chain.digest, digest(map(os.fsencode, sorted(chain.import_roots)))]
        return digest(parts)

    def _outside(self) -> Chain:
        """What lies outside of the worktree: it counts for every folder."""
        if self._above is None:
            chain = Chain(NOTHING)
            for name in self._wanted.user:
                path = self._expand(name)
                if path is not None and self._watch.look(os.fspath(path)) is not None:
                    chain = self._extend(chain, name, path.parent, [path.name])
            if self._wanted.where != "root":
                for level, folder in reversed(list(enumerate(self._root.parents, start=1))):
                    present = [
                        name for name in self._wanted.names if self._watch.look(os.fspath(folder / name)) is not None
                    ]
                    chain = self._extend(chain, f"^{level}", folder, present)
            self._above = chain
        return self._above

    def _stopped(self, above: Chain, folder: str) -> Chain:
        """Add what a tool may stop at in this folder. Where nothing lies above, it makes no difference."""
        if above.digest == NOTHING or not self._wanted.stops:
            return above
        names = self._folders.names(folder)  # not the watch: any command of Git writes to its folder
        kinds = [(name, name in names.folders) for name in self._wanted.stops if name in names.folders | names.files]
        marks = [f"{name}:{is_folder}:{(self._root / folder / name).is_symlink()}" for name, is_folder in kinds]
        if not marks:
            return above
        return above._replace(digest=digest((above.digest, b"stops", os.fsencode(folder), *map(os.fsencode, marks))))

    def _by_arguments(self, chain: Chain) -> Chain:
        """Add what the user's arguments say, and the files that they name."""
        arguments = "\n".join(self._args)
        if names_place(arguments.encode("utf-8", "surrogateescape"), (self._root.name,), self._root, self._root):
            chain = chain._replace(digest=digest((chain.digest, os.fsencode(self._root))))
        if self._wanted.in_arguments is None:
            return chain
        named = self._wanted.in_arguments(self._args)
        if named.folders:
            chain = chain._replace(digest=digest((chain.digest, *self._which_are_folders(self._root, named.folders))))
        chain = chain._replace(unknown=chain.unknown or named.unknown)
        return self._extend(chain, "arguments", self._root, list(named.paths))

    def _extend(self, above: Chain, label: str, folder: Path, present: list[str]) -> Chain:
        if not present:
            return above
        parts, unknown, roots = [above.digest, os.fsencode(label)], above.unknown, above.import_roots
        files = {name: self._file(folder / name, frozenset()) for name in present}
        if label == "." and any(found.decides for found in files.values()):
            # A worktree inside of another one: what lies above, and which modules it looks for, is not asked any more.
            unknown, roots = None, Chain(NOTHING).import_roots
        for name, found in files.items():
            parts += [os.fsencode(name), found.digest]
            unknown = unknown or found.unknown
            roots |= found.import_roots
        return Chain(digest(parts), unknown, roots)

    def _file(self, path: Path, within: frozenset[Path]) -> _Found:
        """Return the digest of a configuration file with all that it refers to."""
        self._watch.look(os.fspath(path))
        try:
            content = path.read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return _Found(NOTHING)
        except OSError as error:
            return _Found(NOTHING, f"{path.name} cannot be read: {error.strerror}")
        own = content_digest(content)
        if names_place(content, self._names_below(path.parent), path.parent, self._root):
            own = digest((own, os.fsencode(self._root)))
        if self._wanted.references is None or path in within:
            return _Found(own)
        references = self._wanted.references(path.name, content)
        parts, unknown, roots = [own], references.unknown, frozenset[str]()
        if references.import_roots is not None:
            try:
                roots = self._import_roots(path.parent, references.import_roots)
            except ValueError as error:
                unknown = unknown or f"{path.name} looks for modules in {error}, which is not watched"
        base = self._root if references.from_root else path.parent
        parts += self._which_are_folders(base, references.folders)
        for name in references.paths:
            found = self._file(Path(os.path.normpath(base / name)), within | {path})
            parts.append(found.digest)
            unknown = unknown or found.unknown
            roots |= found.import_roots
        return _Found(digest(parts), unknown, roots, references.import_roots is not None)

    def _which_are_folders(self, base: Path, names: Sequence[str]) -> list[bytes]:
        """Return these names, each with a mark if there is a folder of that name."""
        parts = []
        for name in names:
            path = os.path.normpath(base / name)
            self._watch.look(path)
            parts += [os.fsencode(name), b"/" if os.path.isdir(path) else b""]
        return parts

    def _names_below(self, folder: Path) -> tuple[str, ...]:
        """Return the names of the folders that lead from this one down to the worktree; its own, from anywhere else."""
        below = folder in self._root.parents
        return self._root.relative_to(folder).parts if below else (self._root.name,)

    def _import_roots(self, base: Path, patterns: Sequence[str]) -> frozenset[str]:
        """Return the folders that these patterns name. Raises `ValueError` for one outside of the worktree.

        User configuration counts from the folder that the tool is started in: the worktree's root.
        """
        inside = base.is_relative_to(self._root)
        if not inside and base not in self._root.parents:
            base, inside = self._root, True
        found: set[str] = set()
        for pattern in patterns:
            place = os.path.normpath(base / pattern)
            if not inside or not Path(place).is_relative_to(self._root) or "**" in pattern:
                raise ValueError(repr(pattern))
            relative = Path(place).relative_to(self._root).as_posix()
            found.update(self._expanded("" if relative == "." else relative))
        return frozenset(found)

    def _expanded(self, pattern: str) -> list[str]:
        folders = [""]
        for part in pattern.split("/") if pattern else []:
            if any(character in part for character in "*?["):
                folders = [
                    f"{folder}/{name}" if folder else name
                    for folder in folders
                    for name in sorted(self._folders.names(folder).folders)
                    if fnmatchcase(name, part)
                ]
            else:
                folders = [f"{folder}/{part}" if folder else part for folder in folders]
        return folders

    def _expand(self, name: str) -> Path | None:
        """Expand `~` and a leading `$VARIABLE` as the tool would in its environment; `None` if one is unset."""
        first, _, rest = name.partition("/")
        if first == "~":
            base = self._environ.get("HOME") or self._environ.get("USERPROFILE")
        elif first.startswith("$"):
            base = self._environ.get(first[1:])
        else:
            return Path(name)
        return Path(base, rest) if base and os.path.isabs(base) else None
