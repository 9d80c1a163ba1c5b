"""Reads what semgrep answers: completely, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline_state.checks.declaration import Output, Report, ReportError
from pipeline_state.checks.findings import Category, Problem, Severity
from pipeline_state.checks.parsers import entries, json_text
from pipeline_state.checks.parsers.words import last_words

_LEVELS: dict[str, Severity] = {**entries.LEVELS, "inventory": "note", "experiment": "note"}
_CATEGORIES: dict[str, Category] = {"security": "security", "best-practice": "style", "maintainability": "style"}


def parse(output: Output) -> Report:
    """Read the JSON. What it did not scan, its own configuration leaves out.

    A file of which it could parse a part alone has a note that says so: it is not clean.
    """
    try:
        report = json_text.read(output)
        found = [_problem(entry) for entry in report["results"]]
        scanned = frozenset(map(entries.name, report["paths"]["scanned"]))
        unprocessed: dict[str, str] = {}
        for error in report["errors"]:
            found += _partly_judged(error)
            unprocessed.update(_not_judged(error))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ReportError(f"its report is not what semgrep writes ({error!r}): {last_words(output)}") from error
    if not scanned.issuperset(name for name, _ in found):
        raise ReportError("it reports on files that it does not list as scanned")
    return Report(entries.by_name(found), unprocessed, scanned, others="excluded")


def _problem(entry: dict[str, Any]) -> tuple[str, Problem]:
    extra = entry["extra"]
    metadata = extra.get("metadata") or {}
    category = _CATEGORIES.get(str(metadata.get("category")), "other")
    if metadata.get("cwe") or metadata.get("owasp"):
        category = "security"
    rule, message = entries.text(entry["check_id"], "rule"), entries.text(extra["message"], "message")
    place = _place(entry["start"], entry["end"])
    return entries.name(entry["path"]), entries.problem(
        rule, message, place, entries.severity(extra["severity"], _LEVELS), category
    )


def _partly_judged(error: dict[str, Any]) -> Iterator[tuple[str, Problem]]:
    if not _is_partial(error):
        return
    message = " ".join(entries.text(error["message"], "message").split())
    for span in error.get("spans") or [{"file": error["path"], "start": {}, "end": {}}]:
        place = _place(span["start"], span["end"])
        yield entries.name(span["file"]), entries.problem("partly-parsed", message, place, "note", "syntax")


def _not_judged(error: dict[str, Any]) -> dict[str, str]:
    if _is_partial(error):
        return {}
    message = " ".join(entries.text(error["message"], "message").split())[:300]
    if error.get("path") is None:  # a rule, or all of it
        raise ReportError(message)
    return {entries.name(error["path"]): message}


def _is_partial(error: dict[str, Any]) -> bool:
    kind = error["type"]
    return error["level"] != "error" and isinstance(kind, list) and kind[0] == "PartialParsing"


def _place(start: dict[str, Any], end: dict[str, Any]) -> entries.Place:
    numbers = [entries.number(place.get(part), part) for place in (start, end) for part in ("line", "col")]
    return entries.Place(*numbers)
