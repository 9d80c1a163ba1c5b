"""Whether a file still is what a verdict was made of: verdicts that are asked for without a check may be old."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Literal

from pipeline_state.checks.contents import judged_bytes
from pipeline_state.checks.keys import is_of, judged_mode
from pipeline_state.store.storable import real_path

FileState = Literal["unchanged", "changed", "gone"]
"""What became of a file since it was judged. `unchanged` says nothing of what else a verdict depends on."""


def file_states(root: Path) -> Callable[[str, bytes], FileState]:
    """Return what tells the state of a file below `root`: by its storable path, and the fields of the verdict's key."""

    @cache
    def held(path: str) -> tuple[bytes, int] | None:
        name = os.path.join(root, real_path(path))
        try:
            status = os.lstat(name)
            if not (stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode)):  # reading a pipe would wait
                return None
            return judged_bytes(name, status), judged_mode(status.st_mode)
        except (OSError, ValueError):  # gone, not to be read, or no name at all
            return None

    def state(path: str, fields: bytes) -> FileState:
        now = held(path)
        if now is None:
            return "gone" if not os.path.lexists(os.path.join(root, real_path(path))) else "changed"
        return "unchanged" if is_of(fields, *now) else "changed"

    return state
