"""Reads what codespell answers: completely, or not at all."""

from __future__ import annotations

import re

from pipeline_state.checks.declaration import Output, Report, ReportError
from pipeline_state.checks.findings import Problem
from pipeline_state.checks.parsers.located import read
from pipeline_state.checks.parsers.words import last_words

_USED = re.compile(r"Used config files:\n(?: +\d+: [^\n]*\n)*")
_SUMMARY = "\n-------8<-------\nSUMMARY:\n"


def parse(output: Output) -> Report:
    """Read the misspellings, whose number must be the last line on stderr."""
    text = output.stdout.decode("utf-8", "surrogateescape")
    header = _USED.match(text)
    found, rest = read(text[header.end() if header else 0 :], output.argv[1:])
    counts = output.stderr.decode("utf-8", "replace").splitlines()[-1:]
    if counts != [str(len(found))] or (rest and not rest.startswith(_SUMMARY)):
        raise ReportError(f"its report is not what codespell writes: {last_words(output)}")
    problems: dict[str, list[Problem]] = {}
    for one in found:
        if " ==> " not in one.message:
            raise ReportError(f"not a misspelling: {one.message!r}")
        where = one.message if one.line is not None else f"in the file's name: {one.message}"
        problem = Problem("misspelling", where, one.line, severity="warning", category="style")
        problems.setdefault(one.name, []).append(problem)
    return Report(problems)
