"""Reads checkstyle's XML, which many other tools write, too.

    <checkstyle><file name="a.py"><error line="1" column="2" severity="error" message="…" source="rule"/></file>…

Documents with a DOCTYPE are refused: no such report has one, and entities are declared there.
"""

from __future__ import annotations

from typing import Any

from pipeline_state.checks.declaration import Output, Report, ReportError
from pipeline_state.checks.findings import Category, Problem
from pipeline_state.checks.parsers import entries
from pipeline_state.checks.parsers.words import last_words

_ABOVE = {"checkstyle": "", "file": "checkstyle", "error": "file", "exception": "file"}
"""In which element each element stands."""


def parse(output: Output, *, category: Category = "other") -> Report:
    """Read the findings. What the tool could not judge, it lists as `exception`: that is no verdict."""
    from xml.parsers import expat

    reading = _Reading(category)
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.text
    try:
        parser.Parse(output.stdout, True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # the latter two: encodings that it does not know
        raise ReportError(f"its report is not whole XML ({error}): {last_words(output)}") from error
    if reading.failed:
        reason = next(iter(reading.failed.values())).strip() or "it could not judge this file"
        raise ReportError(" ".join(reason[:300].split()), tuple(reading.failed))
    return Report(entries.by_name(reading.found))


class _Reading:
    """What was read so far, and in which elements we are."""

    def __init__(self, category: Category) -> None:
        self.found: list[tuple[str, Problem]] = []
        self.failed: dict[str, str] = {}
        self._category: Category = category
        self._within = [""]
        self._name = ""

    def start(self, element: str, attributes: dict[str, str]) -> None:
        if _ABOVE.get(element) != self._within[-1]:
            raise ReportError(f"its report has <{element:.100}> where checkstyle has none")
        self._within.append(element)
        if element == "file":
            self._name = entries.name(attributes.get("name"))
        elif element == "exception":
            self.failed.setdefault(self._name, "")
        elif element == "error":
            self._error(attributes)

    def end(self, _element: str) -> None:
        self._within.pop()

    def text(self, text: str) -> None:
        if self._within[-1] == "exception":
            self.failed[self._name] += text
        elif text.strip():
            raise ReportError(f"its report has text where checkstyle has none: {text.strip()[:100]!r}")

    def _error(self, attributes: dict[str, Any]) -> None:
        place = entries.Place(
            entries.number(attributes.get("line"), "line"), entries.number(attributes.get("column"), "column")
        )
        word = entries.text(attributes.get("severity", "error"), "severity")  # the default of checkstyle's own
        if word == "ignore":
            return
        message = entries.text(attributes.get("message"), "message")
        rule = attributes.get("source") or ""
        self.found.append((self._name, entries.problem(rule, message, place, entries.severity(word), self._category)))


def _refuse_doctype(*_: object) -> None:
    raise ReportError("its report has a DOCTYPE, which no report of checkstyle has")
