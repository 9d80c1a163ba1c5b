"""What isort leaves out in its own run over the root, and judges where it is named."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline_state.checks.declaration import FolderRun, ReportError
from pipeline_state.checks.detectors import isort_settings

_LISTS = ("skip", "extend_skip", "skip_glob", "extend_skip_glob", "supported_extensions", "blocked_extensions")
_DEFAULTS = {"supported_extensions": ["py", "pyi", "pyx", "pxd"], "blocked_extensions": ["pex"]}


def folder_run(root: Path, args: Sequence[str], environment: Mapping[str, str]) -> FolderRun:
    """Apply what `isort .` applies to folders, and the endings of files; the rest it applies itself."""
    del environment  # none of it counts
    from fnmatch import fnmatch

    place = Path(os.path.realpath(root))
    options: dict[str, list[str]] = {}
    for option, value in isort_settings.options(args):
        options.setdefault(option, []).append(value)
    settings, base = _settings(place, options.pop("settings_path", []))
    settings = {**_DEFAULTS, **settings, **options}
    places = {os.path.abspath(place / one) for key in _LISTS[:2] for one in settings.get(key, ())}
    globs = [one for key in _LISTS[2:4] for one in settings.get(key, ())]

    def skipped(folder: str) -> bool:
        name = os.path.relpath(place / folder, base) if (place / folder).is_relative_to(base) else folder
        return os.path.join(place, folder) in places or any(
            fnmatch(name, one) or fnmatch(f"/{name}", one) for one in globs
        )

    def left_out(path: str) -> bool:
        parts = path.split("/")
        if any(skipped("/".join(parts[:depth])) for depth in range(1, len(parts))):
            return True
        ending = os.path.splitext(path)[1].lstrip(".")
        if ending in settings["supported_extensions"]:
            return False
        return ending in settings["blocked_extensions"] or path.endswith("~") or not _has_shebang(place / path)

    def leave_out(paths: Sequence[str]) -> set[str]:
        for path in paths:
            if not (place / path).is_file():
                raise ReportError("is not there", (path,))
        return {path for path in paths if left_out(path)}

    return FolderRun(leaves_out=leave_out)


def _has_shebang(path: Path) -> bool:
    try:
        with open(path, "rb") as file:
            return re.match(rb"^#!.*\bpython[23w]?\b", file.readline(100)) is not None
    except OSError:  # isort says so
        return True


def _settings(root: Path, named: list[str]) -> tuple[dict[str, list[str]], Path]:
    """Return the settings that are lists, and the folder that patterns count from."""
    if named and (root / named[-1]).is_file():
        config = root / named[-1]
        return _lists(_table(config)), config.parent
    start = Path(os.path.abspath(root / named[-1])) if named else root
    for folder in (start, *start.parents):
        for name in isort_settings.NAMES:
            if (folder / name).is_file() and (table := _table(folder / name)):
                return _lists(table), folder
        if (folder / ".git").exists() or (folder / ".hg").is_dir():
            break
    return {}, root


def _lists(table: Mapping[str, Any]) -> dict[str, list[str]]:
    return {key: isort_settings.items(table[key]) for key in _LISTS if key in table}


def _table(config: Path) -> dict[str, Any]:
    try:
        return isort_settings.table(config.name, config.read_bytes())
    except OSError:
        return {}
