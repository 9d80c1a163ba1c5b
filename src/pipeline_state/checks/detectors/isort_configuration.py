"""What isort leaves out in its own run over the root, and judges where it is named."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from pipeline_state.checks.declaration import FolderRun, ReportError

NAMES = (".isort.cfg", "pyproject.toml", "setup.cfg", "tox.ini", ".editorconfig")
"""In the order in which the first counts that configures isort."""

_SECTIONS = {
    ".isort.cfg": ("settings", "isort"),
    "setup.cfg": ("isort", "tool:isort"),
    "tox.ini": ("isort", "tool:isort"),
    ".editorconfig": ("*", "*.py", "**.py", "*.{py}"),
}
_ANY = ("isort", "tool:isort")
_PARSER = "tomllib" if sys.version_info >= (3, 11) else "tomli"
_LISTS = ("skip", "extend_skip", "skip_glob", "extend_skip_glob", "supported_extensions", "blocked_extensions")
_SHORT = {
    "-s": "skip",
    "--sg": "skip_glob",
    "--sp": "settings_path",
    "--settings": "settings_path",
    "--settings-file": "settings_path",
    "--settings-path": "settings_path",
    "--ext": "supported_extensions",
    "--extension": "supported_extensions",
    "--supported-extension": "supported_extensions",
    "--blocked-extension": "blocked_extensions",
    "--skip": "skip",
    "--extend-skip": "extend_skip",
    "--skip-glob": "skip_glob",
    "--extend-skip-glob": "extend_skip_glob",
}
_DEFAULTS = {"supported_extensions": ["py", "pyi", "pyx", "pxd"], "blocked_extensions": ["pex"]}


def folder_run(root: Path, args: Sequence[str], environment: Mapping[str, str]) -> FolderRun:
    """Apply what `isort .` applies to folders, and the endings of files; the rest it applies itself."""
    del environment  # none of it counts
    from fnmatch import fnmatch

    place = Path(os.path.realpath(root))
    options: dict[str, list[str]] = {}
    for option, value in _options(args):
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
        return _lists(config), config.parent
    start = Path(os.path.abspath(root / named[-1])) if named else root
    for folder in (start, *start.parents):
        for name in NAMES:
            if (folder / name).is_file() and (table := _table(folder / name)):
                return _lists(folder / name, table), folder
        if (folder / ".git").exists() or (folder / ".hg").is_dir():
            break
    return {}, root


def _lists(config: Path, table: Mapping[str, Any] | None = None) -> dict[str, list[str]]:
    values = _table(config) if table is None else table
    return {key: _items(values[key]) for key in _LISTS if key in values}


def _items(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(one) for one in value]
    return [one.strip() for one in str(value).replace("\n", ",").split(",") if one.strip()]


def _table(config: Path) -> dict[str, Any]:
    """Return the settings of isort in this file. One that cannot be read has none, and isort goes on without it."""
    import configparser

    try:
        text = config.read_text(encoding="utf-8")
        if config.suffix == ".toml":
            table: Any = import_module(_PARSER).loads(text).get("tool", {}).get("isort", {})
            return dict(table)
        parser = configparser.ConfigParser(strict=False)
        parser.read_string(text[max(text.find("["), 0) :] if config.name == ".editorconfig" else text)
        found: dict[str, Any] = {}
        for section in _SECTIONS.get(config.name, _ANY):
            if parser.has_section(section):
                found.update(parser.items(section))
        return found
    except (OSError, ValueError, AttributeError, configparser.Error):
        return {}


def _options(args: Sequence[str]) -> Iterator[tuple[str, str]]:
    values = iter(args)
    for argument in values:
        name, given, value = argument.partition("=")
        if name in _SHORT:
            yield _SHORT[name], value if given else next(values, "")
        elif argument.startswith("-s") and not argument.startswith("--"):
            yield "skip", argument[2:]
