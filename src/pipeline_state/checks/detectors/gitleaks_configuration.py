"""Which files configure gitleaks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pipeline_state import toml
from pipeline_state.checks.declaration import FolderRun, References

RULES = ".gitleaks.toml"
IGNORED = ".gitleaksignore"
_MANY_FILES = 8
"""From so many files below one folder on, it is quicker to scan the folder: to start takes a third of a second."""

_NAMED = {
    **dict.fromkeys(("-c", "--config"), "config"),
    **dict.fromkeys(("-b", "--baseline-path"), "baseline"),
    **dict.fromkeys(("-i", "--gitleaks-ignore-path"), "ignored"),
}


def references(name: str, content: bytes) -> References:
    """Follow what a configuration extends."""
    if not name.endswith(".toml"):
        return References()
    try:
        extended = toml.loads(content.decode("utf-8")).get("extend", {})
    except (ValueError, RecursionError):  # gitleaks refuses it
        extended = {}
    path = extended.get("path") if isinstance(extended, dict) else None
    unknown = f"{name} extends what lies elsewhere" if isinstance(extended, dict) and extended.get("url") else None
    return References((path,) if isinstance(path, str) and path else (), unknown, from_root=True)


def in_arguments(args: Sequence[str]) -> References:
    """Name the files of `--config`, `--baseline-path` and `--gitleaks-ignore-path`, which may be a folder."""
    paths: list[str] = []
    for option, value in _options(args):
        paths += [value, f"{value}/{IGNORED}"] if option == "ignored" else [value]
    return References(tuple(paths))


def folder_run(root: Path, args: Sequence[str], environment: Mapping[str, str]) -> FolderRun:
    """Name the configuration of the root, which gitleaks looks for beside what it scans; give it whole folders."""
    del environment  # none of it counts
    named = any(option == "config" for option, _ in _options(args))
    pinned = (f"--config={RULES}",) if not named and (root / RULES).is_file() else ()

    def runs(paths: Sequence[str]) -> list[list[str]]:
        below: dict[str, list[str]] = {}
        for path in paths:
            below.setdefault(path.partition("/")[0], []).append(path)
        cut = []
        for folder, found in below.items():
            # A .gitleaksignore in a folder counts where that is scanned, and in no other run.
            whole = len(found) >= _MANY_FILES and all(_is_plain(path) for path in found)
            cut += [found] if whole and not (root / folder / IGNORED).exists() else [[path] for path in found]
        return cut

    return FolderRun(pinned, named=_named, runs=runs)


def _named(names: Sequence[str]) -> Sequence[str]:
    """The folder of many files: gitleaks takes one path."""
    return names if len(names) == 1 else (names[0].partition("/")[0],)


def _is_plain(path: str) -> bool:
    """Whether the log shows this name as it is."""
    return (
        path.isascii()
        and path.isprintable()
        and not any(character in path for character in ' "\\')
        and path[0] not in "-@"
    )


def _options(args: Sequence[str]) -> Iterator[tuple[str, str]]:
    values = iter(args)
    for argument in values:
        name, given, value = argument.partition("=")
        if name in _NAMED:
            yield _NAMED[name], value if given else next(values, "")
        elif argument[:2] in _NAMED:
            yield _NAMED[argument[:2]], argument[2:]
