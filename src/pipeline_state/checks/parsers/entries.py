"""One entry of a report, of whichever format, made a problem: what it says is checked, and nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeline_state.checks.declaration import ReportError
from pipeline_state.checks.findings import Category, Problem, Severity
from pipeline_state.named_tuple import NamedTuple

UNNAMED = "unnamed"
"""The rule of a finding whose report names none."""

LEVELS: Mapping[str, Severity] = {
    **dict.fromkeys(("error", "fatal", "critical", "blocker", "severe", "high", "major", "failure"), "error"),
    **dict.fromkeys(("warning", "warn", "medium", "moderate", "minor"), "warning"),
    **dict.fromkeys(("note", "notice", "info", "information", "informational", "hint", "low", "style"), "note"),
    **dict.fromkeys(("suggestion", "recommendation", "refactor", "convention", "trivial"), "note"),
}
"""The words with which tools say how grave a finding is, in lower case."""


class Meaning(NamedTuple):
    """What the words and numbers of one tool's report mean.

    `levels` by word in lower case; `first_line` and `first_column` are what the tool counts from.
    """

    levels: Mapping[str, Severity] = LEVELS
    default_severity: Severity = "warning"
    category: Category = "other"
    first_line: int = 1
    first_column: int = 1


_LONGEST_RULE = 300
_LARGEST = 2**31
_DIGITS = re.compile(r"\d{1,10}", re.ASCII)


class Place(NamedTuple):
    """Where a finding is. Counted from 1 here, `end_column` exclusive; `None` where the report does not say."""

    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    end_column: int | None = None


def number(value: Any, what: str) -> int | None:
    """Return a number of lines or columns, which may be written as text; `None` if there is none."""
    if isinstance(value, str) and _DIGITS.fullmatch(value.strip()):
        value = int(value)
    if value is None or value == "":
        return None
    if type(value) is not int or not -1 <= value < _LARGEST:
        raise ReportError(f"its report has no number where the {what} belongs: {value!r:.100}")
    return value


def text(value: Any, what: str) -> str:
    """Return a text, or a number as text."""
    if type(value) is int and abs(value) < _LARGEST:
        return str(value)
    if not isinstance(value, str):
        raise ReportError(f"its report has no text where the {what} belongs: {value!r:.100}")
    return value


def name(value: Any) -> str:
    """Return the name of a file."""
    if not isinstance(value, str) or not value or "\0" in value:
        raise ReportError(f"its report has no name where the file belongs: {value!r:.100}")
    return value


def severity(word: Any, levels: Mapping[str, Severity] = LEVELS) -> Severity:
    """Return the severity that this word, or number, stands for."""
    found = levels.get(text(word, "severity").strip().lower())
    if found is None:
        raise ReportError(f"its report has a severity that is not known: {word!r:.100}")
    return found


def problem_of(parts: Mapping[str, Any], meaning: Meaning) -> Problem:
    """Return the problem that these parts make: values by name (`message`, `rule`, `line` …), `None` for none."""
    lines = (number(parts.get(part), "line") for part in ("line", "end_line"))
    columns = (number(parts.get(part), "column") for part in ("column", "end_column"))
    line, end_line = (None if one is None else one + 1 - meaning.first_line for one in lines)
    column, end_column = (None if one is None else one + 1 - meaning.first_column for one in columns)
    rule, word = parts.get("rule"), parts.get("severity")
    return problem(
        "" if rule is None else text(rule, "rule"),
        text(parts.get("message"), "message"),
        Place(line, column, end_line, end_column),
        meaning.default_severity if word is None else severity(word, meaning.levels),
        meaning.category,
    )


def problem(rule: str, message: str, place: Place, severity: Severity, category: Category) -> Problem:
    """Return the problem that these make.

    A line or column of 0 or -1, as tools write for the whole file, is the first. A place that ends before it begins,
    or says a column of no line, is held to what makes sense.
    """
    if len(rule) > _LONGEST_RULE or not rule.isprintable():
        raise ReportError(f"its report has no name where the rule belongs: {rule!r:.100}")
    line, column = _from_one(place.line), _from_one(place.column)
    end_line, end_column = _from_one(place.end_line), _from_one(place.end_column)
    if line is None:
        column = end_line = end_column = None
    elif end_line is not None or end_column is not None:
        end_line = max(end_line or line, line)
        if end_line == line and column is not None and end_column is not None:
            end_column = max(end_column, column)
    return Problem(rule or UNNAMED, message or rule, line, column, end_line, end_column, severity, category)


def by_name(found: Iterable[tuple[str, Problem]]) -> dict[str, Sequence[Problem]]:
    """Return the problems of each file, in their order."""
    problems: dict[str, list[Problem]] = {}
    for name, problem in found:
        problems.setdefault(name, []).append(problem)
    return dict(problems)


def _from_one(value: int | None) -> int | None:
    return None if value is None else max(value, 1)
