"""Which files the configuration of mdformat leaves out."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path

from pipeline_state import toml
from pipeline_state.checks.declaration import FolderRun

NAME = ".mdformat.toml"


def folder_run(root: Path, args: Sequence[str], environment: Mapping[str, str]) -> FolderRun:
    """Apply `exclude`, and look for the names that `mdformat .` would look for."""
    del environment  # none of it counts
    place = Path(os.path.realpath(root))
    from_arguments = list(_excluded_by(args))

    @cache
    def patterns(folder: Path) -> tuple[Path, tuple[str, ...]]:
        for one in (folder, *folder.parents):
            if (one / NAME).is_file():
                return one, _excluded_in(one / NAME)
        return place, ()

    def left_out(path: str) -> bool:
        base, excluded = patterns((place / path).parent)
        if from_arguments:
            base, excluded = place, tuple(from_arguments)
        name = os.path.relpath(place / path, base).replace(os.sep, "/")
        return not path.endswith(".md") or any(matches(pattern, name) for pattern in excluded)

    return FolderRun(leaves_out=lambda paths: {path for path in paths if left_out(path)})


def matches(pattern: str, path: str) -> bool:
    """Whether a pattern matches a whole relative path, as `pathlib.PurePath.full_match` of Python 3.13 says."""
    return _compiled(pattern).fullmatch(path) is not None


@lru_cache
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = [part for part in pattern.split("/") if part not in ("", ".")]
    if pattern.startswith("/"):
        return re.compile(r"(?!)")  # a relative path is never matched by it
    text = ""
    for index, part in enumerate(parts):
        last = index == len(parts) - 1
        if part == "**":
            text += r".*" if last else r"(?:[^/]+/)*"
        else:
            text += "".join(_segment(part)) + ("" if last else "/")
    return re.compile(text, re.DOTALL)


def _segment(part: str) -> Iterator[str]:
    """Translate what stands for one name: `fnmatch`, but that nothing matches a slash."""
    from fnmatch import translate

    if part == "*":
        yield r"[^/]+"
        return
    for piece in re.split(r"(\*+|\?|\[[!^]?\]?[^\]]*\])", part):
        if piece.startswith("*"):
            yield r"[^/]*"
        elif piece == "?":
            yield r"[^/]"
        elif piece.startswith("[") and len(piece) > 2:
            yield rf"(?!/){translate(piece).removeprefix('(?s:').rpartition(')')[0]}"
        else:
            yield re.escape(piece)


def _excluded_in(path: Path) -> tuple[str, ...]:
    try:
        exclude = toml.loads(path.read_bytes().decode("utf-8")).get("exclude", [])
    except (OSError, ValueError, RecursionError):  # mdformat refuses it, and judges nothing
        return ()
    return tuple(one for one in exclude if isinstance(one, str)) if isinstance(exclude, list) else ()


def _excluded_by(args: Sequence[str]) -> Iterator[str]:
    values = iter(args)
    for argument in values:
        name, given, value = argument.partition("=")
        if name == "--exclude":
            yield value if given else next(values, "")
