"""Reads a report of lines, given a regular expression: `path:line:column: message`, and whatever looks like it.

The expression is somebody's, and may take longer than the world lasts; so it is matched in a process of its own, for
`LONGEST_S` seconds at most.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Literal

from pipeline_state.checks.declaration import Output, Report, ReportError
from pipeline_state.checks.findings import Problem
from pipeline_state.checks.parsers import entries, pattern_match
from pipeline_state.checks.parsers.words import last_words
from pipeline_state.named_tuple import NamedTuple

LONGEST_S = 20.0
"""So long may it take to match all lines of a report, in seconds."""

LONGEST_LINE = 20_000
"""Characters. A report with a longer line is refused."""

GROUPS = ("path", "line", "column", "end_line", "end_column", "severity", "rule", "message")
"""The names that groups of a pattern may have. `path` and `message` must be there."""


class Pattern(NamedTuple):
    """What the lines of a report look like. Each expression is held against a whole line, without its end.

    `passed_over`: lines that are no findings; empty ones never are. `closing`: the last of the other lines, if the
    tool ends its report with one; if it has a group `count`, that must be the number of findings. Without it, a report
    that was cut between two lines looks whole, and only the exit code vouches for its end.
    """

    finding: str
    passed_over: str | None = None
    closing: str | None = None
    stream: Literal["stdout", "stderr"] = "stdout"
    meaning: entries.Meaning = entries.Meaning()


def objection(pattern: Pattern) -> str | None:
    """Say why this is no pattern that findings can be read with; `None` if it is one."""
    for expression in (pattern.finding, pattern.passed_over, pattern.closing):
        try:
            groups = re.compile(expression or "").groupindex
        except (re.error, OverflowError, RecursionError) as error:
            return f"{expression!r} is no regular expression: {error}"
        if expression == pattern.finding:
            missing = [group for group in ("path", "message") if group not in groups]
            unknown = [group for group in groups if group not in GROUPS]
            if missing:
                return f"{expression!r} has no group {missing[0]!r}: (?P<{missing[0]}>…)"
            if unknown:
                return f"{expression!r} has a group {unknown[0]!r}; known are {', '.join(GROUPS)}"
    return None


def parse(output: Output, pattern: Pattern) -> Report:
    """Read the findings. Raises `ReportError` for a line that is none, and none that may be passed over."""
    text = getattr(output, pattern.stream).decode("utf-8", "surrogateescape")
    lines = text.split("\n")
    if lines.pop():
        raise ReportError(f"its report does not end with a line end: {last_words(output)}")
    lines = [line.removesuffix("\r") for line in lines]
    if any(len(line) > LONGEST_LINE for line in lines):
        raise ReportError(f"its report has a line of more than {LONGEST_LINE} characters")
    lines = [line for line in lines if line.strip()]
    matched = _matched(pattern, lines) if lines or pattern.closing is not None else pattern_match.Matched([], None)
    found = []
    for line, groups in zip(lines, matched.lines, strict=True):
        if groups is None:
            raise ReportError(f"its report has a line that is not known: {line[:200]!r}")
        if groups:
            found.append(_finding(line, groups, output.names, pattern))
    if pattern.closing is not None and matched.counted not in ("", str(len(found))):
        raise ReportError(f"its report is not whole; it does not end as it should: {last_words(output)}")
    return Report(entries.by_name(found))


def _finding(line: str, groups: dict[str, str | None], names: Collection[str], pattern: Pattern) -> tuple[str, Problem]:
    name = entries.name(groups.get("path"))
    # A name may hold what stands between the parts; whose finding it is, another one must not leave in doubt.
    doubtful = [other for other in names if len(other) > len(name) and other.startswith(name) and other in line]
    if doubtful:
        raise ReportError(f"it may be about {name!r} or about {doubtful[0]!r}: {line[:200]!r}")
    return name, entries.problem_of(groups, pattern.meaning)


def _matched(pattern: Pattern, lines: list[str]) -> pattern_match.Matched:
    """Match in a process of its own: an expression cannot be interrupted, and holds up all threads."""
    request = pattern_match.request(pattern.finding, pattern.passed_over, pattern.closing, lines)
    program = Path(pattern_match.__file__)
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-B", program],
            input=request,
            capture_output=True,
            timeout=LONGEST_S,
            check=True,
        )
        return pattern_match.Matched(*json.loads(done.stdout))
    except subprocess.TimeoutExpired:
        raise ReportError(f"its report could not be matched with {pattern.finding!r} in {LONGEST_S:g} s") from None
    except (OSError, subprocess.CalledProcessError, ValueError, TypeError) as error:
        raise ReportError(f"its report could not be matched with {pattern.finding!r}: {error}") from error
