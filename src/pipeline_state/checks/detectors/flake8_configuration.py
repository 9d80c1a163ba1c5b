"""What the configuration of flake8 leaves out, what it pulls in, and when it is code of the worktree."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline_state.checks.declaration import FolderRun, References
from pipeline_state.named_tuple import NamedTuple

_DEFAULT_EXCLUDE = ".svn,CVS,.bzr,.hg,.git,__pycache__,.tox,.nox,.eggs,*.egg"
_SECTION = "flake8"
_LOCAL_PLUGINS = "flake8:local-plugins"


class _Arguments(NamedTuple):
    config: str | None
    append_config: list[str]
    isolated: bool
    exclude: str | None
    extend_exclude: str | None
    filename: str | None


def references(name: str, content: bytes) -> References:
    """Say when a configuration makes code of the worktree part of flake8: what that code looks at, we cannot see."""
    import configparser

    parser = configparser.RawConfigParser()
    try:
        parser.read_string(content.decode("utf-8"))
    except (ValueError, configparser.Error):
        return References()  # flake8 passes over it, too
    kinds = ("extension", "report")
    if any(parser.get(_LOCAL_PLUGINS, kind, fallback="").strip() for kind in kinds):
        return References(unknown=f"{name} loads plugins from the worktree, and what they look at is not known")
    return References()


def in_arguments(args: Sequence[str]) -> References:
    """Name the files of `--config` and `--append-config`."""
    arguments = _parsed(args)
    return References((*([arguments.config] if arguments.config else []), *arguments.append_config))


def folder_run(root: Path, args: Sequence[str], environment: Mapping[str, str]) -> FolderRun:
    """Apply `exclude`, `extend-exclude` and `filename` as `flake8 .` would: to each folder on the way, too."""
    from fnmatch import fnmatch

    place = Path(os.path.realpath(root))
    arguments = _parsed(args)
    settings, base = _settings(place, arguments, environment)
    exclude = [
        *_patterns(arguments.exclude, place, settings.get("exclude", _DEFAULT_EXCLUDE), base),
        *_patterns(arguments.extend_exclude, place, settings.get("extend-exclude", ""), base),
    ]
    names = _words(arguments.filename if arguments.filename is not None else settings.get("filename", "*.py"))
    if any(fnmatch(os.fspath(place), pattern) for pattern in exclude):
        return FolderRun(leaves_out=frozenset)

    def left_out(path: str) -> bool:
        parts = path.split("/")
        above = [os.path.join(place, *parts[:depth]) for depth in range(1, len(parts) + 1)]
        if any(fnmatch(os.path.basename(one), each) or fnmatch(one, each) for one in above for each in exclude):
            return True
        return bool(names) and not any(fnmatch(f"./{path}", each) for each in names)

    return FolderRun(leaves_out=lambda paths: {path for path in paths if left_out(path)})


def _parsed(args: Sequence[str]) -> _Arguments:
    import argparse

    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--config")
    parser.add_argument("--append-config", action="append", default=[])
    parser.add_argument("--isolated", action="store_true")
    parser.add_argument("--exclude")
    parser.add_argument("--extend-exclude")
    parser.add_argument("--filename")
    try:
        return _Arguments(**vars(parser.parse_known_args(list(args))[0]))
    except argparse.ArgumentError:  # flake8 refuses these arguments, and judges nothing
        return _Arguments(None, [], isolated=False, exclude=None, extend_exclude=None, filename=None)


def _settings(root: Path, arguments: _Arguments, environment: Mapping[str, str]) -> tuple[dict[str, str], Path]:
    """Return the settings by name, and the folder that their paths are relative to."""
    import configparser

    if arguments.isolated:
        return {}, root
    config = root / arguments.config if arguments.config else _found(root, environment.get("HOME"))
    parser = configparser.RawConfigParser()
    try:
        parser.read([*([config] if config else []), *(root / name for name in arguments.append_config)], "utf-8")
        settings = dict(parser[_SECTION]) if parser.has_section(_SECTION) else {}
    except (ValueError, configparser.Error):
        settings = {}
    return {name.replace("_", "-"): value for name, value in settings.items()}, config.parent if config else root


def _found(root: Path, home: str | None) -> Path | None:
    import configparser

    above = os.path.realpath(home) if home else None
    for folder in (root, *root.parents):
        if folder != root and os.fspath(folder) == above:
            return None
        for name in ("setup.cfg", "tox.ini", ".flake8"):
            parser = configparser.RawConfigParser()
            try:
                parser.read(folder / name, "utf-8")
            except (ValueError, configparser.Error):
                continue
            if parser.has_section(_SECTION) or parser.has_section(_LOCAL_PLUGINS):
                return folder / name
    return None


def _patterns(argument: str | None, root: Path, configured: str, base: Path) -> list[str]:
    value, place = (configured, base) if argument is None else (argument, root)
    return [os.path.abspath(place / word).rstrip("/") if "/" in word or word == "." else word for word in _words(value)]


def _words(value: str) -> list[str]:
    return [word for word in re.split(r"[,\s]", value) if word]
