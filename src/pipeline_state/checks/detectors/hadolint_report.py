"""Reads what hadolint answers: completely, or not at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pipeline_state.checks.declaration import Output, References, Report, ReportError
from pipeline_state.checks.findings import Category, Problem, Severity
from pipeline_state.checks.parsers.words import last_words

_LEVELS: dict[str, Severity] = {"error": "error", "warning": "warning", "info": "note", "style": "note"}
_DANGERS = frozenset(("DL3002", "DL3004", "DL3026"))
"""A container that runs as root, sudo in it, and images from anywhere."""

_UNPARSED = "DL1000"


def parse(output: Output) -> Report:
    """Read the JSON, and not what its configuration makes it write after it. Any complaint leaves all in doubt."""
    import json

    said = output.stderr.decode("utf-8", "replace").strip()
    if said and not re.match(r'"?Configuration', said):  # `verbose`
        broken = [name for name in output.names if f"hadolint: {name}: " in said]
        raise ReportError(" ".join(said.split("\n")[0].split())[:300], broken)
    try:
        entries, _ = json.JSONDecoder().raw_decode(output.stdout.decode("utf-8"))
        found = [_problem(entry) for entry in entries]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ReportError(f"its report is not what hadolint writes ({error!r}): {last_words(output)}") from error
    problems: dict[str, list[Problem]] = {}
    for name, problem in found:
        problems.setdefault(name, []).append(problem)
    return Report(problems)


def in_arguments(args: Sequence[str]) -> References:
    """Name the file of `--config`."""
    paths = []
    values = iter(args)
    for argument in values:
        name, given, value = argument.partition("=")
        if name in ("--config", "-c"):
            paths.append(value if given else next(values, ""))
        elif argument.startswith("-c"):
            paths.append(argument[2:])
    return References(tuple(paths))


def _problem(entry: dict[str, Any]) -> tuple[str, Problem]:
    """One object of the report. KeyError, TypeError where it is not one."""
    name, rule, message, level = entry["file"], entry["code"], entry["message"], entry["level"]
    if not all(isinstance(text, str) for text in (name, rule, message)):
        raise TypeError(f"not a finding: {entry!r}")
    line, column = entry["line"], entry["column"]
    if type(line) is not int or type(column) is not int:
        raise TypeError(f"not a place: {line!r}, {column!r}")
    return name, Problem(
        rule, message, max(line, 1), max(column, 1), severity=_LEVELS[level], category=_category(rule, level)
    )


def _category(rule: str, level: str) -> Category:
    if rule == _UNPARSED or (rule.startswith("SC1") and level == "error"):
        return "syntax"
    if rule in _DANGERS:
        return "security"
    return "style" if level == "style" else "other"
