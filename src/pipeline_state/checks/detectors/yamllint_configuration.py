"""Which files the configuration of yamllint is for, and which further ones it names."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline_state.checks.declaration import FolderRun, References

NAMES = (".yamllint", ".yamllint.yaml", ".yamllint.yml")
_YAML_FILES = ("*.yaml", "*.yml", ".yamllint")


def references(name: str, content: bytes) -> References:
    """Follow `extends` and `ignore-from-file`, which count from the root."""
    data = _read(content)
    # One of its own (`default`) is looked for as well: then there mostly is no file of that name.
    paths = [data["extends"]] if isinstance(data.get("extends"), str) else []
    rules = data.get("rules")
    for table in (data, *(rules.values() if isinstance(rules, dict) else ())):
        named = table.get("ignore-from-file", []) if isinstance(table, dict) else []
        paths += [named] if isinstance(named, str) else [one for one in named if isinstance(one, str)]
    unknown = f"{name} asks for a locale of the machine" if "locale" in data else None
    return References(tuple(paths), unknown, from_root=True)


def in_arguments(args: Sequence[str]) -> References:
    """Name the files of `--config-file`, and what `--config-data` names."""
    paths: list[str] = []
    unknown = None
    for option, value in _options(args):
        if option == "file":
            paths.append(value)
        else:
            found = references("--config-data", _data(value))
            paths += found.paths
            unknown = unknown or found.unknown
    return References(tuple(paths), unknown)


def folder_run(root: Path, args: Sequence[str], environment: Mapping[str, str]) -> FolderRun:
    """Apply `yaml-files`, which say what `yamllint .` would look for."""
    from pipeline_state.checks.globs import matcher

    patterns = _configuration(root, args, environment).get("yaml-files", _YAML_FILES)
    if not isinstance(patterns, list | tuple) or not all(isinstance(one, str) for one in patterns):
        return FolderRun()  # yamllint refuses it
    rules = [(matcher([pattern.removeprefix("!")]), not pattern.startswith("!")) for pattern in patterns]

    def is_yaml(path: str) -> bool:
        said = [wanted for matches, wanted in rules if matches(os.path.basename(path))]
        return bool(said) and said[-1]

    return FolderRun(leaves_out=lambda paths: {path for path in paths if not is_yaml(path)})


def _configuration(root: Path, args: Sequence[str], environment: Mapping[str, str]) -> dict[str, Any]:
    for option, value in _options(args):
        return _read(_data(value) if option == "data" else _content(root / value))
    home = environment.get("HOME") or environment.get("USERPROFILE") or ""
    for folder in (root, *root.parents):
        for name in NAMES:
            if (folder / name).is_file():
                return _read(_content(folder / name))
        if os.fspath(folder) == home:
            break
    user = Path(environment.get("XDG_CONFIG_HOME") or Path(home, ".config"), "yamllint/config")
    return _read(_content(user)) if user.is_absolute() else {}


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # there is none; one that is named and missing is refused by yamllint
        return b""


def _read(content: bytes) -> dict[str, Any]:
    """Return the settings. What is no mapping is refused by yamllint, and has none."""
    import yaml

    try:
        data = yaml.safe_load(content)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _data(value: str) -> bytes:
    """Return what `--config-data` stands for: a word alone is what it extends."""
    return (value if not value or ":" in value else f"extends: {value}").encode("utf-8", "surrogateescape")


def _options(args: Sequence[str]) -> Iterator[tuple[str, str]]:
    values = iter(args)
    for argument in values:
        name, given, value = argument.partition("=")
        if name in ("--config-file", "--config-data"):
            yield name[9:], value if given else next(values, "")
        elif argument[:2] in ("-c", "-d"):
            yield "file" if argument[1] == "c" else "data", argument[2:] or next(values, "")
