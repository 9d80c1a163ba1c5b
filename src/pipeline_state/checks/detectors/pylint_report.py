"""Reads what pylint answers: completely, or not at all."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from pipeline_state.checks.declaration import Output, Report, ReportError
from pipeline_state.checks.findings import Category, Problem, Severity
from pipeline_state.checks.parsers.words import last_words

_LINTING = re.compile(r"^Linting (\d+) modules\.\n", re.MULTILINE)
_SEVERITIES: Mapping[str, Severity] = {
    "error": "error",
    "warning": "warning",
    "refactor": "note",
    "convention": "note",
    "info": "note",
}
_CATEGORIES: tuple[tuple[str, Category], ...] = (
    ("E0001", "syntax"),
    ("E11", "type"),
    ("W0221", "type"),
    ("W0222", "type"),
    ("C03", "format"),
    ("C", "style"),
    ("R", "style"),
)
"""By the beginning of a message's number; the first that fits counts."""

_FATAL = 1
"""The bit of the exit code that says so."""


def parse(output: Output) -> Report:
    """Read the names of the files that are judged, and the report, which counts its own messages."""
    text = output.stdout.decode("utf-8", "surrogateescape")
    begin = _LINTING.search(text)
    if begin is None:
        raise ReportError(f"it does not say what it judges: {last_words(output)}")
    judged, end = _judged(text, begin.end(), int(begin[1]))
    messages, counted = _report(text[end:], output)
    told = [one for one in messages if os.path.normpath(one["path"]) in judged]
    for one in messages:
        if one["type"] in ("fatal", "error") and os.path.normpath(one["path"]) not in judged:
            raise ReportError(f"{one['path']}:{one['line']}: {one['message'][:300]}")
    if len(told) != counted:
        raise ReportError(f"its report has {len(told)} messages about what it judged, and counts {counted}")
    unprocessed = {one["path"]: one["message"][:300] for one in told if one["type"] == "fatal"}
    if bool(output.exit_code & _FATAL) and not unprocessed:
        raise ReportError(f"its exit code {output.exit_code} says that it failed: {last_words(output)}")
    problems: dict[str, list[Problem]] = {}
    for one in told:
        if one["type"] != "fatal":
            problems.setdefault(one["path"], []).append(_problem(one))
    return Report(problems, unprocessed, frozenset(judged), others="excluded")


def _judged(text: str, position: int, count: int) -> tuple[set[str], int]:
    """Return the files that it says it judges, one after another, and where the report begins."""
    judged = set()
    for number in range(1, count + 1):
        mark = f" ({number} of {count})\n"
        end = text.find(mark, position)
        if end < 0:
            raise ReportError(f"it says that it judges {count} files, and names {number - 1}")
        judged.add(os.path.normpath(text[position:end]))
        position = end + len(mark)
    return judged, position


def _report(text: str, output: Output) -> tuple[list[Mapping[str, Any]], int]:
    import json

    try:
        report = json.loads(text)
        messages: list[Mapping[str, Any]] = [dict(one) for one in report["messages"]]
        for one in messages:
            kinds = ((one[key], str) for key in ("type", "symbol", "message", "messageId", "path"))
            right = all(isinstance(value, kind) for value, kind in kinds) and isinstance(one["line"], int)
            if not right or one["type"] not in (*_SEVERITIES, "fatal"):
                raise ValueError(one)
        return messages, sum(report["statistics"]["messageTypeCount"].values())
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ReportError(f"its report is not what pylint writes: {last_words(output)}") from error


def _problem(one: Mapping[str, Any]) -> Problem:
    end_line, end_column = one.get("endLine"), one.get("endColumn")
    has_end = isinstance(end_line, int) and isinstance(end_column, int)
    column = one.get("column")
    return Problem(
        rule=one["messageId"],
        message=f"{one['message']} ({one['symbol']})",
        line=max(one["line"], 1),
        column=column + 1 if isinstance(column, int) and column >= 0 else None,
        end_line=end_line if has_end else None,
        end_column=end_column + 1 if isinstance(end_column, int) and has_end else None,
        severity=_SEVERITIES[one["type"]],
        category=next((category for start, category in _CATEGORIES if one["messageId"].startswith(start)), "other"),
    )
