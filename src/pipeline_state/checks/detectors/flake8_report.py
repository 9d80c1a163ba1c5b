"""Reads what flake8 answers: completely, or not at all."""

from __future__ import annotations

import re

from pipeline_state.checks.declaration import Output, Report, ReportError
from pipeline_state.checks.detectors.ruff_rules import rank  # ruff took the names of the rules from flake8
from pipeline_state.checks.findings import Problem
from pipeline_state.checks.parsers.located import Located, read
from pipeline_state.checks.parsers.words import last_words

END = "\x1e"
"""What closes a finding: the names of files, and the messages of plugins, may have line ends in them."""

_STATISTICS = re.compile(r"\d+(\.\d+)?\s+\S")
_FINDING = re.compile(r"([A-Z][A-Z0-9]*) (.*)", re.DOTALL)
_UNREADABLE = re.compile(r"\w*(?:Error|Exception): \[Errno")


def parse(output: Output) -> Report:
    """Read the findings, whose number must be the last line."""
    text = output.stdout.decode("utf-8", "surrogateescape")
    found, rest = read(text, output.argv[1:], f"{END}\n")
    *statistics, count = rest.splitlines() or [""]
    if count != str(len(found)) or not all(_STATISTICS.match(line) for line in statistics):
        raise ReportError(f"its report is not what flake8 writes: {last_words(output)}")
    problems: dict[str, list[Problem]] = {}
    unprocessed = {}
    for one in found:
        problem = _problem(one)
        if problem.rule == "E902" and _UNREADABLE.match(problem.message):
            unprocessed[one.name] = problem.message
        else:
            problems.setdefault(one.name, []).append(problem)
    return Report(problems, unprocessed)


def _problem(one: Located) -> Problem:
    finding = _FINDING.fullmatch(one.message)
    if finding is None or one.line is None:
        raise ReportError(f"not a finding of flake8: {one.message!r}")
    severity, category = rank(finding[1])
    return Problem(
        finding[1], finding[2], max(one.line, 1), max(one.column or 1, 1), severity=severity, category=category
    )
