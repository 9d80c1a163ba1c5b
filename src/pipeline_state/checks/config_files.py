"""The configuration files that a detector's verdict on a file rests on: those that are there, and by that those that are not.

A chain is what a tool would find on its way from a file's folder up to the file system's root. Its digest holds
each file that is present, with its place and bytes and what it refers to; a nearer one that appears changes it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline_state.checks.declaration import Configuration
from pipeline_state.checks.folders import Folders
from pipeline_state.checks.keys import NOTHING, content_digest, digest
from pipeline_state.checks.watch import Watch


@dataclass(frozen=True, slots=True)
class Chain:
    """What the files of one folder are judged under. `unknown` says why that cannot be told completely."""

    digest: bytes
    unknown: str | None = None


class ConfigurationFiles:
    """The configuration chains of one detector, folder by folder."""

    def __init__(
        self, root: Path, wanted: Configuration, folders: Folders, watch: Watch, environ: Mapping[str, str]
    ) -> None:
        self._root, self._wanted, self._folders, self._watch = root, wanted, folders, watch
        self._environ = environ
        self._chains: dict[str, Chain] = {}
        self._above: Chain | None = None

    def chain(self, folder: str) -> Chain:
        """Return the chain of the files in this folder (relative to the root, '' for the root itself)."""
        if self._wanted.where == "root":
            folder = ""
        known = self._chains.get(folder)
        if known is None:
            above = self.chain(folder.rpartition("/")[0]) if folder else self._outside()
            names = self._folders.names(folder).files if self._wanted.names else frozenset()
            present = [name for name in self._wanted.names if name in names]
            known = self._extend(above, folder or ".", self._root / folder, present)
            self._chains[folder] = known
        return known

    def all_digest(self) -> bytes:
        """Return one digest of all chains that were asked for: equal only if each of them is."""
        return digest(
            part for folder in sorted(self._chains) for part in (os.fsencode(folder), self._chains[folder].digest)
        )

    def _outside(self) -> Chain:
        """What lies outside of the worktree: user configuration, and the folders above where the tool looks there."""
        if self._above is None:
            chain = Chain(NOTHING)
            for name in self._wanted.user:
                path = self._expand(name)
                if path is not None and self._watch.look(os.fspath(path)) is not None:
                    chain = self._extend(chain, name, path.parent, [path.name])
            if self._wanted.where == "upwards":
                for level, folder in reversed(list(enumerate(self._root.parents, start=1))):
                    present = [
                        name for name in self._wanted.names if self._watch.look(os.fspath(folder / name)) is not None
                    ]
                    chain = self._extend(chain, f"^{level}", folder, present)
            self._above = chain
        return self._above

    def _extend(self, above: Chain, label: str, folder: Path, present: list[str]) -> Chain:
        if not present:
            return above
        parts, unknown = [above.digest, os.fsencode(label)], above.unknown
        for name in present:
            found, reason = self._file(folder / name, frozenset())
            parts += [name.encode(), found]
            unknown = unknown or reason
        return Chain(digest(parts), unknown)

    def _file(self, path: Path, within: frozenset[Path]) -> tuple[bytes, str | None]:
        """Return the digest of a configuration file with all that it refers to."""
        self._watch.look(os.fspath(path))
        try:
            content = path.read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return NOTHING, None
        except OSError as error:
            return NOTHING, f"{path.name} cannot be read: {error.strerror}"
        own = content_digest(content)
        if self._wanted.references is None or path in within:
            return own, None
        references = self._wanted.references(path.name, content)
        parts, unknown = [own], references.unknown
        for name in references.paths:
            target = Path(os.path.normpath(path.parent / name))
            found, reason = self._file(target, within | {path})
            parts.append(found)
            unknown = unknown or reason
        return digest(parts), unknown

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
