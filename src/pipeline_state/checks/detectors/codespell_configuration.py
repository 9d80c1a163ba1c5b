"""What the configuration of codespell leaves out, and which files it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pipeline_state import toml
from pipeline_state.checks.declaration import FolderRun, References, ReportError

NAMES = ("pyproject.toml", "setup.cfg", ".codespellrc")
"""In the order in which the later ones outrank the earlier."""

_LISTS = {
    "-I": "ignore-words",
    "-D": "dictionary",
    "-x": "exclude-file",
    "-S": "skip",
}
_FILES = ("ignore-words", "dictionary", "exclude-file")
_START = 1024
"""So many bytes codespell looks at, in search of a zero byte."""


def references(name: str, content: bytes) -> References:
    """Name the lists of words and lines that it reads."""
    settings = _settings(name, content)
    return References(tuple(one for key in _FILES for one in _items(settings.get(key, ""))), from_root=True)


def in_arguments(args: Sequence[str]) -> References:
    """Name the files that the user's arguments name."""
    paths: list[str] = []
    unknown = None
    for option, value in _options(args):
        if option in ("config", "toml"):
            paths.append(value)
        elif option in _FILES:
            paths += _items(value)
        elif option == "@":
            unknown = f"the arguments in {value} are not followed"
    return References(tuple(path for path in paths if path != "-"), unknown)


def folder_run(root: Path, args: Sequence[str], environment: Mapping[str, str]) -> FolderRun:
    """Apply `skip` as codespell itself would: to each folder on the way, too."""
    del environment  # none of it counts
    from fnmatch import fnmatch

    options = list(_options(args))
    settings: dict[str, str] = {}
    named = {wanted: [value for option, value in options if option == wanted] for wanted in ("toml", "config")}
    for name in (NAMES[0], *named["toml"], *NAMES[1:], *named["config"]):
        try:
            settings.update(_settings(name, (root / name).read_bytes()))
        except OSError:
            continue
    if any(key.startswith("w") for key in (*settings, *(option for option, _ in options))):
        raise ReportError("`write-changes` is set: each check would change files; leave it to --fix")
    skip = _items(settings.get("skip", ""))
    skip += [one for option, value in options if option == "skip" for one in _items(value)]
    hidden = "check-hidden" in settings or any(option in ("check-hidden", "-H") for option, _ in options)

    def left_out(path: str) -> bool:
        parts = path.split("/")
        places = ["/".join((".", *parts[:depth])) for depth in range(len(parts) + 1)]
        if not hidden and any(part.startswith(".") for part in parts):
            return True
        return any(fnmatch(one, pattern) for one in (*places, *parts) for pattern in skip)

    def leave_out(paths: Sequence[str]) -> set[str]:
        found = {path for path in paths if left_out(path)}
        return found | {path for path in paths if path not in found and _is_binary(root, path)}

    return FolderRun(leaves_out=leave_out, dotted=True)


def _is_binary(root: Path, path: str) -> bool:
    try:
        with open(root / path, "rb") as file:
            return b"\0" in file.read(_START)
    except OSError as error:
        raise ReportError(f"cannot be read: {error.strerror or error}", (path,)) from error


def _settings(name: str, content: bytes) -> dict[str, str]:
    """Return the settings of one configuration file. One that codespell refuses has none: it judges nothing then."""
    import configparser

    try:
        if name.endswith(".toml"):
            table = toml.loads(content.decode("utf-8")).get("tool", {}).get("codespell") or {}
            return {key.lower(): _text(value) for key, value in table.items() if value is not False}
        parser = configparser.ConfigParser(interpolation=None)
        parser.read_string(content.decode("utf-8"))
    except (ValueError, AttributeError, configparser.Error):
        return {}
    return dict(parser["codespell"]) if parser.has_section("codespell") else {}


def _text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _options(args: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the user's options with their values; what is a file of arguments, as `@`."""
    values = iter(args)
    for argument in values:
        name, given, value = argument.partition("=")
        if argument.startswith("@"):
            yield "@", argument[1:]
        elif name.startswith("--"):
            option = name[2:]
            takes = option in (*_LISTS.values(), "config", "toml")
            yield option, value if given else next(values, "") if takes else ""
        elif argument[:2] in _LISTS:
            yield _LISTS[argument[:2]], argument[2:] or next(values, "")
        elif argument.startswith("-"):
            yield ("write-changes" if argument == "-w" else argument), ""


def _items(value: str) -> list[str]:
    return [item.strip() for item in value.split(",") if item.strip()]
