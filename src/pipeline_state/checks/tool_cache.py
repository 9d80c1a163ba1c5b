"""A tool's own cache, kept in `.worktrees/cache/`, and emptied whenever it could be believed wrongly.

Such a cache takes a file for unchanged if its size and the whole second of its time are. So a ledger beside it holds
every state in which the tool can have seen a file; where two of them look the same to it and are not, it starts empty.
So it does if another program, other packages or anybody else's hand is in play, and after a run that did not end well:
the ledger is taken away before a run, and written when nothing moved during it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline_state.checks.digests import NOTHING
from pipeline_state.errors import StateError
from pipeline_state.location import FOLDER
from pipeline_state.store.liveness import take_lock
from pipeline_state.store.private_files import prepare_folder
from pipeline_state.store.stat_cache import Content

_SECOND_NS = 1_000_000_000
_MOST_STATES = 8
"""States of one file, on average, after which a cache starts anew: nobody needs the old ones."""

_FORMAT = 1

Seen = dict[tuple[str, int, int], str]
"""The digest of what a file held, in hexadecimal, by its path, its size, and its time in whole seconds."""


class ToolCache:
    """The cache of one tool in one worktree.

    `identity` is the digest of all that decides what the tool makes of its files. Between `open` and `close` nobody
    else uses it.
    """

    def __init__(self, root: Path, name: str, identity: bytes, seen: Mapping[str, Content | None]) -> None:
        self.is_warm = False
        self._place = root / FOLDER / "cache"
        self._cache = self._place / name
        self._ledger = self._place / f"{name}.ledger.json"
        self._lock_file = self._place / f"{name}.lock"
        self._root, self._identity = root, identity.hex()
        self._now = {_looks(path, content): _digest(content) for path, content in seen.items()}
        self._states: Seen = {}
        self._lock: int | None = None

    def open(self) -> str | None:
        """Take the cache for one run, emptied if need be, and return its folder; `None` if that cannot be done."""
        try:
            prepare_folder(os.fspath(self._root / FOLDER))
            if not self._is_inside():
                return None
            self._place.mkdir(mode=0o700, exist_ok=True)
            self._lock = take_lock(os.fspath(self._lock_file))
            if self._lock is None:  # another check is using it
                return None
            states = self._believed()
            if states is None and os.path.lexists(self._cache):
                shutil.rmtree(self._cache)
            self._ledger.unlink(missing_ok=True)
            self._cache.mkdir(mode=0o700, exist_ok=True)
        except (OSError, StateError):  # read-only, full, or something else is there
            self.close(believable=False)
            return None
        self.is_warm = states is not None
        self._states = {**(states or {}), **self._now}
        return os.fspath(self._cache)

    def close(self, *, believable: bool) -> None:
        """Give the cache back. `believable`: the run ended well, and nothing that it can have read moved meanwhile."""
        try:
            if believable and self._lock is not None:
                self._write()
        except OSError:  # without a ledger it starts empty
            pass
        finally:
            if self._lock is not None:
                os.close(self._lock)
            self._lock = None

    def _is_inside(self) -> bool:
        """Whether `.worktrees/cache` lies in this worktree: a link may lead to that of another one."""
        real = os.path.realpath(self._root)
        return os.path.realpath(self._cache) == os.path.join(real, FOLDER, "cache", self._cache.name)

    def _believed(self) -> Seen | None:
        """Return the states that the cache may hold; `None` if it must not be believed."""
        try:
            ledger = json.loads(self._ledger.read_bytes())
            if (ledger["format"], ledger["identity"]) != (_FORMAT, self._identity):
                return None
            states = {(path, size, second): held for path, size, second, held in ledger["files"]}
            if ledger["cache"] != self._stamps() or len(states) > _MOST_STATES * (len(self._now) + 100):
                return None
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            return None
        return None if any(states.get(looks, held) != held for looks, held in self._now.items()) else states

    def _write(self) -> None:
        files = [[*looks, held] for looks, held in self._states.items()]
        ledger = {"format": _FORMAT, "identity": self._identity, "cache": self._stamps(), "files": files}
        new = self._ledger.with_suffix(".new")
        new.write_text(json.dumps(ledger, separators=(",", ":")), encoding="ascii")
        new.replace(self._ledger)

    def _stamps(self) -> list[list[Any]]:
        """Return what the file system says of each file of the cache: whatever another hand did there shows in it."""
        return sorted(_files_below(self._cache))


def _files_below(folder: Path) -> Iterator[list[Any]]:
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            status = os.lstat(path)
            times = (status.st_mtime_ns, status.st_ctime_ns)
            yield [os.path.relpath(path, folder), status.st_ino, status.st_size, *times]


def _looks(path: str, content: Content | None) -> tuple[str, int, int]:
    if content is None:
        return path, -1, -1
    return path, content.stamp.size, content.stamp.mtime_ns // _SECOND_NS


def _digest(content: Content | None) -> str:
    return (NOTHING if content is None else content.digest).hex()
