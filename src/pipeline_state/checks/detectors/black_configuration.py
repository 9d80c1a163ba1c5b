"""Holds black to the configuration of the worktree's root, and to the files that its own run over it would judge."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline_state import toml
from pipeline_state.checks.declaration import FolderRun, References, ReportError
from pipeline_state.errors import GitError

_EXCLUDE = (
    r"/(\.direnv|\.eggs|\.git|\.hg|\.ipynb_checkpoints|\.mypy_cache|\.nox|\.pytest_cache|\.ruff_cache|\.tox|\.svn"
    r"|\.venv|\.vscode|__pypackages__|_build|buck-out|build|dist|venv)/"
)
_INCLUDE = r"(\.pyi?|\.ipynb)$"
_EXCLUSIONS = ("exclude", "extend_exclude", "force_exclude")


def in_arguments(args: Sequence[str]) -> References:
    """Name the file of `--config`."""
    config = _options(args).get("config")
    return References((config,) if config else ())


def folder_run(root: Path, args: Sequence[str], environment: Mapping[str, str]) -> FolderRun:
    """Say what `black .` would use and pass over. A setting that black refuses is left to black."""
    options = _options(args)
    config = options.get("config") or _configuration_of(root, environment)
    settings = _settings(root / config)
    # `force-exclude` is applied here, from the root; black would apply it from a folder that it takes for the project.
    pinned = [f"--config={config}", "--force-exclude=^$", *(["--no-cache"] if "cache_dir" in settings else [])]
    settings.update(options)
    try:
        include = _compiled(settings.get("include", _INCLUDE)).search
        exclusions = [_pattern(settings[name]) for name in _EXCLUSIONS if name in settings]
        if "exclude" not in settings:
            exclusions.append(_pattern(_EXCLUDE))
    except (re.error, TypeError):
        return FolderRun(tuple(pinned))

    def left_out(path: str) -> bool:
        parts = path.split("/")
        above = ["/".join(("", *parts[:depth], "")) for depth in range(1, len(parts))]
        return not include(f"/{path}") or any(excluded(one) for one in (*above, f"/{path}") for excluded in exclusions)

    def leave_out(paths: Sequence[str]) -> set[str]:
        found = {path for path in paths if left_out(path)}
        return found if "exclude" in settings else found | _ignored(root, paths)

    return FolderRun(tuple(pinned), leave_out)


def _configuration_of(root: Path, environment: Mapping[str, str]) -> str:
    """Return the configuration of a run over the root; an empty one where there is none."""
    if (root / "pyproject.toml").is_file():
        return "pyproject.toml"
    home = environment.get("HOME") or environment.get("USERPROFILE") or ""
    user = Path(environment.get("XDG_CONFIG_HOME") or Path(home, ".config"), "black")
    if os.name == "nt":
        user = Path(home, ".black")
    return os.fspath(user) if user.is_absolute() and user.is_file() else os.devnull


def _options(args: Sequence[str]) -> dict[str, str]:
    """Return those of the user's arguments that choose files; the last of each counts."""
    found = {}
    values = iter(args)
    for argument in values:
        name, given, value = argument.partition("=")
        key = name.removeprefix("--").replace("-", "_")
        if name.startswith("--") and key in ("config", "include", *_EXCLUSIONS):
            found[key] = value if given else next(values, "")
    return found


def _settings(config: Path) -> dict[str, Any]:
    try:
        data: Any = toml.loads(config.read_text(encoding="utf-8"))
        table = data.get("tool", {}).get("black", {})
        return {name.replace("--", "").replace("-", "_"): value for name, value in table.items()}
    except (OSError, ValueError, AttributeError):  # black refuses it, and judges nothing
        return {}


def _pattern(text: str) -> Callable[[str], bool]:
    search = _compiled(text).search

    def matches(path: str) -> bool:
        found = search(path)
        return bool(found and found.group(0))  # to black, a match of nothing is none

    return matches


def _compiled(text: str) -> re.Pattern[str]:
    return re.compile(f"(?x){text}" if "\n" in text else text)


def _ignored(root: Path, paths: Sequence[str]) -> frozenset[str]:
    from pipeline_state.git.ignoring import named_by_ignore_files

    folders = {""}
    for path in paths:
        while path := path.rpartition("/")[0]:
            folders.add(path)
    if not any(os.path.isfile(os.path.join(root, folder, ".gitignore")) for folder in folders):
        return frozenset()
    try:
        return named_by_ignore_files(root, paths)
    except GitError as error:
        raise ReportError(str(error)) from error
