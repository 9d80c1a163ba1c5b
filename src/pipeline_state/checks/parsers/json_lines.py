"""Reads a report that is a JSON object on each line: a finding, or what has a list of them.

A report of lines that was cut between two of them looks whole. `closing` says how the tool ends its report, if it does;
otherwise only the exit code vouches for the end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pipeline_state.checks.declaration import Output, Report, ReportError
from pipeline_state.checks.findings import Problem
from pipeline_state.checks.parsers import entries, json_text
from pipeline_state.checks.parsers.fields import Fields, finding, findings, refuse_failures
from pipeline_state.checks.parsers.words import last_words


def parse(
    output: Output,
    fields: Fields,
    *,
    passed_over: Mapping[str, Any] | None = None,
    closing: Mapping[str, Any] | None = None,
) -> Report:
    """Read the findings.

    An object that has all the values of `passed_over` is no finding; with `closing`, the last one must have these, and
    is none either. Raises `ReportError` for a report that is not whole, or that the fields do not fit.
    """
    lines = output.stdout.split(b"\n")
    if lines.pop():
        raise ReportError(f"its report does not end with a line end: {last_words(output)}")
    objects = [_object(line, output) for line in lines if line.strip()]
    if closing is not None and not (objects and _has(objects.pop(), closing)):
        raise ReportError(f"its report lacks what closes it: {last_words(output)}")
    return Report(entries.by_name(_findings(objects, fields, passed_over)))


def _findings(
    objects: list[dict[str, Any]], fields: Fields, passed_over: Mapping[str, Any] | None
) -> Iterator[tuple[str, Problem]]:
    for one in objects:
        if passed_over is not None and _has(one, passed_over):
            continue
        if fields.findings:
            yield from findings(one, fields)
        else:
            refuse_failures(one, fields)
            yield finding(one, fields)


def _object(line: bytes, output: Output) -> dict[str, Any]:
    try:
        found = json_text.parsed(line)
    except ValueError as error:
        raise ReportError(f"its report is not JSON in each line ({error}): {last_words(output)}") from error
    if not isinstance(found, dict):
        raise ReportError(f"its report has a line that is no object: {line[:100]!r}")
    return found


def _has(one: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    return all(name in one and one[name] == value for name, value in values.items())
