"""What the configuration files and the arguments of isort set, read as isort reads them, 5 to 9."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipeline_state import toml

NAMES = (".isort.cfg", "pyproject.toml", "setup.cfg", "tox.ini", ".editorconfig")
"""In the order in which the first counts that configures isort."""

_SECTIONS = {
    ".isort.cfg": ("settings", "isort"),
    "pyproject.toml": ("tool.isort",),
    "setup.cfg": ("isort", "tool:isort"),
    "tox.ini": ("isort", "tool:isort"),
    ".editorconfig": ("*", "*.py", "**.py", "*.{py}"),
}
_ANY = ("isort", "tool:isort", "tool.isort")
_SETTINGS = {
    "--sp": "settings_path",
    "--settings": "settings_path",
    "--settings-file": "settings_path",
    "--settings-path": "settings_path",
    "-s": "skip",
    "--skip": "skip",
    "--sg": "skip_glob",
    "--skip-glob": "skip_glob",
    "--extend-skip": "extend_skip",
    "--extend-skip-glob": "extend_skip_glob",
    "--ext": "supported_extensions",
    "--extension": "supported_extensions",
    "--supported-extension": "supported_extensions",
    "--blocked-extension": "blocked_extensions",
}


def table(name: str, content: bytes) -> dict[str, Any]:
    """Return the settings of isort in a file. One that cannot be read has none, and isort goes on without it."""
    import configparser

    try:
        text = content.decode("utf-8")
        if name.endswith(".toml"):
            data: Any = toml.loads(text)
            return {key: value for path in _sections(name) for key, value in _within(data, path.split(".")).items()}
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if name.endswith(".editorconfig"):
            text = text[text.rfind("\n", 0, max(text.find("["), 0)) + 1 :]
        parser = configparser.ConfigParser(strict=False)
        parser.read_string(text)
        wanted = [each for one in _sections(name) for each in ([one] if one != "*.{py}" else _of_python(parser))]
        return {key: value for one in wanted if parser.has_section(one) for key, value in parser.items(one)}
    except (ValueError, AttributeError, RecursionError, configparser.Error):
        return {}


def items(value: Any) -> list[str]:
    """Return the items of a setting that is a list."""
    if isinstance(value, list):
        return [str(one).strip() for one in value]
    return [one.strip() for one in str(value).replace("\n", ",").split(",") if one.strip()]


def options(args: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each option, by the name of its setting where that is one of those below, with what follows it."""
    for number, argument in enumerate(args):
        name, given, value = argument.partition("=")
        if not argument.startswith("-"):
            continue
        if not argument.startswith("--") and argument[:2] in _SETTINGS and argument != argument[:2]:
            yield _SETTINGS[argument[:2]], argument[2:]
        elif given:
            yield _SETTINGS.get(name, name), value
        else:
            yield _SETTINGS.get(name, name), "".join(args[number + 1 : number + 2])


def _sections(name: str) -> Sequence[str]:
    return _SECTIONS.get(name, _ANY)


def _within(data: Any, path: Sequence[str]) -> Mapping[str, Any]:
    for key in path:
        data = data.get(key, {})
    return dict(data)


def _of_python(sections: Mapping[str, Any]) -> list[str]:
    """Return the sections of an .editorconfig that are for several kinds of files, Python among them."""
    several = [one for one in sections if one.startswith("*.{") and one.endswith("}")]
    return [one for one in several if "py" in (kind.strip() for kind in one[3:-1].split(","))]
