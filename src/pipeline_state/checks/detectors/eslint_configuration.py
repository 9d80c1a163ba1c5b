"""Which files configure eslint. Nearly all of them are code, or name some."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline_state.checks.declaration import References

_LEGACY = (".eslintrc", *(f".eslintrc.{ending}" for ending in ("js", "cjs", "yaml", "yml", "json")))
_MANIFEST = "package.json"
_SUPPRESSIONS = "eslint-suppressions.json"
_IGNORE = ".eslintignore"
NAMES = (
    *(f"eslint.config.{ending}" for ending in ("js", "mjs", "cjs", "ts", "mts", "cts")),
    *_LEGACY,
    _MANIFEST,
    _SUPPRESSIONS,
    _IGNORE,
)
_CODE = {
    **dict.fromkeys(("-c", "--config"), "--config names code"),
    **dict.fromkeys(("--plugin", "--parser", "--rulesdir", "--resolve-plugins-relative-to"), "the arguments name code"),
}
_FILES = ("--suppressions-location", "--ignore-path")


def references(name: str, content: bytes) -> References:
    """Say when a file makes verdicts depend on what cannot be seen: all but those that only list something."""
    if name in (_SUPPRESSIONS, _IGNORE):
        return References()
    if name == _MANIFEST:
        return References(unknown=_unknown(name)) if _configures(content) else References()
    if name in NAMES:
        return References(unknown=_unknown(name))
    return References()


def in_arguments(args: Sequence[str]) -> References:
    """Name the files that the user's arguments name, and say when they name code."""
    paths = []
    unknown = None
    values = iter(args)
    for argument in values:
        name, given, value = argument.partition("=")
        if name in _FILES:
            paths.append(value if given else next(values, ""))
        elif name in _CODE or (argument.startswith("-c") and not argument.startswith("--")):
            unknown = f"{_CODE.get(name, '-c names code')}, and what it looks at is not known"
    return References(tuple(paths), unknown)


def _unknown(name: str) -> str:
    return f"{name} is code, or names some, and what that looks at is not known"


def _configures(content: bytes) -> bool:
    import json

    try:
        data = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):  # eslint refuses it
        return True
    return isinstance(data, dict) and "eslintConfig" in data
