"""What can be imported from the packages that are installed for a Python interpreter.

What an installer put there is known by the digests of its lists of files. The rest is counted file by file: what lies
there without being on any list, and what is developed elsewhere and only named there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pipeline_state.checks.contents import Contents
from pipeline_state.checks.digests import NOTHING, digest
from pipeline_state.checks.python_script import (
    Installed,
    file_digest,
    installed_in,
    interpreter_digest,
    interpreter_of,
    package_folders,
    text_of,
)
from pipeline_state.checks.sources import Sources
from pipeline_state.checks.watch import Watch
from pipeline_state.named_tuple import NamedTuple

_URL = re.compile(r'"url":\s*"(file:[^"]*)"')
_EDITABLE = '"editable": true'
_PACKAGES = ("site-packages", "dist-packages")


class Packages(NamedTuple):
    """The digest of what is installed; `unknown` says why that cannot be told completely."""

    digest: bytes
    unknown: str | None = None


def packages_of(
    interpreter: Path, root: Path, endings: tuple[str, ...], sources: Sources, contents: Contents, watch: Watch
) -> Packages:
    """Return what a tool finds installed that reads files with these endings; `root` is the worktree's.

    An interpreter that is not there has nothing installed.
    """
    watch.look(os.fspath(interpreter))
    if not interpreter.is_file():
        return Packages(NOTHING)
    parts = [interpreter_digest(interpreter, contents, watch)]
    elsewhere: list[str] = []
    unknown = None
    for folder in package_folders(interpreter.parent.parent, watch):
        if folder.name not in _PACKAGES:  # named by a .pth file
            elsewhere.append(os.fspath(folder))
            continue
        listed: set[str] = {"__pycache__"}
        for one in sorted(installed_in(folder)):
            parts += [os.fsencode(one.folder.name), file_digest(one.folder / "RECORD", contents, watch)]
            listed |= _top_level(one, watch)
            place, reason = _developed_at(one, watch)
            elsewhere += place
            unknown = unknown or reason
        names = sorted(os.listdir(folder))
        for name in names:
            path = folder / name
            if name not in listed and path.is_dir() and path.suffix not in (".dist-info", ".egg-info"):
                parts += [os.fsencode(name), sources.digest(endings, (os.fspath(path),))]
            elif name not in listed or name.endswith(".pth"):
                parts += [os.fsencode(name), file_digest(path, contents, watch)]
    parts += _elsewhere(elsewhere, root, endings, sources)
    return Packages(digest(parts), unknown)


def script_interpreter(executable: Path) -> Path | None:
    """Return the interpreter that runs this console script; `None` if that cannot be seen in it."""
    try:
        return interpreter_of(executable.read_bytes())
    except OSError:
        return None


def _top_level(one: Installed, watch: Watch) -> set[str]:
    """Return the names in the folder of packages that a distribution has put there."""
    record = text_of(one.folder / "RECORD", watch)
    return {line.partition("/")[0].partition(",")[0].strip('"') for line in record.splitlines()}


def _developed_at(one: Installed, watch: Watch) -> tuple[list[str], str | None]:
    """Return where the sources of an editable distribution lie, or why that is not known."""
    described = text_of(one.folder / "direct_url.json", watch)
    if _EDITABLE not in described:
        return [], None
    url = _URL.search(described)
    if url is None:
        return [], f"{one.name} is installed editable, and it is not said from where"
    path = unquote(urlsplit(url.group(1)).path)
    return [path[1:] if os.name == "nt" else path], None


def _elsewhere(folders: Sequence[str], root: Path, endings: tuple[str, ...], sources: Sources) -> list[bytes]:
    """Return marks for folders of sources; those in the worktree are counted there, however it is moved."""
    parts = []
    real = os.path.realpath(root)
    for folder in dict.fromkeys(os.path.realpath(one) for one in folders):
        if folder == real or folder.startswith(os.path.join(real, "")):
            parts += [b"worktree", os.fsencode(os.path.relpath(folder, real))]
        else:
            parts += [b"elsewhere", sources.digest(endings, (folder,))]
    return parts
