"""Reads what shellcheck answers, completely or not at all, and whether it reads more than the script."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pipeline_state.checks.declaration import Output, References, Report, ReportError
from pipeline_state.checks.findings import Category, Problem, Severity
from pipeline_state.checks.parsers.words import last_words

_LEVELS: dict[str, Severity] = {"error": "error", "warning": "warning", "info": "note", "style": "note"}
_FAULTY_CONFIGURATION = 1134


def parse(output: Output) -> Report:
    """Read the JSON, in which a tab is one column."""
    import json

    try:
        found = [_problem(entry) for entry in json.loads(output.stdout.decode("utf-8"))["comments"]]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ReportError(f"its report is not what shellcheck writes ({error!r}): {last_words(output)}") from error
    problems: dict[str, list[Problem]] = {}
    for name, problem in found:
        problems.setdefault(name, []).append(problem)
    return Report(problems)


def references(name: str, content: bytes) -> References:
    """Say when a configuration makes scripts depend on those that they source."""
    if re.search(rb"^\s*external-sources\s*=\s*true", content, re.MULTILINE):
        return References(unknown=f"{name} allows external sources, and what scripts source is not followed")
    return References()


def in_arguments(args: Sequence[str]) -> References:
    """Name the file of `--rcfile`, and say when the user's arguments allow external sources."""
    paths = []
    unknown = None
    values = iter(args)
    for argument in values:
        if argument.startswith("--rcfile"):
            paths.append(argument.partition("=")[2] or next(values, ""))
        elif argument.startswith("--ext") or re.match(r"-[ax]*x", argument):
            unknown = "external sources are allowed, and what scripts source is not followed"
    return References(tuple(paths), unknown)


def _problem(entry: dict[str, Any]) -> tuple[str, Problem]:
    """One object of the report. KeyError, TypeError, ValueError where it is not one."""
    name, code, level, message = entry["file"], entry["code"], entry["level"], entry["message"]
    if not (isinstance(name, str) and type(code) is int and isinstance(message, str)):
        raise TypeError(f"not a comment: {entry!r}")
    if code == _FAULTY_CONFIGURATION:
        raise ReportError(message)
    places = [entry[key] for key in ("line", "column", "endLine", "endColumn")]
    if any(type(place) is not int for place in places):
        raise TypeError(f"not a place: {places!r}")
    start, end = (max(places[0], 1), max(places[1], 1)), (max(places[2], 1), max(places[3], 1))
    return name, Problem(f"SC{code}", message, *start, *max(start, end), _LEVELS[level], _category(code, level))


def _category(code: int, level: str) -> Category:
    """SC1000 to SC1999 are about what the shell's parser would make of it."""
    if level == "style":
        return "style"
    return "syntax" if 1000 <= code < 2000 and level == "error" else "other"
