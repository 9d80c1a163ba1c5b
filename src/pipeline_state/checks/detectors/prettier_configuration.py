"""Which files configure prettier, and when its configuration is code."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline_state.checks.declaration import FolderRun, References, ReportError
from pipeline_state.checks.ignore_files import ignored_by

_CODE = (".js", ".cjs", ".mjs", ".ts", ".cts", ".mts")
_MANIFESTS = ("package.json", "package.yaml")
NAMES = (
    ".prettierrc",
    *(f".prettierrc{ending}" for ending in (".json", ".yaml", ".yml", ".json5", ".toml", *_CODE)),
    *(f"prettier.config{ending}" for ending in _CODE),
    *_MANIFESTS,
    ".editorconfig",
    ".prettierignore",
    ".gitignore",
)
STOPS = (".git", ".hg", ".sl", ".jj")
"""Beyond the folder of a repository it does not look for .editorconfig; which of them count, its versions disagree."""

_FILES = ("--config", "--ignore-path")
_FOLDERS = frozenset({".git", ".sl", ".svn", ".hg", ".jj", "node_modules"})
"""What prettier passes over wherever it is."""


def references(name: str, content: bytes) -> References:
    """Say when a configuration is code, or loads some."""
    if name.endswith(_CODE):
        return References(unknown=f"{name} is code, and what it looks at is not known")
    if name in (".editorconfig", ".prettierignore", ".gitignore"):
        return References()
    settings = _manifest(name, content) if name in _MANIFESTS else _settings(content)
    if settings is None:
        return References()
    if not isinstance(settings, dict):
        return References(unknown=f"{name} names a package for its configuration, and that is code")
    # A name may be written with escapes; then it is not looked for any further.
    if re.search(rb"plugins|\\[ux]", content):
        return References(unknown=f"{name} names plugins, which are code")
    return References()


def in_arguments(args: Sequence[str]) -> References:
    """Name the files of `--config` and `--ignore-path`, and say when the user's arguments load plugins."""
    options = list(_options(args))
    plugins = any(option.startswith("--plugin") for option, _ in options)
    unknown = "--plugin names code, and what it looks at is not known" if plugins else None
    return References(tuple(value for option, value in options if option in _FILES), unknown)


def folder_run(root: Path, args: Sequence[str], environment: Mapping[str, str]) -> FolderRun:
    """Refuse what is not UTF-8, which prettier would write back with other bytes, and apply its ignore files.

    What it passes over can be seen in its log, but for runs in which that names no file.
    """
    del environment  # none of it counts
    options = list(_options(args))
    unnamed = any(option in ("--config", "--no-config") for option, _ in options)

    def leave_out(paths: Sequence[str]) -> set[str]:
        passed_over = _passed_over(root, options, paths) if unnamed else set()
        broken = [path for path in paths if path not in passed_over and not _is_utf_8(root / path)]
        if broken:
            raise ReportError("is not UTF-8, and prettier would replace its bytes", broken)
        return passed_over

    return FolderRun(leaves_out=leave_out)


def _passed_over(root: Path, options: Sequence[tuple[str, str]], paths: Sequence[str]) -> set[str]:
    files = [value for option, value in options if option == "--ignore-path"] or [".gitignore", ".prettierignore"]
    folders = _FOLDERS - ({"node_modules"} if ("--with-node-modules", "") in options else set())
    found = {path for path in paths if not folders.isdisjoint(path.split("/"))}
    for name in files:
        try:
            ignored = ignored_by((root / name).read_text(encoding="utf-8", errors="replace"))
        except OSError:  # there is none
            continue
        base = "" if os.path.dirname(name) in ("", ".") else os.path.normpath(os.path.dirname(name)) + "/"
        found.update(path for path in paths if path.startswith(base) and ignored(path.removeprefix(base)))
    return found


def _is_utf_8(path: Path) -> bool:
    try:
        path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return False
    except OSError:  # prettier says so
        return True
    return True


def _manifest(name: str, content: bytes) -> Any:
    """Return what a package says of prettier; `None` if nothing."""
    import json

    try:
        data = json.loads(content.decode("utf-8-sig")) if name.endswith(".json") else _yaml(content)
    except (ValueError, RecursionError):  # prettier passes over it, too
        return None
    return data.get("prettier") if isinstance(data, dict) else None


def _settings(content: bytes) -> Any:
    """Return what stands in a configuration file; TOML and JSON5 are mappings, whatever is in them."""
    text = content.strip()
    if text[:1] == b"{" or re.match(rb"[\w.\"'-]+\s*=|\[|#|//|/\*", text):
        return {}
    return _yaml(content)


def _yaml(content: bytes) -> Any:
    import yaml

    try:
        return yaml.safe_load(content)
    except (yaml.YAMLError, ValueError, RecursionError):  # prettier refuses it, and judges nothing
        return {}


def _options(args: Sequence[str]) -> Iterator[tuple[str, str]]:
    values = iter(args)
    for argument in values:
        name, given, value = argument.partition("=")
        yield name, value if given else next(values, "") if name in _FILES else ""
