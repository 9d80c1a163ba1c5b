"""Is a run still going on? It holds a lock file for its life: a free lock means dead.

A process id says nothing in containers, and is used again. The locks are POSIX record locks: unlike `flock` they do
not pass to forked children, so a worker that outlives its killed parent does not make the run look alive.
"""

from __future__ import annotations

import os
import sys

from pipeline_state.store.private_files import creation_failed, make_parents

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            return False
        return True


# Of this process. A record lock is lost when the process closes any descriptor of the file: what we hold
# ourselves is answered from here, and never opened a second time.
_held: dict[str, tuple[int, int]] = {}


class RunLocks:
    """The lock files of the runs in one database: `<database>.runs/<run>.lock`. In memory there are none."""

    def __init__(self, database_path: str | None) -> None:
        self._folder = None if database_path is None else runs_folder(database_path)

    def hold(self, run_id: str) -> None:
        """Take the lock of a run, until `release` or the end of this process."""
        if self._folder is None:
            return
        path = self._path(run_id)
        try:
            make_parents(self._folder)
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            descriptor = os.open(path, os.O_CREAT | os.O_RDWR | getattr(os, "O_CLOEXEC", 0), 0o600)
        except OSError as error:
            raise creation_failed(path, error) from error
        _lock(descriptor)
        _held[path] = (descriptor, os.getpid())

    def release(self, run_id: str) -> None:
        """Let go of a run's lock and remove its file; nothing happens if we do not hold it."""
        if self._folder is None:
            return
        path = self._path(run_id)
        descriptor, process = _held.pop(path, (-1, 0))
        if process != os.getpid():
            return  # not ours, or a forked child's memory of its parent's
        if os.name != "nt":
            _remove(path)  # before the lock is free, so that nobody finds it and wonders
        os.close(descriptor)
        if os.name == "nt":
            _remove(path)

    def is_held(self, run_id: str) -> bool:
        """Whether a process holds the lock of a run; of a run in memory, or that we cannot tell about, yes."""
        if self._folder is None:
            return True
        path = self._path(run_id)
        if _held.get(path, (-1, 0))[1] == os.getpid():
            return True
        try:
            descriptor = os.open(path, os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
        except FileNotFoundError:
            return False
        except OSError:  # another user's
            return True
        try:
            return not _lock(descriptor)
        finally:
            os.close(descriptor)

    def remove(self, run_id: str) -> None:
        """Remove the lock file that a dead run left behind."""
        if self._folder is not None:
            _remove(self._path(run_id))

    def _path(self, run_id: str) -> str:
        assert self._folder is not None
        return os.path.join(self._folder, f"{run_id}.lock")


def take_lock(path: str) -> int | None:
    """Take the lock of this file, made if need be; return the descriptor that holds it until it is closed.

    `None` if another process holds it. The file must not be opened a second time meanwhile. Raises `OSError`.
    """
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | getattr(os, "O_CLOEXEC", 0), 0o600)
    if _lock(descriptor):
        return descriptor
    os.close(descriptor)
    return None


def runs_folder(database_path: str) -> str:
    """Return the folder beside a database for what belongs to runs that are going on."""
    return f"{database_path}.runs"


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:  # another process was first
        pass
