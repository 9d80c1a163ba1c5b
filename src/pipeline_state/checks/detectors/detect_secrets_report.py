"""Reads what our program for detect-secrets answers: completely, or not at all. There is no secret in it."""

from __future__ import annotations

import re

from pipeline_state.checks.declaration import Output, Report, ReportError
from pipeline_state.checks.findings import Problem, Severity
from pipeline_state.checks.parsers import entries, json_text
from pipeline_state.checks.parsers.words import last_words

_GUESSES = frozenset({"base64-high-entropy-string", "hex-high-entropy-string", "secret-keyword"})
"""What only looks like a secret. The others have the form of one."""


def parse(output: Output) -> Report:
    """Read the answer. Each file must be in one of its lists."""
    try:
        answer = json_text.read(output)
        judged, excluded = frozenset(answer["judged"]), frozenset(answer["excluded"])
        unread = {str(name): str(reason) for name, reason in answer["unread"].items()}
        found = [_problem(*entry) for entry in answer["found"]]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ReportError(f"its report is not what our program writes ({error!r}): {last_words(output)}") from error
    if judged | excluded | unread.keys() != set(output.names):
        raise ReportError(f"its report is not about the files that it was given: {last_words(output)}")
    return Report(entries.by_name(found), unread, judged, excluded=excluded)


def _problem(name: str, line: int, kind: str) -> tuple[str, Problem]:
    rule = re.sub(r"[^a-z0-9]+", "-", entries.text(kind, "type of secret").lower()).strip("-")
    severity: Severity = "warning" if rule in _GUESSES else "error"
    place = entries.Place(entries.number(line, "line"))
    return entries.name(name), entries.problem(rule, f"possible secret: {kind}", place, severity, "security")
