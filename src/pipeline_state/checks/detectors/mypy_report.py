"""Reads what mypy answers: completely, or not at all."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Mapping
from typing import Any

from pipeline_state.checks.declaration import Output, Report, ReportError
from pipeline_state.checks.findings import Category, Problem, Severity
from pipeline_state.checks.parsers.words import last_words

_SOURCE = re.compile(r"^LOG:  Found source: +BuildSource\(path=(.+?), module=", re.MULTILINE)
_FINISHED = re.compile(r"^LOG:  Build finished in ", re.MULTILINE)

_SYNTAX = "syntax"
_WARNINGS = frozenset(
    {
        *("deprecated", "ignore-without-code", "redundant-cast", "redundant-expr", "redundant-self", "unreachable"),
        *("unused-awaitable", "unused-ignore"),
    }
)
"""Codes of what is not wrong, but not needed or not advisable."""


def parse(output: Output) -> Report:
    """Read the messages, one JSON object a line, and the log, which names the files that are judged."""
    stderr = output.stderr.decode("utf-8", "surrogateescape")
    sources = _sources(stderr)
    lines = output.stdout.decode("utf-8", "surrogateescape").split("\n")
    messages = [_message(line, output) for line in lines if line]  # its log begins with an empty one
    if not sources:
        raise ReportError(f"it does not say what it judges: {_said(messages) or last_words(output)}")
    if output.exit_code == 2:
        return _stopped(messages, sources, output)
    if not _FINISHED.search(stderr):
        raise ReportError(f"it did not come to its end: {last_words(output)}")
    if bool(messages) != bool(output.exit_code):
        raise ReportError(f"its exit code {output.exit_code} does not go with {len(messages)} messages")
    return Report(_problems(messages), judged=frozenset(sources), others="excluded")


def _stopped(messages: list[Mapping[str, Any]], sources: list[str], output: Output) -> Report:
    """Read what it says of a file after which it judged nothing else. What it says of anything else is no report.

    What it has said of other files before that depends on which of them it had in its cache.
    """
    known = {os.path.normpath(name) for name in sources}
    errors = [one for one in messages if one["severity"] == "error"]
    stopping = [one for one in errors if one.get("code") == _SYNTAX] or errors[-1:]
    problems = _problems(stopping)
    if not problems or not {os.path.normpath(name) for name in problems} <= known:
        raise ReportError(f"it stopped: {_said(stopping or messages) or last_words(output)}")
    reason = f"was not judged, because mypy stopped: {_said(stopping)}"
    return Report(problems, {name: reason for name in sources if name not in problems}, others="excluded")


def _sources(log: str) -> list[str]:
    found = []
    for path in _SOURCE.findall(log):
        try:
            name = ast.literal_eval(path)
        except (ValueError, SyntaxError) as error:
            raise ReportError(f"its log names a file in an unknown way: {path[:200]!r}") from error
        if isinstance(name, str):  # a module that is named is looked for later
            found.append(os.path.normpath(name))
    return found


def _message(line: str, output: Output) -> Mapping[str, Any]:
    import json

    try:
        found = json.loads(line)
        kinds = [(found["file"], str), (found["line"], int), (found["column"], int), (found["message"], str)]
        if all(isinstance(value, kind) for value, kind in kinds) and found["severity"] in ("error", "note"):
            return dict(found)
    except (ValueError, LookupError, TypeError):
        pass
    raise ReportError(f"not a message of mypy: {line[:300]!r} (exit code {output.exit_code})")


def _problems(messages: list[Mapping[str, Any]]) -> dict[str, list[Problem]]:
    """Return the errors by file. Notes that belong to one are its hints; those that stand alone are no findings."""
    problems: dict[str, list[Problem]] = {}
    for one in messages:
        if one["severity"] == "error":
            problems.setdefault(os.path.normpath(one["file"]), []).append(_problem(one))
    return problems


def _problem(one: Mapping[str, Any]) -> Problem:
    code = one.get("code") or "misc"
    severity, category = _rank(code)
    line, end = one["line"], one.get("end_line")
    return Problem(
        rule=code,
        message="; ".join([one["message"], *_hints(one.get("hint"))]),
        line=line if line > 0 else None,
        column=one["column"] + 1 if line > 0 and one["column"] >= 0 else None,
        end_line=end if isinstance(end, int) and end >= line > 0 else None,
        end_column=_end(one) if line > 0 else None,
        severity=severity,
        category=category,
    )


def _end(one: Mapping[str, Any]) -> int | None:
    end_line, column = one.get("end_line"), one.get("end_column")
    if not isinstance(end_line, int) or not isinstance(column, int) or min(column, one["column"]) < 0:
        return None
    return column + 1 if (end_line, column) > (one["line"], one["column"]) else None


def _hints(text: str | None) -> list[str]:
    """Return what is said beside a message; where to read more about it is no part of a finding."""
    return [line.strip() for line in (text or "").splitlines() if line.strip() and not line.startswith("See https://")]


def _rank(code: str) -> tuple[Severity, Category]:
    if code == _SYNTAX:
        return "error", "syntax"
    return ("warning" if code in _WARNINGS else "error"), "type"


def _said(messages: list[Mapping[str, Any]]) -> str:
    errors = [one for one in messages if one["severity"] == "error"] or messages
    return "; ".join(f"{one['file']}:{one['line']}: {one['message']}" for one in errors)[:300]
