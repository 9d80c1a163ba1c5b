"""Reads what black says of each file: completely, or not at all."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from pipeline_state.checks.declaration import Output, Report, ReportError
from pipeline_state.checks.findings import Problem
from pipeline_state.checks.parsers.words import last_words

_UNFORMATTED = Problem("unformatted", "black would change this file", severity="warning", category="format")

_SUMMARY = re.compile(
    r"^(?:(\d+) files? would be reformatted)?(?:, )?(?:(\d+) files? would be left unchanged)?(?:, )?"
    r"(?:(\d+) files? would fail to reformat)?\.$"
)
_UNPARSED = re.compile(r"Cannot parse[^\n]*?: (\d+):(\d+): (.*)", re.DOTALL)


def parse(output: Output) -> Report:
    """Read the messages of `--check --verbose`. Their numbers must be those of the summary."""
    text = output.stderr.decode("utf-8", "surrogateescape")
    summary = _SUMMARY.match(text.splitlines()[-1]) if text.endswith(".\n") else None
    if summary is None or not any(summary.groups()):
        if text.rstrip().endswith("Nothing to do 😴") and not output.exit_code:
            return Report({}, judged=0)
        raise ReportError(f"its report is not what black writes: {last_words(output)}")
    names = _alternatives(_shown(word) for word in output.argv[1:])
    changed = set(re.findall(rf"^would reformat ({names})$", text, re.MULTILINE))
    good = set(re.findall(rf"^({names}) already well formatted, good job\.$", text, re.MULTILINE))
    problems, unprocessed = _failed(text, names)
    counts = [int(count or 0) for count in summary.groups()]
    if counts != [len(changed), len(good), len(problems) + len(unprocessed)]:
        raise ReportError(f"its report is not whole: {last_words(output)}")
    problems.update((name, _UNFORMATTED) for name in changed)
    return Report({name: (problem,) for name, problem in problems.items()}, unprocessed, frozenset(good))


def _failed(text: str, names: str) -> tuple[dict[str, Problem], dict[str, str]]:
    """Return what does not parse, and what could not be judged for another reason."""
    problems, unprocessed = {}, {}
    for name, reason in re.findall(rf"^error: cannot format ({names}): (.*)$", text, re.MULTILINE):
        unparsed = _UNPARSED.match(reason)
        if unparsed is None:
            unprocessed[name] = reason
        else:
            problems[name] = _syntax_error(unparsed[1], unparsed[2], unparsed[3])
    # As it is written from 26 on.
    for name, line, column in re.findall(rf"^error: cannot parse: ({names}):(\d+):(\d+)", text, re.MULTILINE):
        problems[name] = _syntax_error(line, column, "black cannot parse this")
    return problems, unprocessed


def _syntax_error(line: str, column: str, message: str) -> Problem:
    # Its columns count from 0.
    return Problem(
        "invalid-syntax",
        message.strip() or "black cannot parse this",
        max(int(line), 1),
        int(column) + 1,
        category="syntax",
    )


def _alternatives(names: Iterable[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(set(names), key=len, reverse=True))


def _shown(name: str) -> str:
    """A name as black prints it."""
    return os.path.normpath(name)
