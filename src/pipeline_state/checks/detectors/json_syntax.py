"""`json`: strict RFC 8259 JSON in UTF-8, no key twice in one object."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pipeline_state.checks.declaration import BuiltIn, Detector
from pipeline_state.checks.detectors import syntax
from pipeline_state.checks.findings import Problem

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|NaN|-?Infinity|[{}\[\],:]')
"""Enough to walk through a document that is known to parse; numbers, true, false and null are stepped over."""


def judge(_path: str, content: bytes) -> Iterator[Problem]:
    """The C scanner decides whether there is anything to say; only then are positions looked for."""
    import json

    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        yield syntax.not_utf8(content, error)
        return
    suspicious = False

    def members(pairs: list[tuple[str, Any]]) -> None:
        nonlocal suspicious
        suspicious = suspicious or len({key for key, _ in pairs}) != len(pairs)

    def constant(_name: str) -> None:
        nonlocal suspicious
        suspicious = True

    try:
        # Numbers stay strings: a number of 5,000 digits is JSON, although int() refuses it.
        json.loads(text, object_pairs_hook=members, parse_constant=constant, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        yield syntax.problem("syntax-error", error.msg, error.lineno, error.colno)
    except RecursionError:
        yield syntax.problem("too-deeply-nested", "nested too deeply to be parsed")
    else:
        if suspicious:
            yield from _walk(text)


def _walk(text: str) -> Iterator[Problem]:
    """Report keys that come twice, and NaN and Infinity, each where it stands. Not recursive."""
    import json

    objects: list[set[str] | None] = []  # the keys seen in each open object; None for an array
    key_next = False
    for token in _TOKEN.finditer(text):
        word = token.group()
        if word in "{[":
            objects.append(set() if word == "{" else None)
            key_next = word == "{"
        elif word in "}]":
            objects.pop()
        elif word == ",":
            key_next = objects[-1] is not None
        elif word == ":":
            key_next = False
        elif word[0] != '"':
            yield _at(text, token, "not-a-number", f"{word} is not JSON")
        elif key_next and (keys := objects[-1]) is not None:
            key = json.loads(word)
            if key in keys:
                yield _at(text, token, "duplicate-key", f"the key {word} comes twice in one object")
            keys.add(key)


def _at(text: str, token: re.Match[str], rule: str, message: str) -> Problem:
    line, column = syntax.of_character(text, token.start())
    return syntax.problem(rule, message, line, column, line, column + len(token.group()))


DETECTOR = Detector(
    id="json",
    version=1,
    title="JSON syntax",
    types=frozenset({"json"}),
    how=BuiltIn(judge),
)
