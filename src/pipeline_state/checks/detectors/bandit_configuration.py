"""Which files configure bandit, and which names it looks for in its own run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline_state import toml
from pipeline_state.checks.declaration import FolderRun, References

INI = ".bandit"
_EXCLUDE = (".svn", "CVS", ".bzr", ".hg", "__pycache__", ".tox", ".eggs", "*.egg")
"""What it leaves out by itself, beside .git: that one is a folder in the main worktree and a file in the others."""

_NAMED = {
    "-x": "exclude",
    "--exclude": "exclude",
    "-c": "configfile",
    "--configfile": "configfile",
    "--ini": "ini",
    "-b": "baseline",
    "--baseline": "baseline",
}


def references(name: str, content: bytes) -> References:
    """Name what an INI file names; other configuration names nothing. An exclusion means more where it is a folder."""
    ini = _ini(content) if not name.endswith((".toml", ".yaml", ".yml")) else {}
    paths = tuple(ini[key] for key in ("configfile", "baseline") if ini.get(key))
    return References(paths, from_root=True, folders=_folders(ini.get("exclude", "")))


def in_arguments(args: Sequence[str]) -> References:
    """Name the files of `-c`, `--ini` and `--baseline`, and the exclusions that may be folders."""
    paths = tuple(value for option, value in _options(args) if option != "exclude")
    named = [one for option, value in _options(args) if option == "exclude" for one in _folders(value)]
    return References(paths, folders=(*_EXCLUDE, *named))


def folder_run(root: Path, args: Sequence[str], environment: Mapping[str, str]) -> FolderRun:
    """Name the INI file of the root, and apply `include` as `bandit -r .` would."""
    del environment  # none of it counts
    from fnmatch import fnmatch

    options = dict(_options(args))
    pinned = [f"--ini={INI}"] if (root / INI).is_file() and "ini" not in options else []
    ini = _ini(_content(root / options.get("ini", INI)))
    if not (options.get("exclude") or ini.get("exclude")):
        pinned.append(f"--exclude={','.join((*_EXCLUDE, '.git/*'))}")
    config = options.get("configfile") or ini.get("configfile")
    names = _include(config, _content(root / config)) if config else ["*.py", "*.pyw"]

    def leave_out(paths: Sequence[str]) -> set[str]:
        return {path for path in paths if not any(fnmatch(f"./{path}", name) for name in names)}

    # A baseline knows its files by the names that the tool makes of those without a dot.
    return FolderRun(tuple(pinned), leave_out, dotted=not (options.get("baseline") or ini.get("baseline")))


def _folders(exclusions: str) -> tuple[str, ...]:
    return tuple(one for one in exclusions.split(",") if one and "\0" not in one)


def _include(name: str, content: bytes) -> list[str]:
    import yaml

    try:
        data: Any = (
            toml.loads(content.decode("utf-8")).get("tool", {}).get("bandit", {})
            if name.endswith(".toml")
            else yaml.safe_load(content)
        )
    except (ValueError, AttributeError, RecursionError, yaml.YAMLError):  # bandit refuses it
        data = None
    include = data.get("include") if isinstance(data, dict) else None
    return [one for one in include if isinstance(one, str)] if isinstance(include, list) and include else ["*.py"]


def _ini(content: bytes) -> dict[str, str]:
    import configparser

    parser = configparser.ConfigParser()
    try:
        parser.read_string(content.decode("utf-8"))
        return dict(parser.items("bandit"))
    except (ValueError, configparser.Error):  # bandit warns, and goes on without it
        return {}


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # none; one that is named and missing is refused by bandit
        return b""


def _options(args: Sequence[str]) -> Iterator[tuple[str, str]]:
    values = iter(args)
    for argument in values:
        name, given, value = argument.partition("=")
        if name in _NAMED:
            yield _NAMED[name], value if given else next(values, "")
        elif argument[:2] in _NAMED:
            yield _NAMED[argument[:2]], argument[2:]
