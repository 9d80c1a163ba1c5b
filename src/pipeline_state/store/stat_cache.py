"""The stat cache: what the files of a worktree held when their times could be trusted."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store import queries

if TYPE_CHECKING:
    from pipeline_state.store.database import Database, Row

_SIGN = 1 << 63


class Stamp(NamedTuple):
    """What the file system says of a path, times in nanoseconds. Not the device: its number changes on remount."""

    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int
    mode: int

    @classmethod
    def of(cls, status: os.stat_result) -> Stamp:
        """Return the stamp in a stat result."""
        return cls(status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_mode)

    @property
    def newest_ns(self) -> int:
        """The later of the two times."""
        return max(self.mtime_ns, self.ctime_ns)


class Content(NamedTuple):
    """What a path held: its stamp and the digest of its bytes, or of the target of a link."""

    stamp: Stamp
    digest: bytes


class StatCache:
    """The stat cache of one worktree, by path in its storable form."""

    def __init__(self, database: Database, worktree: int) -> None:
        self._database, self._worktree = database, worktree
        self._sql = queries.load("stat_cache", database.backend)

    def get(self, path: str) -> Content | None:
        """Return what is known of one path."""
        row = self._database.one(self._sql["get"], (self._worktree, path))
        return None if row is None else self._content(row)[1]

    def all(self) -> dict[str, Content]:
        """Return everything that is known."""
        rows = self._database.all(self._sql["all"], (self._worktree,))
        return dict(map(self._content, rows))

    def learn(self, contents: Mapping[str, Content]) -> None:
        """Remember what these paths hold. Inside a transaction."""
        self._database.many(
            self._sql["learn"],
            (
                (
                    self._worktree, path, _signed(content.stamp.inode), content.stamp.size, content.stamp.mtime_ns,
                    content.stamp.ctime_ns, content.stamp.mode, content.digest,
                )
                for path, content in contents.items()
            ),
        )  # fmt: skip

    def forget(self, paths: Iterable[str]) -> None:
        """Forget these paths. Inside a transaction."""
        self._database.many(self._sql["forget"], [(self._worktree, path) for path in paths])

    def _content(self, row: Row) -> tuple[str, Content]:
        path, inode, size, mtime_ns, ctime_ns, mode, digest = tuple(row)
        try:
            return path, Content(Stamp(inode % (2 * _SIGN), size, mtime_ns, ctime_ns, mode), digest)
        except TypeError as error:
            raise self._database.damaged(f"the inode of {path} is {inode!r}") from error


def _signed(inode: int) -> int:
    # Some file systems number inodes with all 64 bits; SQLite's integers are signed.
    return inode - 2 * _SIGN if inode >= _SIGN else inode
