"""Paths whose state a snapshot rests on, and which Git does not watch for us.

Folders (for names that appear), configuration files that are ignored or lie outside, tools, untracked files: each
with the stamp that it had *before* it was read, or the fact that it was absent.
"""

from __future__ import annotations

import os
from pathlib import Path

from pipeline_state.checks.contents import Clock
from pipeline_state.checks.watched import pack_watched, with_more
from pipeline_state.store.stat_cache import Stamp


class Watch:
    """Collects what a run looked at. `settled` says whether any later change of it must show in its times.

    With `links`, a link in the worktree is looked at as such, as it is judged; else, what it leads to.
    """

    def __init__(self, root: Path, clock: Clock | None, *, links: bool = False) -> None:
        self.settled = clock is not None
        self._base = os.path.join(os.fspath(root), "")
        self._clock = clock
        self._inside = os.lstat if links else os.stat
        self.entries: dict[str, Stamp | None] = {}

    def look(self, path: str) -> Stamp | None:
        """Return the stamp of `path` (relative to the root, or absolute), and remember it.

        Call this before reading, so that a change in between is noticed.
        """
        if path in self.entries:
            return self.entries[path]
        try:
            status = os.stat(path) if os.path.isabs(path) else self._inside(self._base + path)
        except OSError:  # absent, or as good as absent to every tool that we start
            self.entries[path] = None
            return None
        if self._clock is None or not self._clock.has_passed(status):
            self.settled = False
        stamp = self.entries[path] = Stamp.of(status)
        return stamp

    def packed(self, *others: Watch, before: bytes = b"") -> bytes:
        """Return what was looked at, here and there and `before`, in a form for `watched.unmoved`."""
        entries = dict(self.entries)
        for other in others:
            entries.update(other.entries)
        return with_more(before, entries) if before else pack_watched(entries)
