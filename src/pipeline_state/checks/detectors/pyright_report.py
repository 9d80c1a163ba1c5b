"""Reads what pyright answers: completely, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline_state.checks.declaration import Output, Report, ReportError
from pipeline_state.checks.findings import Category, Problem, Severity
from pipeline_state.checks.parsers import json_text
from pipeline_state.checks.parsers.words import last_words

_SEVERITIES: Mapping[str, Severity] = {"error": "error", "warning": "warning", "information": "note"}
_STYLE = ("reportUnused", "reportMissingDocstring", "reportUnnecessary", "reportDeprecated", "reportPrivate")
"""How the names of rules begin that are about what is not needed, or not advisable."""


def parse(output: Output) -> Report:
    """Read the report, which counts its findings and the files that it is about."""
    report = json_text.read(output)
    try:
        found, counts = report["generalDiagnostics"], report["summary"]
        problems: dict[str, list[Problem]] = {}
        for one in found:
            problems.setdefault(one["file"], []).append(_problem(one))
        counted = counts["errorCount"] + counts["warningCount"] + counts["informationCount"]
        judged = int(counts["filesAnalyzed"])
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise ReportError(f"its report is not what pyright writes: {last_words(output)}") from error
    if counted != len(found):
        raise ReportError(f"its report lists {len(found)} findings, and counts {counted}")
    if bool(counts["errorCount"]) and output.exit_code == 0:
        raise ReportError(f"its exit code 0 does not go with {counts['errorCount']} errors")
    return Report(problems, judged=judged, others="excluded")


def _problem(one: Mapping[str, Any]) -> Problem:
    start, end = (one["range"][key] for key in ("start", "end"))
    rule = one.get("rule")
    category: Category = "syntax" if rule is None else "style" if rule.startswith(_STYLE) else "type"
    return Problem(
        rule=rule or "syntax",
        message=" ".join(str(one["message"]).split()),
        line=int(start["line"]) + 1,
        column=int(start["character"]) + 1,
        end_line=int(end["line"]) + 1,
        end_column=int(end["character"]) + 1,
        severity=_SEVERITIES[one["severity"]],
        category=category,
    )
