"""`bash-syntax`: a detector that runs a program, and reads what it answers: completely, or not at all."""

from __future__ import annotations

import os
import re

from pipeline_state.checks.declaration import Detector, Output, Report, ReportError, Tool
from pipeline_state.checks.findings import Problem

_COMPLAINT = re.compile(r"line (\d+): (.*)")


def parse(output: Output) -> Report:
    """Read the complaints on standard error, `name: line 3: syntax error …`; a second line only shows the source.

    Whatever is not understood must be a `ReportError`: then the files are in error, and never clean.
    """
    text = output.stderr.decode("utf-8", "surrogateescape")
    name = output.names[0]
    lines = [line.removeprefix(f"{name}: ") for line in text.splitlines() if line.startswith(f"{name}: ")]
    complaints = [_COMPLAINT.fullmatch(line) for line in lines]
    problems = [_problem(int(found[1]), found[2]) for found in complaints if found and not found[2].startswith("`")]
    if None in complaints or bool(text) != bool(problems):
        raise ReportError(f"bash says what it does not say of a script's syntax: {text[:200]!r}")
    return Report({name: problems} if problems else {})


def _problem(line: int, message: str) -> Problem:
    if message.startswith("warning: "):
        return Problem("warning", message.removeprefix("warning: "), line, severity="warning", category="syntax")
    return Problem("syntax", message, line, severity="error", category="syntax")


DETECTOR = Detector(
    id="bash-syntax",
    version=1,
    title="bash -n",
    types=frozenset({"bash"}),
    scope="file",  # it reads the script, and nothing else
    how=Tool(
        executable="bash",
        check=("-n",),
        parse=parse,
        exit_codes={0: "either", 2: "findings"},  # 0 with warnings, too; any other is an error
        environment={"BASH_ENV": os.devnull},
        alone=True,  # of several names, it would take all but the first for arguments
    ),
)
