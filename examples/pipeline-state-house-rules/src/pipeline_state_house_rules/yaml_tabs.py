"""`yaml-tabs`: a detector that is a function, and a fixer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline_state.checks.declaration import BuiltIn, Detector
from pipeline_state.checks.findings import Problem

_INDENTATION = re.compile(rb"^[ ]*\t[ \t]*", re.MULTILINE)


def judge(path: str, content: bytes) -> Iterator[Problem]:
    """Yield a problem for each line that is indented with a tab.

    It runs in a worker process, and may depend on nothing but its arguments: no other file, no variable, no clock.
    """
    del path  # a rule of names would look at it
    for found in _INDENTATION.finditer(content):
        line = content.count(b"\n", 0, found.start()) + 1
        column = found[0].index(b"\t") + 1
        yield Problem("tab", "YAML cannot be indented with tabs", line, column, severity="error", category="syntax")


def fix(content: bytes) -> bytes:
    """Return the content with two spaces for each of these tabs. What is returned is written whole, or not at all."""
    return _INDENTATION.sub(lambda found: found[0].replace(b"\t", b"  "), content)


DETECTOR = Detector(
    id="yaml-tabs",
    version=1,  # raise it when a verdict can come out otherwise: the version of the package counts by itself
    title="tabs in YAML",
    types=frozenset({"yaml"}),
    how=BuiltIn(judge, fix),
)
