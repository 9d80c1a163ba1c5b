"""Reads what eslint answers: completely, or not at all."""

from __future__ import annotations

from typing import Any

from pipeline_state.checks.declaration import Output, Report, ReportError
from pipeline_state.checks.detectors.eslint_rules import rank
from pipeline_state.checks.findings import Problem
from pipeline_state.checks.parsers.words import last_words

_PASSED_OVER = "File ignored"


def parse(output: Output) -> Report:
    """Read the JSON, which names every file that it was given."""
    import json

    problems: dict[str, list[Problem]] = {}
    excluded = set()
    try:
        entries = json.loads(output.stdout.decode("utf-8"))
        if not isinstance(entries, list):
            raise TypeError("not a list")
        for entry in entries:
            name, messages = entry["filePath"], entry["messages"]
            if not isinstance(name, str) or entry["errorCount"] + entry["warningCount"] != len(messages):
                raise TypeError(f"not a whole entry: {name!r}")
            if len(messages) == 1 and _is_passed_over(messages[0]):
                excluded.add(name)
                problems[name] = []
            else:
                problems[name] = [_problem(message) for message in messages]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ReportError(f"its report is not what eslint writes ({error!r}): {last_words(output)}") from error
    judged = frozenset(problems)
    return Report(
        {name: found for name, found in problems.items() if found}, judged=judged, excluded=frozenset(excluded)
    )


def _is_passed_over(message: dict[str, Any]) -> bool:
    return (
        message["ruleId"] is None
        and message.get("fatal") is False
        and message["severity"] == 1
        and str(message["message"]).startswith(_PASSED_OVER)
    )


def _problem(message: dict[str, Any]) -> Problem:
    """One message. KeyError, TypeError where it is not one."""
    rule, text, level = message["ruleId"], message["message"], message["severity"]
    if not (rule is None or isinstance(rule, str)) or not isinstance(text, str) or level not in (1, 2):
        raise TypeError(f"not a message: {message!r}")
    places = [message.get(key) for key in ("line", "column", "endLine", "endColumn")]
    if any(place is not None and type(place) is not int for place in places):
        raise TypeError(f"not a place: {places!r}")
    line, column, end_line, end_column = (place if place is None else max(place, 1) for place in places)
    if line is None or end_line is None or end_column is None or (end_line, end_column) < (line, column or 1):
        end_line = end_column = None
    if message.get("fatal"):
        return Problem("invalid-syntax", text, line, column, end_line, end_column, "error", "syntax")
    severity, category = rank(rule, level)
    return Problem(rule or "directive", text, line, column, end_line, end_column, severity, category)
