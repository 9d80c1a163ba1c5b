"""Reads what our script says that markdownlint-cli2 found: completely, or not at all."""

from __future__ import annotations

from typing import Any

from pipeline_state.checks.declaration import Output, Report, ReportError
from pipeline_state.checks.findings import Category, Problem, Severity
from pipeline_state.checks.parsers.words import last_words

_MEANING = frozenset(("MD011", "MD042", "MD045", "MD051", "MD052", "MD053", "MD056"))
"""Rules about what a reader misses: a link or a picture without its target, a table without its cells. The others are
about how it looks, and never more than a warning."""


def parse(output: Output) -> Report:
    """Read the JSON: what was judged, what was not there, and what was found."""
    import json

    try:
        report = json.loads(output.stdout.decode("utf-8"))
        judged = frozenset(_names(report["judged"]))
        unprocessed = dict.fromkeys(_names(report["missing"]), "is missing")
        found = [(_text(entry["fileName"]), _problem(entry)) for entry in report["results"]]
    except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
        raise ReportError(f"it did not say what it found ({error!r}): {last_words(output)}") from error
    problems: dict[str, list[Problem]] = {}
    for name, problem in found:
        problems.setdefault(name, []).append(problem)
    return Report(problems, unprocessed, judged, "excluded")


def _names(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise TypeError(f"not a list of names: {value!r}")
    return [_text(one) for one in value]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"not a text: {value!r}")
    return value


def _problem(entry: dict[str, Any]) -> Problem:
    """One result. KeyError, TypeError, IndexError where it is not one."""
    rule, line = _text(entry["ruleNames"][0]), entry["lineNumber"]
    if type(line) is not int:
        raise TypeError(f"not a line: {line!r}")
    details = [_text(entry[key]) for key in ("errorDetail", "errorContext") if entry.get(key)]
    message = ": ".join([_text(entry["ruleDescription"]), *details])
    column = end_column = None
    if entry.get("errorRange") is not None:
        column, length = (int(number) for number in entry["errorRange"])
        column, end_column = max(column, 1), max(column, 1) + max(length, 0)
    level: Severity = "warning" if entry.get("severity") == "warning" else "error"
    end_line = None if end_column is None else max(line, 1)
    rank: tuple[Severity, Category] = (level, "other") if rule in _MEANING else ("warning", "style")
    return Problem(rule, message, max(line, 1), column, end_line, end_column, *rank)
