"""Where in a tool's JSON the parts of a finding stand.

A *path* leads from a value to one within it: names with dots between, numbers for the places of a list (`a.b.0`). The
empty path is the value itself. In `findings`, a `*` stands for each element of a list or each value of an object; a
part of a finding then may begin with `^`, for the element that the last `*` stood for: `^.file`. `^key` is its name in
the object. A second `^` (`^^.file`, `^^key`) is the element of the `*` before that.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline_state.checks.declaration import ReportError
from pipeline_state.checks.findings import Problem
from pipeline_state.checks.parsers import entries
from pipeline_state.named_tuple import NamedTuple


class Fields(NamedTuple):
    """The paths of a finding's parts, and what its words mean.

    `findings` leads to the list of findings. `path` and `message` must be there, the others may be missing. A rule
    may be a number. `errors` leads to a list of the tool's own failures: if it holds any, nothing is believed.
    """

    path: str
    message: str
    findings: str = ""
    rule: str | None = None
    severity: str | None = None
    line: str | None = None
    column: str | None = None
    end_line: str | None = None
    end_column: str | None = None
    errors: str | None = None
    meaning: entries.Meaning = entries.Meaning()


_PARTS = ("message", "rule", "severity", "line", "column", "end_line", "end_column")


class _Level(NamedTuple):
    key: Any
    value: Any


def findings(report: Any, fields: Fields) -> Iterator[tuple[str, Problem]]:
    """Yield the problems in this report, each with its file. Raises `ReportError` for what the fields do not fit."""
    refuse_failures(report, fields)
    for found, levels in _each(report, _steps(fields.findings), ()):
        if not isinstance(found, list):
            raise ReportError(f"its report has no list at {fields.findings!r}: {found!r:.100}")
        for entry in found:
            yield finding(entry, fields, levels)


def finding(entry: Any, fields: Fields, levels: tuple[_Level, ...] = ()) -> tuple[str, Problem]:
    """Return the problem that one entry is, with its file."""
    if not isinstance(entry, dict | list):
        raise ReportError(f"its report has no object where a finding belongs: {entry!r:.100}")
    parts = {one: _part(entry, path, levels) for one in _PARTS if (path := getattr(fields, one)) is not None}
    return entries.name(_part(entry, fields.path, levels)), entries.problem_of(parts, fields.meaning)


def refuse_failures(report: Any, fields: Fields) -> None:
    """Raise `ReportError` if the report says that something failed."""
    failures = _at(report, fields.errors) if fields.errors is not None else None
    if failures:
        raise ReportError(f"it says that something failed: {failures!r:.300}")


def _each(value: Any, steps: list[str], levels: tuple[_Level, ...]) -> Iterator[tuple[Any, tuple[_Level, ...]]]:
    if not steps:
        yield value, levels
    elif steps[0] == "*":
        if not isinstance(value, dict | list):
            raise ReportError(f"its report has neither list nor object where `*` is: {value!r:.100}")
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _each(one, steps[1:], (*levels, _Level(key, one)))
    else:
        inner = _step(value, steps[0])
        if inner is None:
            raise ReportError(f"its report has no {steps[0]!r}: {value!r:.100}")
        yield from _each(inner, steps[1:], levels)


def _part(entry: Any, path: str, levels: tuple[_Level, ...]) -> Any:
    up = len(path) - len(path.lstrip("^"))
    if not up:
        return _at(entry, path)
    if up > len(levels):
        raise ReportError(f"the path {path!r} has more `^` than the path of the findings has `*`")
    level, rest = levels[-up], path[up:]
    return level.key if rest == "key" else _at(level.value, rest.removeprefix("."))


def _at(value: Any, path: str) -> Any:
    for step in _steps(path):
        value = _step(value, step)
    return value


def _step(value: Any, step: str) -> Any:
    """Return what is there, `None` if nothing is."""
    if isinstance(value, dict):
        return value.get(step)
    if isinstance(value, list) and step.isascii() and step.isdigit() and len(step) < 10 and int(step) < len(value):
        return value[int(step)]
    return None


def _steps(path: str) -> list[str]:
    return path.split(".") if path else []
