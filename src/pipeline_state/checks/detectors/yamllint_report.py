"""Reads what yamllint answers: completely, or not at all."""

from __future__ import annotations

import re

from pipeline_state.checks.declaration import Output, Report, ReportError
from pipeline_state.checks.findings import Category, Problem, Severity
from pipeline_state.checks.parsers import listed, located
from pipeline_state.checks.parsers.words import last_words

_MESSAGE = re.compile(r"\[(error|warning)\] (.*?)(?: \(([\w-]+)\))?", re.DOTALL)

_MEANING = frozenset(
    ("anchors", "empty-values", "float-values", "key-duplicates", "octal-values", "quoted-strings", "truthy")
)
"""Rules about what a document says. The others are about how it looks, and never more than a warning."""


def parse(output: Output) -> Report:
    """Read the lines of `--format=parsable`. The gravest of them must be what the exit code says."""
    found, rest = located.read(output.stdout.decode("utf-8", "surrogateescape"), output.argv[1:])
    if rest or output.stderr.strip():
        raise ReportError(f"its report is not what yamllint writes: {last_words(output)}")
    problems: dict[str, list[Problem]] = {}
    levels = set()
    for one in found:
        message = _MESSAGE.fullmatch(one.message)
        if message is None or one.line is None:
            raise ReportError(f"not a finding of yamllint: {one.message!r}")
        level, text, rule = message.groups()
        levels.add(level)
        severity, category = _rank(level, rule or "")
        problem = Problem(rule or "unnamed", text, one.line, one.column, severity=severity, category=category)
        problems.setdefault(one.name, []).append(problem)
    if output.exit_code != (1 if "error" in levels else 2 if levels else 0):
        raise ReportError(f"exit code {output.exit_code}, but its gravest findings are {sorted(levels)[:1]}")
    return Report(problems)


def parse_included(output: Output) -> frozenset[str]:
    """Read `--list-files`."""
    if output.exit_code != 0:
        raise ReportError(f"--list-files ended with exit code {output.exit_code}: {last_words(output)}")
    return listed.read(output.stdout.decode("utf-8", "surrogateescape"), output.argv[1:])


def _rank(level: str, rule: str) -> tuple[Severity, Category]:
    """The project sets the level of a rule; what is only about looks is a warning nevertheless."""
    if rule == "syntax":
        return "error", "syntax"
    if rule in _MEANING:
        return "error" if level == "error" else "warning", "other"
    return "warning", "style"
