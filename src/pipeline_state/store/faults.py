"""What SQLite complains of, as one of our errors: the one place that knows SQLite's codes.

Every message names the file, what was being done, the cause and the way out.
"""

from __future__ import annotations

import errno
import os
import sqlite3

from pipeline_state.errors import (
    BusyDatabaseError,
    CorruptDatabaseError,
    DatabaseGoneError,
    DiskFullError,
    ForeignDatabaseError,
    ReadOnlyDatabaseError,
    StateError,
)
from pipeline_state.store.private_files import file_size

# Primary result codes, https://www.sqlite.org/rescode.html
PERM, BUSY, LOCKED, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB = 3, 5, 6, 8, 10, 11, 13, 14, 26
_READONLY_DBMOVED = READONLY | 4 << 8
_IOERR_SHORT_READ = IOERR | 2 << 8
# Write, fsync of a file or folder, truncate, opening, size and mapping of the -shm, seek, name of a temporary file.
_WRITING = {IOERR | sub << 8 for sub in (3, 4, 5, 6, 18, 19, 21, 22, 25)}

# Python 3.10 does not hand out the code; SQLite's texts for these codes have been the same since 2004.
_BY_TEXT = {
    "database is locked": BUSY,
    "database table is locked": LOCKED,
    "database schema is locked": LOCKED,
    "attempt to write a readonly database": READONLY,
    "disk I/O error": IOERR,
    "database disk image is malformed": CORRUPT,
    "malformed database schema": CORRUPT,
    "unsupported file format": CORRUPT,
    "database or disk is full": FULL,
    "unable to open database file": CANTOPEN,
    "file is not a database": NOTADB,
    "Could not decode to UTF-8": CORRUPT,
}


FAILURES = (sqlite3.Error, UnicodeDecodeError)
"""What Python's driver raises: the second where SQLite quotes damaged text in its message."""
Failure = sqlite3.Error | UnicodeDecodeError


def code_of(error: Failure) -> int:
    """Return SQLite's extended result code of an error, the primary one where Python does not tell, 0 for none."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    if code > 1:
        return code
    text = str(error)
    if isinstance(error, UnicodeDecodeError) or not text:  # Python 3.10 drops a text that it cannot decode
        return CORRUPT
    return next((known for start, known in _BY_TEXT.items() if text.startswith(start)), code)


def is_busy(error: Failure) -> bool:
    """Whether waiting and trying again may help."""
    return code_of(error) & 0xFF in (BUSY, LOCKED)


def translate(error: Failure, path: str | None, doing: str) -> StateError:
    """Return what to raise in place of `error`; `doing` completes "cannot …". `path` is `None` in memory."""
    name = "the state in memory" if path is None else path
    code = code_of(error)
    if code == _READONLY_DBMOVED:
        return gone(name)
    primary = code & 0xFF
    if primary in (BUSY, LOCKED):
        return BusyDatabaseError(
            f"cannot {doing} {name}: other processes held it for longer than we wait; "
            "find the one that hangs, or try again"
        )
    # Where the system lets us write, only a header can forbid it, and no header of ours does.
    marked = primary == READONLY and path is not None and all(map(_writable, (path, os.path.dirname(path))))
    if primary == CORRUPT or code == _IOERR_SHORT_READ or marked:
        return damaged(name, doing, str(error))
    if primary == NOTADB:
        return not_a_database(name, doing)
    if primary in (READONLY, PERM):
        return read_only(name, doing)
    if primary == FULL:
        return _full(name, doing, "no space is left on its file system")
    if primary == IOERR and code in (IOERR, *_WRITING) and path is not None:
        why = why_no_more_fits(path)
        if why:
            return _full(name, doing, why)
    if primary == IOERR:
        return StateError(
            f"cannot {doing} {name}: the system could not read or write it ({error}, code {code}); "
            "check the disk or the mount, then `pipeline-state db verify`"
        )
    if primary == CANTOPEN:
        return StateError(f"cannot {doing} {name}: {_why_not_opened(path)}")
    return StateError(f"cannot {doing} {name}: SQLite says: {error}")


def not_a_database(name: str, doing: str) -> ForeignDatabaseError:
    """The file is something else altogether."""
    return ForeignDatabaseError(
        f"cannot {doing} {name}: it is not an SQLite database; nothing was changed, name another file"
    )


def damaged(name: str, doing: str, what: str) -> CorruptDatabaseError:
    """The content of the file is not what was written."""
    return CorruptDatabaseError(
        f"cannot {doing} {name}: it is damaged ({what}); run the command again: a state database "
        "is then moved aside and its newest good backup restored"
    )


def read_only(name: str, doing: str) -> ReadOnlyDatabaseError:
    """A write to what can only be read."""
    return ReadOnlyDatabaseError(
        f"cannot {doing} {name}: this user can only read it; "
        "make the file and its folder writable, or name another file with --db or PIPELINE_DB_PATH"
    )


def gone(name: str) -> DatabaseGoneError:
    """The file that is held open is not the one at its path any more."""
    return DatabaseGoneError(
        f"cannot write {name}: the file was removed or replaced while it was open (a removed worktree, perhaps); "
        "run the command again where the worktree is now"
    )


def why_no_more_fits(path: str) -> str | None:
    """Say why the file at `path` cannot grow: no space, no quota or a size limit; `None` if it can.

    SQLite says FULL only for a full disk, and "disk I/O error" for a quota or a limit. So the question is put to
    the system: a small file beside it, and the limit of this process.
    """
    try:
        import resource
    except ImportError:  # Windows
        pass
    else:
        limit = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
        if limit != resource.RLIM_INFINITY:
            largest = max(file_size(path + ending) for ending in ("", "-wal", "-shm", "-journal"))
            if largest + 65_536 > limit:
                return f"it has reached the limit of this process on the size of files ({limit} bytes)"
    probe = f"{path}.probe-{os.getpid()}"
    try:
        descriptor = os.open(probe, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except OSError as error:
        return "no space is left on its file system" if error.errno in (errno.ENOSPC, errno.EDQUOT) else None
    try:
        os.write(descriptor, b"\0" * 65_536)
        os.fsync(descriptor)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        return "no space or no quota is left on its file system" if full else None
    finally:
        os.close(descriptor)
        os.unlink(probe)
    return None


def _full(name: str, doing: str, why: str) -> DiskFullError:
    return DiskFullError(
        f"cannot {doing} {name}: {why}; what was being written was taken back, nothing else is lost; "
        "free some space and run the command again"
    )


def _writable(path: str) -> bool:
    return os.access(path, os.W_OK)


def _why_not_opened(path: str | None) -> str:
    if path is None:
        return "SQLite could not open it; there may be no memory left"
    folder = os.path.dirname(path)
    if os.path.isdir(path):
        return "it is a folder; name a file"
    if not os.path.isdir(folder):
        return f"there is no folder {folder}; create it or name another file"
    if not os.access(folder, os.X_OK) or (os.path.exists(path) and not os.access(path, os.R_OK)):
        return "this user may not read it; change its permissions or name another file"
    if not os.access(folder, os.W_OK):
        return f"its folder {folder} cannot be written; make it writable or name another file"
    return "SQLite could not open it or a file beside it; look at its permissions and at the limit of open files"
