"""Reads what mdformat answers: completely, or not at all."""

from __future__ import annotations

import os
import re

from pipeline_state.checks.declaration import Output, Report, ReportError
from pipeline_state.checks.findings import Problem
from pipeline_state.checks.parsers.words import last_words

_UNFORMATTED = Problem("unformatted", "mdformat would change this file", severity="warning", category="format")

_MESSAGE = re.compile(r"^(?=(?:Error|Warning): )", re.MULTILINE)
_FOUND = re.compile(r'Error:\s+File\s+"(.*)"\s+is\s+not\s+formatted\.\n', re.DOTALL)


def parse(output: Output) -> Report:
    """Read the messages of `--check`. There must be none but about files that would be changed."""
    before, *messages = _MESSAGE.split(output.stderr.decode("utf-8", "surrogateescape"))
    if before or output.stdout:
        raise ReportError(f"its report is not what mdformat writes: {last_words(output)}")
    problems = {}
    for message in messages:
        if message.startswith("Warning: "):
            continue
        found = _FOUND.fullmatch(message)
        if found is None:
            raise ReportError(" ".join(message.split())[:300])
        problems[_name(found[1], output)] = (_UNFORMATTED,)
    return Report(problems)


def _name(text: str, output: Output) -> str:
    """Return the file that a message is about. Where it is broken into lines, that is the one it can be."""
    if "\n" not in text:
        return text
    could_be = [name for name in output.names if _spaced(text).endswith(_spaced(f"/{os.path.normpath(name)}"))]
    if len(could_be) != 1:
        raise ReportError(f"it is not clear which file it is about: {text[:200]!r}")
    return could_be[0]


def _spaced(text: str) -> str:
    return " ".join(text.split())
