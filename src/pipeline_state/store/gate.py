"""The writer gate: who writes next, decided fairly.

SQLite's busy handler polls, and polling starves: of ten saturating processes one committed once while another
committed 2522 times. An advisory lock on a file beside the database, waited for by the kernel, gives each its share.
The gate is fairness, not safety: a lock can outlive its holder in a forked child, so the wait is bounded, and
whoever has waited long enough goes on without it, protected by `BEGIN IMMEDIATE`.
"""

from __future__ import annotations

import os
import sys
import threading

if sys.platform == "win32":
    import msvcrt
    import time

    def _try_lock(descriptor: int) -> bool:
        try:
            os.lseek(descriptor, 0, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:  # held by another process
            return False
        return True

    def _wait_for_lock(descriptor: int) -> None:
        while not _try_lock(descriptor):  # Windows has no blocking form without a limit
            time.sleep(0.005)

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _wait_for_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


WAIT_S = 10.0
"""How long a writer waits for its turn before it goes on without it."""


class Gate:
    """One process's way through the gate of one database, shared by its threads.

    `path` is the file to lock; `None` for a database in memory, where threads are all that there is.
    """

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._threads = threading.Lock()
        self._descriptor: int | None = None
        self._file_locked = False

    def enter(self, wait_s: float = WAIT_S) -> bool:
        """Wait for our turn, `wait_s` seconds at most. Return whether this thread must `leave()`.

        `False` means that another thread of this process holds the gate for too long: go on without it.
        """
        if not self._threads.acquire(timeout=wait_s):
            return False
        try:
            self._file_locked = self._lock_file(wait_s)
        except BaseException:
            self._threads.release()
            raise
        return True

    @property
    def is_ours_alone(self) -> bool:
        """Inside the gate: whether other processes are really kept out, rather than overtaken after a long wait."""
        return self._file_locked

    def leave(self) -> None:
        """Let the next one in."""
        if self._file_locked and self._descriptor is not None:
            _unlock(self._descriptor)
        self._file_locked = False
        self._threads.release()

    def close(self) -> None:
        """Give the file back. Entering again opens it again."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def forget(self) -> None:
        """In a forked child: let go of the parent's file without unlocking it, and of a lock its threads held."""
        self.close()
        self._threads = threading.Lock()
        self._file_locked = False

    def _lock_file(self, wait_s: float) -> bool:
        if self._path is None:
            return False
        if self._descriptor is None:
            self._descriptor = _open(self._path)
            if self._descriptor is None:
                return False
        try:
            if _try_lock(self._descriptor):
                return True
        except OSError:  # a file system without locks
            return False
        # From here the file is the waiter's, who closes it if it gets the lock when we are gone.
        descriptor, self._descriptor = self._descriptor, None
        if not _Waiter(descriptor).wait(wait_s):
            return False
        self._descriptor = descriptor
        return True


class _Waiter:
    """A thread that waits in the kernel for us, and gives the lock back at once if we have given up."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._decision = threading.Lock()
        self._abandoned = False
        self._granted = threading.Event()

    def wait(self, wait_s: float) -> bool:
        threading.Thread(target=self._run, name="pipeline-state-gate", daemon=True).start()
        try:
            self._granted.wait(wait_s)
        except BaseException:  # Ctrl-C: nobody will leave the gate for us
            with self._decision:
                self._abandoned = True
                if self._granted.is_set():
                    os.close(self._descriptor)
            raise
        with self._decision:
            self._abandoned = not self._granted.is_set()
        return not self._abandoned

    def _run(self) -> None:
        try:
            _wait_for_lock(self._descriptor)
        except OSError:  # no locks here: the other side goes on without when its time is over
            return
        with self._decision:
            if self._abandoned:
                os.close(self._descriptor)  # also unlocks
            else:
                self._granted.set()


def _open(path: str) -> int | None:
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
    try:
        return os.open(path, flags, 0o600)
    except OSError:  # a folder or a file that we may not write: no fairness, and still no harm
        return None
