"""Writes what a fixer of ours made of a file, whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

from pipeline_state.errors import PipelineStateError


class ChangedMeanwhileError(PipelineStateError):
    """Somebody else wrote the file while it was being fixed. Theirs is kept."""

    code = "changed_meanwhile"


def fix_file(path: Path, fix: Callable[[bytes], bytes]) -> bool:
    """Replace the file by what `fix` makes of its content; whether there was anything to do.

    The new content is written beside the file, with its mode, flushed to the disk, and renamed over it: a reader
    sees the old or the new content, whole. The file is left untouched if it moved meanwhile
    (`ChangedMeanwhileError`; only a write in the instant between the last look and the rename goes unseen), if it is
    a link or no regular file, or if anything fails (`OSError`).

    What a rename does not keep: other hard links to the file go on naming the old content, and an owner other than
    us, access control lists and extended attributes are lost.
    """
    before = os.lstat(path)
    if not stat.S_ISREG(before.st_mode):
        raise OSError(f"cannot fix {path}: it is not a regular file")
    content = path.read_bytes()
    fixed = fix(content)
    if fixed == content:
        return False
    if os.path.lexists(path) and not os.access(path, os.W_OK):
        # A rename needs no permission on the file itself; whoever made it read-only meant it.
        raise PermissionError(f"cannot fix {path}: it is read-only")
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(fixed)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, stat.S_IMODE(before.st_mode))
        _refuse_if_moved(path, before, content)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    return True


def _refuse_if_moved(path: Path, before: os.stat_result, content: bytes) -> None:
    now = os.lstat(path)
    same = all(
        getattr(now, field) == getattr(before, field) for field in ("st_ino", "st_mode", "st_size", "st_mtime_ns")
    )
    # The bytes too: an edit of the same size can have its mtime restored.
    if not same or path.read_bytes() != content:
        raise ChangedMeanwhileError(f"{path} changed while it was being fixed; it was left as it is. Run again")
