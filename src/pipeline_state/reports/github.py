"""The report for GitHub Actions: workflow commands, which it shows as annotations of the changed lines.

See https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions. The path, line and message stand
in the text as well: the log of a run shows that alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline_state.checks.result import CheckResult, Trouble
from pipeline_state.reports.text import finding_line, printable
from pipeline_state.store.findings import Finding, Severity

_COMMANDS: dict[Severity, str] = {"error": "error", "warning": "warning", "note": "notice"}


def github_report(result: CheckResult) -> str:
    """Return one workflow command for each finding, each fixed file, and all that could not be judged."""
    return "".join(f"{line}\n" for line in _lines(result))


def _lines(result: CheckResult) -> Iterator[str]:
    yield from map(_finding, result.findings)
    for fixed in result.fixed:
        place = [("file", fixed.path), ("title", fixed.detector)]
        yield _command("error", place, f"{fixed.path}: fixed [{fixed.detector}]; commit what it has changed")
    yield from map(_trouble, result.troubles)


def _finding(finding: Finding) -> str:
    properties = [("file", finding.path)]
    if finding.line is not None:
        properties.append(("line", str(finding.line)))
        if finding.end_line is not None and finding.end_line > finding.line:
            properties.append(("endLine", str(finding.end_line)))  # columns are for places on one line
        elif finding.column is not None:
            properties.append(("col", str(finding.column)))
            if finding.end_column is not None and finding.end_column > finding.column:
                properties.append(("endColumn", str(finding.end_column)))
    properties.append(("title", f"{finding.detector} {finding.rule}"))
    return _command(_COMMANDS[finding.severity], properties, finding_line(finding))


def _trouble(trouble: Trouble) -> str:
    properties = [] if trouble.path is None else [("file", trouble.path)]
    properties.append(("title", f"{trouble.detector or 'pipeline-state'}: not judged"))
    where = "".join(f"{name}: " for name in (trouble.detector, trouble.path) if name)
    return _command("warning" if trouble.tolerated else "error", properties, f"{where}{trouble.message}")


def _command(name: str, properties: list[tuple[str, str]], message: str) -> str:
    said = ",".join(f"{key}={_escaped(printable(value), ':', ',')}" for key, value in properties)
    lines = (printable(line) for line in message.splitlines())
    return f"::{name} {said}::{_escaped(chr(10).join(lines))}"


def _escaped(text: str, *more: str) -> str:
    """Return a text with GitHub's escapes; a property needs some more than a message."""
    for character in ("%", "\r", "\n", *more):  # the percent sign first: it begins the others' escapes
        text = text.replace(character, f"%{ord(character):02X}")
    return text
