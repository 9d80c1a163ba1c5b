"""Reads what bandit answers: completely, or not at all."""

from __future__ import annotations

import re
from typing import Any

from pipeline_state.checks.declaration import Output, Report, ReportError
from pipeline_state.checks.findings import Problem, Severity
from pipeline_state.checks.parsers.words import last_words

_ADDRESS = re.compile(r" at 0x[0-9a-f]+(?=>)")
"""Where an object of bandit's lay in memory, in some of its messages: another place in every run."""

_SEVERITIES: dict[str, Severity] = {"HIGH": "error", "MEDIUM": "warning", "LOW": "note", "UNDEFINED": "warning"}


def parse(output: Output) -> Report:
    """Read the JSON. Of the files that are in none of its lists, bandit was told to look at none."""
    import json

    try:
        report = json.loads(output.stdout.decode("utf-8"))
        found = [_problem(entry) for entry in report["results"]]
        errors = {str(entry["filename"]): str(entry["reason"]) for entry in report["errors"]}
        judged = frozenset(report["metrics"].keys() - {"_totals"})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ReportError(f"its report is not what bandit writes ({error!r}): {last_words(output)}") from error
    if errors and output.exit_code == 0:
        # With exit code 0 it says that nothing was found; these it does not mean.
        reason = next(iter(errors.values()))
        raise ReportError(reason, tuple(name for name, said in errors.items() if said == reason))
    problems: dict[str, list[Problem]] = {}
    for name, problem in found:
        problems.setdefault(name, []).append(problem)
    return Report(problems, errors, judged, others="excluded")


def _problem(entry: dict[str, Any]) -> tuple[str, Problem]:
    """One object of the report. KeyError, TypeError, ValueError where it is not one."""
    name, line, offset = entry["filename"], entry["line_number"], entry["col_offset"]
    rule, message = entry["test_id"], entry["issue_text"]
    if not (isinstance(name, str) and isinstance(rule, str) and isinstance(message, str)):
        raise TypeError(f"not an entry: {entry!r}")
    if type(line) is not int or type(offset) is not int:
        raise TypeError(f"not a place: {line!r}, {offset!r}")
    column = _column(entry.get("code"), line, offset)
    severity = _SEVERITIES[entry["issue_severity"]]
    return name, Problem(rule, _ADDRESS.sub("", message), max(line, 1), column, severity=severity, category="security")


def _column(code: object, line: int, offset: int) -> int | None:
    """Return the column, in characters. bandit counts bytes, and shows the lines around."""
    shown = re.search(rf"^{line} (.*)$", code, re.MULTILINE) if isinstance(code, str) else None
    if shown is None or offset < 0:
        return None
    return len(shown[1].encode("utf-8", "surrogateescape")[:offset].decode("utf-8", "replace")) + 1
