"""Which rules semgrep judges by, and how it is given files so that its own exclusions count."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pipeline_state.checks.declaration import FolderRun, References, ReportError

RULES = (".semgrep.yml", ".semgrep.yaml")
IGNORED = (".semgrepignore", ".gitignore")
"""The latter counts where the former includes it."""

_NAMED = ("--config", "-c", "-f")
_PATTERN = ("--pattern", "-e")
_SPECIAL = re.compile(r"([\\*?\[\]])")


def references(name: str, content: bytes) -> References:
    """Say when rules refer to other rules (mode `join`)."""
    if name.endswith((".yml", ".yaml")) and re.search(rb"^\s*(?:-\s+)?rule\s*:", content, re.MULTILINE):
        return References(unknown=f"{name} joins rules that lie elsewhere, and these are not followed")
    return References()


def in_arguments(args: Sequence[str]) -> References:
    """Name the files of rules. Those from the registry, or from a folder, are more than can be seen."""
    paths, unknown = [], None
    for value in _configurations(args):
        if value.endswith((".yml", ".yaml")) and "://" not in value:
            paths.append(value)
        else:
            unknown = f"the rules of {value} come from the registry, or are those of a folder; name their files"
    return References(tuple(paths), unknown, from_root=True)


def folder_run(root: Path, args: Sequence[str], environment: Mapping[str, str]) -> FolderRun:
    """Let semgrep look through the worktree for these files alone: named ones it would judge whatever leaves them out.

    Raises `ReportError` if there are no rules: semgrep would ask its registry for some.
    """
    del environment  # none of it counts
    arguments: tuple[str, ...] = ()
    if not any(argument.partition("=")[0] in _PATTERN for argument in args) and not list(_configurations(args)):
        found = [name for name in RULES if (root / name).is_file()]
        if not found:
            raise ReportError(
                f"it has no rules: add {RULES[0]}, or name a file of rules with args = ['--config', 'rules.yml']"
            )
        arguments = (f"--config={found[0]}",)
    return FolderRun(arguments, named=_named)


def _named(names: Sequence[str]) -> list[str]:
    """A pattern for each file, as in .gitignore, and the folder to look through."""
    return [*(f"--include=/{_SPECIAL.sub(_escaped, name.removeprefix('./'))}" for name in names), "."]


def _escaped(special: re.Match[str]) -> str:
    return f"\\{special[0]}"


def _configurations(args: Sequence[str]) -> Iterator[str]:
    values = iter(args)
    for argument in values:
        name, given, value = argument.partition("=")
        if name in _NAMED:
            yield value if given else next(values, "")
        elif argument[:2] in ("-c", "-f") and not argument.startswith("--"):
            yield argument[2:]
