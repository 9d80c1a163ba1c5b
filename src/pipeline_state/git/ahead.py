"""Git, asked before anybody knows the answer is needed: it works while the rest of a program is still being loaded.

Whoever asks ahead must `forget` at the end, so that no answer is taken for one to a question that is asked later.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

_asked: dict[tuple[str, ...], subprocess.Popen[bytes]] = {}


def keep(arguments: Sequence[str], process: subprocess.Popen[bytes]) -> None:
    """Keep a `git` that was started with these arguments in the current folder."""
    _asked[tuple(arguments)] = process


def take(arguments: Sequence[str], cwd: Path | None) -> subprocess.Popen[bytes] | None:
    """Return the `git` that was started with these arguments in this folder, once; `None` if there is none."""
    if not _asked or (cwd is not None and os.fspath(cwd) != os.getcwd()):
        return None
    return _asked.pop(tuple(arguments), None)


def forget() -> None:
    """End what nobody has asked for."""
    while _asked:
        _, process = _asked.popitem()
        process.kill()
        process.communicate()
