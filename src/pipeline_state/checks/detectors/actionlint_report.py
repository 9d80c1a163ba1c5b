"""Reads what actionlint answers: completely, or not at all."""

from __future__ import annotations

import os
from typing import Any

from pipeline_state.checks.declaration import Output, Report, ReportError
from pipeline_state.checks.findings import Category, Problem, Severity
from pipeline_state.checks.parsers.words import last_words

_KINDS: dict[str, tuple[Severity, Category]] = {
    "syntax-check": ("error", "syntax"),
    "credentials": ("error", "security"),
    "permissions": ("error", "security"),
    "deprecated-commands": ("warning", "other"),
}
_UNTRUSTED = "potentially untrusted"
"""What it says of a script that takes in what anybody can write, beside other mistakes in expressions."""


def parse(output: Output) -> Report:
    """Read the JSON, in which a file is named as it was given."""
    import json

    given = {os.path.normpath(name).replace(os.sep, "/") for name in output.names}
    try:
        entries = json.loads(output.stdout.decode("utf-8"))
        if not isinstance(entries, list):
            raise TypeError("not a list")
        found = [_problem(entry) for entry in entries]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ReportError(f"its report is not what actionlint writes ({error!r}): {last_words(output)}") from error
    problems: dict[str, list[Problem]] = {}
    for name, problem in found:
        if os.path.normpath(name).replace(os.sep, "/") not in given:
            raise ReportError(f"it reports on {name!r}, which it was not given")
        problems.setdefault(name, []).append(problem)
    return Report(problems)


def _problem(entry: dict[str, Any]) -> tuple[str, Problem]:
    """One object of the report. KeyError, TypeError where it is not one."""
    name, message, kind = entry["filepath"], entry["message"], entry["kind"]
    if not all(isinstance(text, str) for text in (name, message, kind)):
        raise TypeError(f"not an error: {entry!r}")
    line, column, end_column = entry["line"], entry["column"], entry.get("end_column", 0)
    if any(type(place) is not int for place in (line, column, end_column)):
        raise TypeError(f"not a place: {entry!r}")
    line, column = max(line, 1), max(column, 1)
    severity, category = _KINDS.get(kind, ("error", "other"))
    if _UNTRUSTED in message:
        category = "security"
    # It names the last column, not the one after it.
    end_line, end = (line, end_column + 1) if end_column >= column else (None, None)
    return name, Problem(kind, message, line, column, end_line, end, severity, category)
