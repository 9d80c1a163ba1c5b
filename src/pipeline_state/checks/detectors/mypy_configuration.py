"""What a run of mypy over the root judges and reads, as its configuration and its arguments have it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline_state import toml
from pipeline_state.checks.declaration import ProjectRun, References
from pipeline_state.named_tuple import NamedTuple

NAMES = ("mypy.ini", ".mypy.ini", "pyproject.toml", "setup.cfg")
"""In the order in which the first counts that configures mypy; the last two only where they have a section for it."""

_SHARED = ("pyproject.toml", "setup.cfg")
_FALLBACK = "/usr/local/lib/mypy"
"""Where mypy looks for stubs beside its own."""

_VALUES = (
    *("-O", "--output", "--follow-imports", "--platform", "--always-true", "--always-false", "--untyped-calls-exclude"),
    *("--deprecated-calls-exclude", "--disable-error-code", "--enable-error-code", "--enable-incomplete-feature"),
    *("--cache-dir", "--custom-typing-module", "-n", "--num-workers", "--any-exprs-report", "--cobertura-xml-report"),
    *("--html-report", "--linecount-report", "--linecoverage-report", "--lineprecision-report", "--txt-report"),
    *("--xml-report", "--xslt-html-report", "--xslt-txt-report", "--junit-xml", "--junit-format", "--exclude"),
    *("--find-occurrences", "--package-root", "--soft-error-limit"),
)
"""Options with a value that says nothing about which files are read."""

_UNSEEN = {
    "plugins": "loads plugins, and what they look at is not known",
    "exclude_gitignore": "leaves out what Git is told to ignore, and where that is said is not known",
    "install_types": "installs packages while it runs",
    "quickstart_file": "believes a file about what others hold",
    "bazel": "does not look whether files have changed",
    "shadow_file": "reads other files than it names",
}
"""Settings under which a verdict rests on more than is watched."""


class _Arguments(NamedTuple):
    config_file: str | None
    python_executable: str | None
    python_version: str | None
    custom_typeshed_dir: str | None
    targets: list[str]
    has_targets: bool
    unseen: list[str]


class _Found(NamedTuple):
    """The configuration that counts: its settings, and where it lies."""

    settings: Mapping[str, Any]
    file: Path


def in_arguments(args: Sequence[str]) -> References:
    """Name the file of `--config-file`."""
    named = _parsed(args).config_file
    return References((named,) if named else ())


def project_run(root: Path, args: Sequence[str], environment: Mapping[str, str], _files: Sequence[str]) -> ProjectRun:
    """Run mypy over what its configuration names, else over the root."""
    arguments = _parsed(args)
    settings, file = _found(root, arguments.config_file, environment)
    named = any(settings.get(key) for key in ("files", "packages", "modules"))
    variables = {**environment, "MYPY_CONFIG_FILE_DIR": os.fspath(file.parent)}

    def places(key: str, separators: str) -> list[str]:
        return [_expanded(word, variables) for word in _words(settings.get(key), separators)]

    version = arguments.python_version or str(settings.get("python_version") or "")
    executables = [arguments.python_executable] if arguments.python_executable else places("python_executable", "")
    read = [*places("mypy_path", ",:"), *places("files", ","), *arguments.targets, *places("custom_typeshed_dir", "")]
    typeshed = [arguments.custom_typeshed_dir] if arguments.custom_typeshed_dir else []
    return ProjectRun(
        targets=() if named or arguments.has_targets else (".",),
        folders=tuple(dict.fromkeys([*map(_folder, read), *typeshed, _FALLBACK])),
        interpreters=(*executables, *_interpreters(version, environment)),
        unknown=_unknown(root, settings, file, arguments),
    )


def _unknown(root: Path, settings: Mapping[str, Any], file: Path, arguments: _Arguments) -> str | None:
    if not any(os.path.exists(root / name) for name in (".git", ".hg")):
        return "mypy looks for its configuration in the folders above the worktree"
    for key, reason in _UNSEEN.items():
        if key in arguments.unseen or _is_set(settings.get(key)):
            return f"mypy, by {'its arguments' if key in arguments.unseen else file.name}, {reason}"
    return None


def _is_set(value: object) -> bool:
    return bool(value) and str(value).lower() not in ("false", "0", "no", "off")


def _parsed(args: Sequence[str]) -> _Arguments:
    import argparse

    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    for name in ("--config-file", "--python-executable", "--python-version", "--custom-typeshed-dir"):
        parser.add_argument(name)
    for names in (("-m", "--module"), ("-p", "--package"), ("-c", "--command")):
        parser.add_argument(*names, action="append", default=[])
    for name in ("--exclude-gitignore", "--install-types", "--bazel"):
        parser.add_argument(name, action="store_true")
    parser.add_argument("--quickstart-file")
    parser.add_argument("--shadow-file", nargs=2, action="append")
    for number, option in enumerate(_VALUES):
        parser.add_argument(option, dest=f"_{number}")
    try:
        found, others = parser.parse_known_args(list(args))
    except argparse.ArgumentError:  # mypy refuses these arguments, and judges nothing
        return _Arguments(None, None, None, None, [], has_targets=True, unseen=[])
    targets = [word for word in others if not word.startswith("-")]
    return _Arguments(
        found.config_file,
        found.python_executable,
        found.python_version,
        found.custom_typeshed_dir,
        targets,
        has_targets=bool(targets or found.module or found.package or found.command),
        unseen=[key for key in _UNSEEN if getattr(found, key, None)],
    )


def _found(root: Path, named: str | None, environment: Mapping[str, str]) -> _Found:
    for path in [root / named] if named else _looked_for(root, environment):
        settings = _settings(path)
        if settings is not None:
            return _Found(settings, path)
    return _Found({}, root / NAMES[0])


def _looked_for(root: Path, environment: Mapping[str, str]) -> Iterator[Path]:
    yield from (root / name for name in NAMES)
    if environment.get("XDG_CONFIG_HOME"):
        yield Path(environment["XDG_CONFIG_HOME"], "mypy/config")
    if environment.get("HOME"):
        yield from (Path(environment["HOME"], name) for name in (".config/mypy/config", ".mypy.ini"))


def _settings(path: Path) -> Mapping[str, Any] | None:
    """Return what a file sets for all modules; `None` if mypy goes on to the next one."""
    import configparser

    if not path.exists():
        return None
    try:
        if path.suffix.lower() == ".toml":
            table: Any = toml.loads(path.read_text(encoding="utf-8"))["tool"]["mypy"]
            return dict(table)
        parser = configparser.RawConfigParser()
        parser.read_string(path.read_text(encoding="utf-8"))
        if parser.has_section("mypy"):
            return dict(parser["mypy"])
    except (OSError, ValueError, LookupError, TypeError, configparser.Error):
        return None
    return None if path.name in _SHARED else {}


def _words(value: Any, separators: str) -> list[str]:
    if isinstance(value, list):
        return [str(word) for word in value]
    text = str(value or "")
    words = re.split(f"[{separators}]", text) if separators else [text]
    return [word.strip() for word in words if word.strip()]


def _expanded(text: str, variables: Mapping[str, str]) -> str:
    if text == "~" or text.startswith("~/"):
        text = variables.get("HOME", "~") + text[1:]
    return re.sub(r"\$(?:(\w+)|\{([^}]*)\})", lambda found: variables.get(found[1] or found[2], found[0]), text)


def _folder(pattern: str) -> str:
    """Return a folder that holds all that a pattern can match."""
    parts = pattern.split("/")
    fixed = next((number for number, part in enumerate(parts) if any(one in part for one in "*?[")), len(parts))
    place = "/".join(parts[:fixed]) or ("/" if pattern.startswith("/") else ".")
    return os.path.dirname(place) or "." if place.endswith((".py", ".pyi")) else place


def _interpreters(version: str, environment: Mapping[str, str]) -> list[str]:
    """Return where mypy finds the Python of the version that it is to assume, if that is not its own."""
    if not re.fullmatch(r"\d+\.\d+", version):
        return []
    return [os.path.join(folder, f"python{version}") for folder in environment.get("PATH", "").split(os.pathsep)]
