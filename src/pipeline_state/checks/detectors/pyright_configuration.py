"""What a run of pyright over the root judges and reads, as its configuration and its arguments have it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline_state import toml
from pipeline_state.checks.declaration import ProjectRun, References
from pipeline_state.checks.globs import matcher

NAMES = ("pyrightconfig.json", "pyproject.toml")
"""In the order in which the first counts; the second only where it has a table for pyright."""

_LEFT_OUT = ("**/node_modules", "**/__pycache__", "**/.*", "**/__editable__.*")
_ENVIRONMENTS = ("bin/activate", "Scripts/activate", "pyvenv.cfg", "conda-meta")
_PYTHON = "Scripts/python.exe" if os.name == "nt" else "bin/python"
_STRINGS = r'("(?:\\.|[^"\\])*")'
_COMMENTS = re.compile(rf"{_STRINGS}|//[^\n]*|/\*.*?\*/", re.DOTALL)
_COMMAS = re.compile(rf"{_STRINGS}|,(?=\s*[\]}}])")
_PATHS = ("include", "exclude", "ignore", "extraPaths", "stubPath", "typeshedPath", "venvPath")
_DEEPEST = 20
"""So many files may extend one another."""


def references(name: str, content: bytes) -> References:
    """Name the configuration that this one extends."""
    extended = _table(name, content).get("extends")
    return References((extended,) if isinstance(extended, str) else ())


def in_arguments(args: Sequence[str]) -> References:
    """Name the file of `--project`."""
    return References(tuple(_values(args, "-p", "--project")))


def project_run(root: Path, args: Sequence[str], environment: Mapping[str, str], files: Sequence[str]) -> ProjectRun:
    """Say what pyright judges, and which Python it asks for packages."""
    file = _found(root, args)
    settings = _settings(file) if file is not None else {}
    unknown = None
    if file is not None and file.parent != root:
        unknown = f"pyright takes its project from {file.name} above or below the root"
    elif any(not word.startswith("-") for word in _targets(args)):
        unknown = "pyright is told by its arguments which files to judge"
    python, option = _python(root, args, settings)
    folders = [*_strings(settings, "extraPaths"), *_strings(settings, "stubPath"), *_strings(settings, "typeshedPath")]
    folders += [os.path.join(*_strings(one, "root")[:1], *_strings(one, "extraPaths")) for one in _places(settings)]
    return ProjectRun(
        targets=option,
        folders=tuple(dict.fromkeys([*folders, *_values(args, "-t", "--typeshedpath")])),
        interpreters=python or tuple(os.path.join(one, "python3") for one in environment["PATH"].split(os.pathsep)),
        judged=None if unknown else _judged(root, settings, files),
        ignored=frozenset(filter(matcher(_anchored(settings, "ignore")), files)),
        unknown=unknown,
    )


def _judged(root: Path, settings: Mapping[str, Any], files: Sequence[str]) -> frozenset[str]:
    included = matcher(_anchored(settings, "include") or ["**"])
    left_out = matcher([*_anchored(settings, "exclude"), *_LEFT_OUT])
    environments: dict[str, bool] = {"": False}

    def in_environment(folder: str) -> bool:
        if folder not in environments:
            mine = any((root / folder / name).exists() for name in _ENVIRONMENTS)
            environments[folder] = mine or in_environment(folder.rpartition("/")[0])
        return environments[folder]

    return frozenset(
        path
        for path in files
        if path.endswith((".py", ".pyi"))
        and included(path)
        and not left_out(path)
        and not in_environment(path.rpartition("/")[0])
    )


def _python(root: Path, args: Sequence[str], settings: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the Python that is asked for packages, and the option that says so where nothing else does."""
    named = _values(args, "--pythonpath")
    if named:
        return (named[-1],), ()
    if isinstance(settings.get("venv"), str):
        folder = [*_strings(settings, "venvPath"), *_values(args, "-v", "--venvpath"), "."][-2:][0]
        return (os.path.join(folder, settings["venv"], _PYTHON),), ()
    for name in (".venv", "venv"):
        if (root / name / _PYTHON).exists():
            return (f"{name}/{_PYTHON}",), ("--pythonpath", f"{name}/{_PYTHON}")
    return (), ()


def _found(root: Path, args: Sequence[str]) -> Path | None:
    for named in _values(args, "-p", "--project"):
        path = Path(os.path.normpath(root / named))
        return next((path / name for name in NAMES if (path / name).is_file()), path) if path.is_dir() else path
    for folder in (root, *root.parents):
        for name in NAMES:
            path = folder / name
            if path.is_file() and (name != "pyproject.toml" or _table(name, _read(path))):
                return path
    return None


def _settings(file: Path, depth: int = 0) -> dict[str, Any]:
    """Return what a file and those that it extends set; each path as seen from the folder of the first."""
    table = _table(file.name, _read(file))
    extended = table.get("extends")
    base: dict[str, Any] = {}
    if isinstance(extended, str) and depth < _DEEPEST:
        place = Path(os.path.normpath(file.parent / extended))
        base = _settings(place, depth + 1)
        for key in _PATHS:
            moved = [
                os.path.relpath(place.parent / one, file.parent).replace(os.sep, "/") for one in _strings(base, key)
            ]
            if key in base:
                base[key] = moved
    return {**base, **table}


def _table(name: str, content: bytes) -> Mapping[str, Any]:
    import json

    try:
        text = content.decode("utf-8-sig")
        if name.endswith(".toml"):
            found: Any = toml.loads(text).get("tool", {}).get("pyright", {})
        else:
            found = json.loads(_COMMAS.sub(_kept, _COMMENTS.sub(_kept, text)))
    except (ValueError, AttributeError, RecursionError):  # pyright says so
        return {}
    return found if isinstance(found, dict) else {}


def _kept(found: re.Match[str]) -> str:
    return found[1] or ""


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _places(settings: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = settings.get("executionEnvironments")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _strings(settings: Mapping[str, Any], key: str) -> list[str]:
    value = settings.get(key)
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]


def _anchored(settings: Mapping[str, Any], key: str) -> list[str]:
    """Return patterns that count from the root."""
    names = (os.path.normpath(one).replace(os.sep, "/") for one in _strings(settings, key))
    return ["**" if name == "." else f"/{name.lstrip('/')}" for name in names]


def _values(args: Sequence[str], *names: str) -> list[str]:
    found = []
    for number, word in enumerate(args):
        name, given, value = word.partition("=")
        if name in names:
            found.append(value if given else next(iter(args[number + 1 : number + 2]), ""))
    return found


def _targets(args: Sequence[str]) -> Iterator[str]:
    """Yield the words that are no options and no values of such."""
    flags = ("--skipunannotated", "--stats", "--warnings", "--ignoreexternal", "--dependencies")
    words = iter(args)
    for word in words:
        if not word.startswith("-"):
            yield word
        elif "=" not in word and word not in flags:
            next(words, "")
