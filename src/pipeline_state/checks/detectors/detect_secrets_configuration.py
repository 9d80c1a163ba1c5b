"""What configures detect-secrets: a baseline, its own plugins and filters, the words that it leaves out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline_state.checks.declaration import FolderRun, References
from pipeline_state.checks.parsers import json_text

BASELINE = ".secrets.baseline"

_CODE = "loads plugins or filters from the worktree, and what they look at is not known"


def references(name: str, content: bytes) -> References:
    """Follow what a baseline names: lists of words, and code, which cannot be followed."""
    try:
        baseline = json_text.parsed(content)
        settings = [*baseline.get("plugins_used", ()), *baseline.get("filters_used", ())]
        unknown = any(str(one.get("path", "")).startswith("file://") for one in settings)
        paths = tuple(str(one[key]) for one in settings for key in ("file_name", "model") if one.get(key))
    except (ValueError, TypeError, AttributeError):
        return References()  # a list of words; or detect-secrets refuses it
    return References(paths, f"{name} {_CODE}" if unknown else None, from_root=True)


def in_arguments(args: Sequence[str]) -> References:
    """Name the files of `--baseline`, `--word-list` and `--gibberish-model`, and say when code of the worktree runs."""
    paths, unknown = [], None
    values = iter(args)
    for argument in values:
        option, given, value = argument.partition("=")
        if option in ("--baseline", "--word-list", "--gibberish-model"):
            paths.append(value if given else next(values, ""))
        elif option in ("--plugin", "--filter") or re.match(r"-[nv]*[pf]", argument):
            unknown = f"its arguments name a plugin or a filter: it {_CODE}"
    return References(tuple(paths), unknown)


def folder_run(root: Path, args: Sequence[str], environment: Mapping[str, str]) -> FolderRun:
    """Name the baseline of the root, unless the user's arguments name one."""
    del environment  # none of it counts
    named = any(argument.partition("=")[0] == "--baseline" for argument in args)
    return FolderRun((f"--baseline={BASELINE}",) if not named and (root / BASELINE).is_file() else ())
