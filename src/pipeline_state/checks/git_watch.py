"""What Git says of the files: asked in the background, and believed only if its index has not moved meanwhile."""

from __future__ import annotations

import os
from threading import Thread

from pipeline_state.checks.digests import NOTHING, SIZE, content_digest, digest
from pipeline_state.checks.request import Request
from pipeline_state.git.ahead import Asked
from pipeline_state.git.listing import differing_paths, start_differing, start_tracked, start_untracked, untracked_paths
from pipeline_state.git.plumbing import answer_and_warnings

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    from pipeline_state.checks.index_entries import IndexEntries
    from pipeline_state.git.plumbing import Git

_COARSEST_NS = 2_000_000_000
"""As coarsely as any file system stamps."""
_ATTEMPTS = 5

INDEX = SIZE
"""Bytes of the digest of the index, which comes first: as long as it is the same, it tells which files are unmoved."""
NAMES = 2 * SIZE
"""With the digest of what is untracked: they tell which names there are."""
WHOLE = 3 * SIZE
"""And with that of what differs from the index: then nothing has moved at all."""


class GitWatch:
    """Asks Git in the background what differs from its index, and makes a digest of the index and one of the answer."""

    def __init__(self, request: Request) -> None:
        self._index, self._root = request.worktree.index_file, request.worktree.root
        self._untracked = request.selection.mode == "all"
        self.answers: tuple[bytes, ...] = ()
        self._digest = self._content = self._bytes = b""
        self._entries: IndexEntries | None = None
        self._listing: Git | None = None
        self._listed_from: tuple[int, ...] | None = None
        self._ask()

    def start_listing(self) -> None:
        """Start asking what Git tracks, for `tracking`."""
        self._listed_from = _index_state(self._index)
        self._listing = start_tracked(self._root)

    def tracking(self) -> Git | None:
        """Return the listing of what Git tracks, after `digest`; `None` if it may be of an older index than that is."""
        if self._listed_from != self._before:
            self.end_listing()
        listing, self._listing = self._listing, None
        return listing

    def end_listing(self) -> None:
        """Let Git come to its end, if nobody takes its listing."""
        if self._listing is not None:
            self._listing.communicate()
            self._listing = None

    def untracked(self) -> bytes | None:
        """Return Git's answer which files are untracked, after `digest`; `None` if the index has moved since."""
        return self.answers[1] if self._untracked and _index_state(self._index) == self._before else None

    def untracked_paths(self) -> tuple[str, ...]:
        """Return the files that are selected and not tracked, after `digest`."""
        return untracked_paths(self.answers[1]) if self._untracked else ()

    def differing(self) -> tuple[str, ...]:
        """Return the paths in which Git sees a difference, after `digest`, and would see the same one again."""
        return differing_paths(self.answers[0])

    def entries(self) -> IndexEntries | None:
        """Return the entries of the index that was compared, after `digest`; `None` if they are not known."""
        if self._bytes:
            from pipeline_state.checks.index_entries import read_entries

            self._entries, self._bytes = read_entries(self._bytes), b""
        return self._entries

    def has_moved(self) -> bool:
        """Whether the index is another one by now than the one that was compared: names may be from there."""
        return _index_state(self._index) != self._before

    @property
    def has_answered(self) -> bool:
        """Whether `digest` need not wait."""
        return bool(self._digest)

    def _ask(self) -> None:
        self._before: tuple[int, ...] | None = _index_state(self._index)
        self._asked: list[Git] = [start_differing(self._root)]
        if self._untracked:
            self._asked.append(start_untracked(self._root))
        # Who was asked ahead of us may have compared with another index, unless ours is older than that.
        started = min((one.started_ns for one in self._asked if isinstance(one, Asked)), default=None)
        if started is not None and self._before is not None and self._before[-1] >= started - _COARSEST_NS:
            self._before = ()
        self._reader = Thread(target=self._read, daemon=True)  # neither to read nor to hash holds up anybody else
        self._reader.start()

    def _read(self) -> None:
        self._content, self._bytes = b"", b""
        try:
            self._bytes = _bytes_of(self._index)
        except FileNotFoundError:  # a repository in which nothing was ever added
            self._content = NOTHING
        except OSError:  # to be said by who waits for it
            return
        else:
            self._content = content_digest(self._bytes)

    def digest(self) -> bytes:
        """Wait for Git, and read the index that it compared with; asked again, the answer is the same.

        What moves after Git's answer must not be covered by it. Where the index does not come to rest, or Git cannot
        look at every file, the digest is like no other.
        """
        if self._digest:
            return self._digest
        for attempt in range(_ATTEMPTS):
            if attempt:  # the index was written meanwhile
                self._ask()
            self._reader.join()
            index = self._content or content_digest(_bytes_of(self._index))  # which says why it could not be read
            said = [answer_and_warnings(asked, "compare the worktree with the index") for asked in self._asked]
            self.answers = tuple(answer for answer, _ in said)
            if said[0][1]:  # files that it may not look at: of those it says nothing, as of those that do not differ
                break
            if _index_state(self._index) == self._before:
                self._digest = index + digest(self.answers[1:]) + digest(self.answers[:1])
                return self._digest
        self._digest, self._bytes = os.urandom(WHOLE), b""
        return self._digest


def _bytes_of(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _index_state(index: str) -> tuple[int, int, int, int] | None:
    try:
        status = os.stat(index)
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
