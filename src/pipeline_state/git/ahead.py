"""Git, asked before anybody knows the answer is needed: it works while the rest of a program is still being loaded.

Whoever asks ahead must `forget` at the end, so that no answer is taken for one to a question that is asked later.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

_asked: dict[tuple[str, ...], tuple[str, subprocess.Popen[bytes]]] = {}


def keep(arguments: Sequence[str], folder: str, process: subprocess.Popen[bytes]) -> None:
    """Keep a `git` that was started with these arguments in this folder, the current one."""
    _asked[tuple(arguments)] = folder, process


def take(arguments: Sequence[str], cwd: Path | None) -> subprocess.Popen[bytes] | None:
    """Return the `git` that was started with these arguments in this folder, once; `None` if there is none."""
    kept = _asked.get(tuple(arguments))
    if kept is None or (cwd is not None and os.fspath(cwd) != kept[0]):
        return None
    del _asked[tuple(arguments)]
    return kept[1]


def forget() -> None:
    """End what nobody has asked for."""
    while _asked:
        _, (_, process) = _asked.popitem()
        process.kill()
        process.communicate()
