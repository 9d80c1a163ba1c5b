"""The report for people: a line for each finding, and one that sums up."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline_state.checks.result import CheckResult, Explanation
from pipeline_state.store.findings import Finding


def text_report(result: CheckResult, duration_s: float) -> str:
    """Return the report; lines end in newlines. `duration_s` is what the whole check took, in seconds."""
    return "".join(f"{line}\n" for line in _lines(result, duration_s))


def finding_line(finding: Finding) -> str:
    """Return a finding as `path:line:column: severity: message [detector rule]`, the form that editors follow."""
    place = "".join(f":{number}" for number in (finding.line, finding.column) if number is not None)
    message = printable(" ".join(finding.message.split()))
    return f"{printable(finding.path)}{place}: {finding.severity}: {message} [{finding.detector} {finding.rule}]"


def explanation_line(one: Explanation) -> str:
    """Return why a verdict was reused or not."""
    why = f"moved: {', '.join(one.moved)}" if one.moved else one.reason or "nothing moved"
    return f"{'reused' if one.reused else 'judged'} {one.detector} {printable(one.path)}: {why}"


def printable(text: str) -> str:
    """Return a name from outside on one line, without control characters that a terminal would obey."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)


def _lines(result: CheckResult, duration_s: float) -> Iterator[str]:
    yield from map(finding_line, result.findings)
    for fixed in result.fixed:
        yield f"{printable(fixed.path)}: fixed [{fixed.detector}]"
    yield _summary(result, duration_s)


def _summary(result: CheckResult, duration_s: float) -> str:
    summary = result.summary
    parts = [_count(summary.files, "file"), f"{summary.checked} checked", f"{summary.reused} reused"]
    what = [_count(summary.findings, "finding")] if summary.findings else []
    if result.fixed:
        what.append(f"{len({fixed.path for fixed in result.fixed})} fixed")
    if summary.errors:
        what.append(_count(summary.errors, "error"))
    if not what:
        judged = summary.checked + summary.reused
        what.append("nothing found" if judged else "nothing to check")
    return f"{', '.join(what)}: {', '.join(parts)} in {duration_s:.2f} s"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
