"""Which files configure markdownlint-cli2, what they name, and when they are code or load some."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline_state.checks.declaration import FolderRun, References

_CODE = (".cjs", ".mjs", ".js")
_YAML = (".yaml", ".yml")
NAMES = (
    *(f".markdownlint-cli2{ending}" for ending in (".jsonc", ".yaml", ".cjs", ".mjs")),
    *(f".markdownlint{ending}" for ending in (".jsonc", ".json", ".yaml", ".yml", ".cjs", ".mjs")),
    ".gitignore",
)
_LOADING = ("customRules", "markdownItPlugins")
# JSON with comments is not parsed: what may load something is looked for in its text, and found once too often rather.
_EXTENDS = re.compile(r"""["']?extends["']?\s*:\s*(?:"([^"\\]*)"|(null))""")


def references(name: str, content: bytes) -> References:
    """Name what a configuration extends, and say when it is code, or loads some."""
    if name == ".gitignore":
        return References()
    if name.endswith(_CODE):
        return References(unknown=f"{name} is code, and what it looks at is not known")
    text = content.decode("utf-8", "replace")
    if re.search(rf"{'|'.join(_LOADING)}|\\[ux]", text):
        return References(unknown=f"{name} loads rules or plugins, which are code")
    if re.search(r"""gitignore["']?\s*:\s*["'\w*./]*[*./]""", text):
        return References(unknown=f"{name} names ignore files, which are not watched")
    extended = _extended_in_yaml(content) if name.endswith(_YAML) else _extended(text)
    strange = [one for one in extended if not re.match(r"\.\.?/", one)]
    return References(tuple(extended), f"{name} extends {strange[0]!r}, which may be a package" if strange else None)


def in_arguments(args: Sequence[str]) -> References:
    """Name the file of `--config`."""
    values = iter(args)
    return References(tuple(next(values, "") for argument in values if argument == "--config"))


def folder_run(root: Path, args: Sequence[str], environment: Mapping[str, str]) -> FolderRun:
    """Let our script know what is a file, by the dot; the rest it does."""
    del root, args, environment
    return FolderRun(dotted=True)


def _extended(text: str) -> list[str]:
    found = list(_EXTENDS.finditer(text))
    names = [one[1] for one in found if one[1]]
    # One more than can be read: what it is, nobody can tell.
    return names if text.count("extends") <= len(found) else [*names, "extends"]


def _extended_in_yaml(content: bytes) -> list[str]:
    import yaml

    try:
        return [one for one in _values(yaml.safe_load(content), "extends") if one]
    except (yaml.YAMLError, ValueError, RecursionError):  # markdownlint-cli2 refuses it, and judges nothing
        return []


def _values(data: Any, key: str) -> Iterator[str]:
    if isinstance(data, dict):
        for name, value in data.items():
            if name == key and value is not None:
                yield str(value)
            yield from _values(value, key)
