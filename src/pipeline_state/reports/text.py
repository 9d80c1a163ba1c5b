"""The report for people: a line for each finding, and one that sums up."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipeline_state.checks.result import CheckResult, Explanation
from pipeline_state.store.findings import Finding

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    from pipeline_state.checks.baseline import Entry

Paint = Callable[[str, str], str]
"""Gives a text the look of a style: `error`, `warning`, `note`, `path`, `rule`, `line` or `good`."""


def plain(_style: str, text: str) -> str:
    """Return the text as it is: the look of every style where there are no colours."""
    return text


def text_report(
    result: CheckResult,
    duration_s: float,
    *,
    paint: Paint = plain,
    excerpt: Callable[[Finding], list[str]] | None = None,
    quiet: bool = False,
) -> str:
    """Return the report; lines end in newlines. `duration_s` is what the whole check took, in seconds.

    `excerpt` returns the lines that are shown below a finding. With `quiet` nothing is summed up.
    """
    return "".join(f"{line}\n" for line in _lines(result, duration_s, paint, excerpt, quiet))


def finding_line(finding: Finding, paint: Paint = plain) -> str:
    """Return a finding as `path:line:column: severity: message [detector rule]`, the form that editors follow."""
    detector, rule, severity, _, path, line, column, _, _, message, _ = finding
    place = printable(path)
    for number in (line, column):
        if number is not None:
            place = f"{place}:{number}"
    what = paint("rule", f"[{printable(detector)} {printable(rule)}]")
    return f"{paint('path', place)}: {paint(severity, severity)}: {one_line(message)} {what}"


def explanation_line(one: Explanation) -> str:
    """Return why a verdict was reused or not."""
    why = f"moved: {', '.join(one.moved)}" if one.moved else one.reason or "nothing moved"
    return f"{'reused' if one.reused else 'judged'} {one.detector} {printable(one.path)}: {why}"


def one_line(text: str) -> str:
    """Return a text from outside on one line, each stretch of white space as one space."""
    return printable(" ".join(text.split()))


def place_of(rootdir: str, file: str, line: int | None) -> str:
    """Return where a test stands as `path:line`, relative to the worktree, in the form that editors follow."""
    path = file if rootdir == "." else f"{rootdir}/{file}"
    return path if line is None else f"{path}:{line}"


def printable(text: str) -> str:
    """Return a name from outside on one line, without control characters that a terminal would obey."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)


def _lines(
    result: CheckResult,
    duration_s: float,
    paint: Paint,
    excerpt: Callable[[Finding], list[str]] | None,
    quiet: bool,
) -> Iterator[str]:
    for finding in result.findings:
        yield finding_line(finding, paint)
        if excerpt is not None:
            yield from excerpt(finding)
    for fixed in result.fixed:
        yield f"{paint('path', printable(fixed.path))}: fixed {paint('rule', f'[{printable(fixed.detector)}]')}"
    if result.baseline is not None:
        yield from (_gone_line(entry, paint) for entry in result.baseline.gone)
    if not quiet:
        yield _summary(result, duration_s, paint)


def _gone_line(entry: Entry, paint: Paint) -> str:
    rule = paint("rule", f"[{printable(entry.detector)} {printable(entry.rule)}]")
    path = paint("path", printable(entry.path))
    return f"{path}: in the baseline, but found no more: {one_line(entry.message)} {rule}"


def _summary(result: CheckResult, duration_s: float, paint: Paint) -> str:
    summary = result.summary
    parts = [_count(summary.files, "file"), f"{summary.checked} checked", f"{summary.reused} reused"]
    if result.baseline is not None and result.baseline.known:
        parts.append(f"{len(result.baseline.known)} in the baseline")
    what = [_count(summary.findings, "finding")] if summary.findings else []
    if result.fixed:
        what.append(f"{len({fixed.path for fixed in result.fixed})} fixed")
    if summary.errors:
        what.append(_count(summary.errors, "error"))
    style = "error" if what else "good"
    if not what:
        judged = summary.checked + summary.reused
        what.append(
            ("nothing new" if result.baseline is not None else "nothing found") if judged else "nothing to check"
        )
    return f"{paint(style, ', '.join(what))}: {', '.join(parts)} in {duration_s:.2f} s"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
