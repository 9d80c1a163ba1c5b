"""Which files a ruff configuration pulls in, and when it makes verdicts depend on what we do not watch."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from pipeline_state import toml
from pipeline_state.checks.declaration import References

NAMES = (".ruff.toml", "ruff.toml", "pyproject.toml")
"""In the order in which the first counts; the last only where it has a table for ruff."""


def of_formatter(name: str, content: bytes) -> References:
    """Follow `extend`. ruff expands `~` and variables in it; then we cannot tell which file it is."""
    extend = (_table(name, content) or {}).get("extend")
    if not isinstance(extend, str):
        return References()
    if _is_expanded(extend):
        return References(unknown=f"{name} extends {extend!r}, which ruff expands")
    return References((extend,))


def of_linter(name: str, content: bytes) -> References:
    """Follow `extend`, and name the folders of `src`: names there decide how imports are sorted."""
    table = _table(name, content)
    references = of_formatter(name, content)
    if table is None:
        return references  # it configures something else
    sources = table.get("src", [".", "src"])
    roots = tuple(source for source in sources if isinstance(source, str)) if isinstance(sources, list) else ()
    unknown = references.unknown
    for source in roots:
        if _is_expanded(source) or _may_leave_the_tree(source):
            unknown = unknown or f"{name} looks for first-party modules in {source!r}, which is not watched"
    return References(references.paths, unknown, roots)


def in_arguments(arguments: Sequence[str]) -> References:
    """Name the files that `--config` names; a TOML pair given there is no file."""
    paths = []
    unknown = None
    values = iter(arguments)
    for argument in values:
        if argument == "--config":
            value = next(values, "")
        elif argument.startswith("--config="):
            value = argument.removeprefix("--config=")
        else:
            continue
        if not re.match(r"\s*[\w.\"'-]+\s*=", value):
            paths.append(value)
        elif "src" in value or "extend" in value:
            unknown = f"--config {value!r} is not followed"
    return References(tuple(paths), unknown)


def included_above(root: Path, path: str) -> tuple[str, ...] | None:
    """Hold ruff to the configuration of the root, where that alone decides whether it goes into the folder of a file.

    It refuses to say anything of a file below a configuration that it cannot read; but in its own run it does not read
    those in folders that are excluded.
    """
    found = [name for name in NAMES if _configures(root / name)]
    *between, own = [root / folder for folder in reversed(PurePosixPath(path).parents)][1:] or [root]
    if not found or own == root or any(_configures(folder / name) for folder in between for name in NAMES):
        return None
    return ("--config", found[0])


def _configures(file: Path) -> bool:
    """Whether this file, as far as it can be read, is a configuration of ruff."""
    try:
        return _table(file.name, file.read_bytes()) is not None
    except OSError:
        return False


def _table(name: str, content: bytes) -> dict[str, Any] | None:
    """The table of ruff's settings, which counts though it be empty. `None` if the file has none.

    What is no TOML has none: ruff refuses that file, and judges nothing.
    """
    try:
        data: Any = toml.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    for key in ("tool", "ruff") if name == "pyproject.toml" else ():
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else None


def _is_expanded(path: str) -> bool:
    return "$" in path or path.startswith("~")


def _may_leave_the_tree(path: str) -> bool:
    return ".." in re.split(r"[/\\]", path) or re.match(r"[/\\]|[A-Za-z]:", path) is not None
