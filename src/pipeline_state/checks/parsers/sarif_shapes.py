"""The shapes of values in a SARIF log: an object, a list of objects, a text, a number. Anything else is no report."""

from __future__ import annotations

from typing import Any

from pipeline_state.checks.declaration import ReportError


def mapping(value: Any, what: str) -> dict[str, Any]:
    """Return an object."""
    if not isinstance(value, dict):
        raise ReportError(f"its report has no object where the {what} belongs: {value!r:.100}")
    return value


def inner(value: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the object of this name; an empty one if there is none."""
    found = value.get(name)
    return {} if found is None else mapping(found, name)


def items(value: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the list of objects of this name; an empty one if there is none."""
    found = value.get(name)
    if found is None:
        return []
    if not isinstance(found, list):
        raise ReportError(f"its report has no list where {name} belong: {found!r:.100}")
    return [mapping(one, name) for one in found]


def text(value: dict[str, Any], name: str) -> str | None:
    """Return the text of this name; `None` if there is none."""
    found = value.get(name)
    if found is not None and not isinstance(found, str):
        raise ReportError(f"its report has no text where {name} belongs: {found!r:.100}")
    return found


def integer(value: dict[str, Any], name: str) -> int | None:
    """Return the number of this name; `None` if there is none. -1 is what SARIF writes for none."""
    found = value.get(name)
    if found is not None and type(found) is not int:
        raise ReportError(f"its report has no number where {name} belongs: {found!r:.100}")
    return None if found == -1 else found
