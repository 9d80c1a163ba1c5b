"""`toml`: the file is TOML 1.0, as the standard library's parser reads it (`tomli` on Python 3.10)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module

from pipeline_state.checks.declaration import BuiltIn, Detector
from pipeline_state.checks.detectors import syntax
from pipeline_state.checks.findings import Problem
from pipeline_state.toml import PARSER

_WHERE = re.compile(r"^(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$", re.DOTALL)


def judge(_path: str, content: bytes) -> Iterator[Problem]:
    """The position stands in the parser's message alone; attributes came with Python 3.14."""
    tomllib = import_module(PARSER)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        yield syntax.not_utf8(content, error)
        return
    try:
        # A number stays text: its range is the reader's business, and int() refuses 5,000 digits.
        tomllib.loads(text, parse_float=str)
    except RecursionError:
        yield syntax.problem("too-deeply-nested", "nested too deeply to be parsed")
    except ValueError as error:
        where = _WHERE.match(str(error))
        message, line, column = str(error), None, None
        if where and where["line"]:
            message, line, column = where["what"], int(where["line"]), int(where["column"])
        elif where:
            message = f"{where['what']} (at the end of the file)"
            line, column = syntax.of_character(text.replace("\r\n", "\n"), len(text.replace("\r\n", "\n")))
        yield syntax.problem("syntax-error", message, line, column)


DETECTOR = Detector(
    id="toml",
    version=1,
    title="TOML syntax",
    types=frozenset({"toml"}),
    how=BuiltIn(judge, libraries=("tomli",) if PARSER == "tomli" else ()),
)
