"""What a run of pylint over the root judges and reads, as its configuration and its arguments have it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline_state import toml
from pipeline_state.checks.declaration import ProjectRun, References
from pipeline_state.named_tuple import NamedTuple

_ITS_OWN = ("pylintrc", "pylintrc.toml", ".pylintrc", ".pylintrc.toml")
NAMES = (*_ITS_OWN, "pyproject.toml", "setup.cfg", "tox.ini")
"""In the order in which the first counts that has something for pylint."""

_OWN_PLUGINS = "pylint.extensions."
_FLAGS = frozenset({"-E", "--errors-only", "-v", "--verbose", "--exit-zero", "--enable-all-extensions"})
_SHORTEST = {"--rcfile": 4, "--init-hook": 8, "--load-plugins": 5}
"""So many characters of these options are enough for pylint to know them."""


class _Arguments(NamedTuple):
    """What the user's arguments say; `settings` as a configuration file would have it."""

    rcfile: str | None
    settings: Mapping[str, str]
    targets: tuple[str, ...]


def in_arguments(args: Sequence[str]) -> References:
    """Name the file of `--rcfile`."""
    named = _parsed(args).rcfile
    return References((named,) if named else ())


def project_run(root: Path, args: Sequence[str], environment: Mapping[str, str], files: Sequence[str]) -> ProjectRun:
    """Run pylint over what the arguments name, else over all that has sources in the root."""
    arguments = _parsed(args)
    settings, name = _found(root, arguments.rcfile, environment)
    settings = {**settings, **arguments.settings}
    targets = () if arguments.targets else _targets(root, files)
    return ProjectRun(
        targets=targets,
        folders=(*_words(settings.get("source-roots")), *arguments.targets),
        judged=None if targets or arguments.targets else frozenset(),
        unknown=_unknown(settings, name),
    )


def _targets(root: Path, files: Sequence[str]) -> tuple[str, ...]:
    python = [path for path in files if path.endswith((".py", ".pyi"))]
    if "__init__.py" in python:
        return (".",)
    first = sorted({path.partition("/")[0] for path in python})
    return tuple(name for name in first if not (root / name / "pyvenv.cfg").is_file())


def _unknown(settings: Mapping[str, Any], name: str) -> str | None:
    plugins = [one for one in _words(settings.get("load-plugins")) if not one.startswith(_OWN_PLUGINS)]
    if plugins:
        return f"pylint, by {name}, loads {', '.join(plugins)[:200]}, and what they look at is not known"
    if settings.get("init-hook"):
        return f"pylint, by {name}, runs code of the project, and what that looks at is not known"
    if settings.get("spelling-dict"):
        return f"pylint, by {name}, looks words up in a dictionary, and where that lies is not known"
    return None


def _parsed(args: Sequence[str]) -> _Arguments:
    rcfile: str | None = None
    settings: dict[str, str] = {}
    targets: list[str] = []
    waiting = iter(args)
    for word in waiting:
        if not word.startswith("-"):
            targets.append(word)
            continue
        option, given, value = word.partition("=")
        if not given and option not in _FLAGS:
            value = next(waiting, "")
        known = next((one for one, least in _SHORTEST.items() if option.startswith(one[:least])), option)
        if known == "--rcfile":
            rcfile = value
        elif known.startswith("--"):
            settings[known[2:]] = value
    return _Arguments(rcfile, settings, tuple(targets))


def _found(root: Path, named: str | None, environment: Mapping[str, str]) -> tuple[Mapping[str, Any], str]:
    """Return the settings of the configuration that counts, whatever section they stand in, and its name."""
    for path in [root / named] if named else _looked_for(root, environment):
        settings = _settings(path)
        if settings is not None:
            return settings, path.name
    return {}, "its arguments"


def _looked_for(root: Path, environment: Mapping[str, str]) -> Iterator[Path]:
    yield from (root / name for name in NAMES)
    for folder in root.parents:  # it goes on for as long as there is a package, or no Git folder
        yield from (folder / name for name in (*_ITS_OWN, "pyproject.toml"))
    if environment.get("HOME"):
        yield from (Path(environment["HOME"], name) for name in (".pylintrc", ".config/pylintrc"))
    yield Path("/etc/pylintrc")


def _settings(path: Path) -> Mapping[str, Any] | None:
    """Return what a file sets; `None` if it has nothing for pylint."""
    import configparser

    if not path.is_file():
        return None
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".toml":
            table: Any = toml.loads(text)["tool"]["pylint"]
            return dict(_flat(table))
        parser = configparser.RawConfigParser(inline_comment_prefixes=("#", ";"))
        parser.read_string(text)
        sections = [
            name for name in parser.sections() if path.suffix not in (".cfg", ".ini") or re.match(r"pylint(\.|$)", name)
        ]
        found = {key.replace("_", "-"): value for name in sections for key, value in parser.items(name)}
        return found if sections or path.suffix not in (".cfg", ".ini") else None
    except (OSError, ValueError, LookupError, TypeError, AttributeError, configparser.Error):
        return None


def _flat(table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value)
        else:
            yield key.replace("_", "-"), value


def _words(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(word) for word in value]
    return [word.strip() for word in re.split(r"[,\n]", str(value or "")) if word.strip()]
