"""Reads JSON as a report is read: the whole of it, and nothing that is not JSON."""

from __future__ import annotations

from typing import Any, NoReturn

from pipeline_state.checks.declaration import Output, ReportError
from pipeline_state.checks.parsers.words import last_words


def read(output: Output) -> Any:
    """Return the object or list that the tool wrote to stdout.

    Raises `ReportError` for anything else. A number or a word of its own is none: cut short, it would look whole.
    """
    try:
        found = parsed(output.stdout)
    except ValueError as error:
        raise ReportError(f"its report is not JSON ({error}): {last_words(output)}") from error
    if not isinstance(found, dict | list):
        raise ReportError(f"its report is neither an object nor a list: {last_words(output)}")
    return found


def parsed(content: bytes) -> Any:
    """Return what this JSON says. Raises `ValueError` where it is none, or says two things of one name."""
    import json

    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=_refuse, object_pairs_hook=_object)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object has two values of one name")
    return found
