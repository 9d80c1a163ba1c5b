"""Reads what ruff answers: completely, or not at all."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from pipeline_state.checks.declaration import Output, Report, ReportError
from pipeline_state.checks.detectors.ruff_rules import rank
from pipeline_state.checks.findings import Problem

_UNPROCESSED = frozenset({"E902", "io", "io-error", "panic", "internal-error"})
"""What ruff reports of a file that it could not read, or that it broke down on."""

_UNFORMATTED = Problem("unformatted", "ruff format would change this file", severity="warning", category="format")


def parse_check(output: Output) -> Report:
    """Read the JSON of `ruff check`. Files that only stderr says were passed over are an error, never clean."""
    report = _read(output)
    lost = _lost_on_stderr(output)
    if lost and output.exit_code == 0:
        # With exit code 0 ruff says of these files that they are clean; of the others we do not know.
        raise ReportError(f"exit code 0, but {next(iter(lost.values()))}", tuple(lost))
    return Report(report.problems, {**lost, **report.unprocessed})


def parse_included(output: Output) -> frozenset[str]:
    """Read `--show-files`: one absolute path a line, line ends within names printed as they are."""
    if output.exit_code != 0:
        raise ReportError(f"--show-files ended with exit code {output.exit_code}: {_last_words(output)}")
    listed = output.stdout.decode("utf-8", "surrogateescape")
    included = set()
    for name in output.argv[1:]:
        shown = f"/{_shown(name)}\n"
        if "\n" in name and shown in listed:
            included.add(name)
            listed = re.sub(rf"[^\n]*{re.escape(shown)}", "", listed, count=1)
    return frozenset({*included, *listed.splitlines()})


def parse_format(output: Output) -> Report:
    """Read `ruff format --check`: JSON from 0.16 on (and in preview from 0.13), lines of text before."""
    if output.stdout.lstrip().startswith(b"["):
        report = _read(output)
        _lost_on_stderr(output)
    else:
        report = _read_text(output)
    if (
        output.exit_code == 2
        and not report.unprocessed
        and not any(problem.rule == "invalid-syntax" for problems in report.problems.values() for problem in problems)
    ):
        raise ReportError(f"exit code 2 for no reason that its report names: {_last_words(output)}")
    return report


def _read(output: Output) -> Report:
    import json

    try:
        entries = json.loads(output.stdout.decode("utf-8"))
        if not isinstance(entries, list):
            raise TypeError(f"a {type(entries).__name__}")
        read = [_entry(entry) for entry in entries]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ReportError(f"its report is not what ruff writes ({error!r}): {_last_words(output)}") from error
    problems: dict[str, list[Problem]] = {}
    unprocessed = {}
    for name, problem in read:
        if problem.rule in _UNPROCESSED:
            unprocessed[name] = problem.message
        else:
            problems.setdefault(name, []).append(problem)
    return Report({name: found for name, found in problems.items() if name not in unprocessed}, unprocessed)


def _entry(entry: dict[str, Any]) -> tuple[str, Problem]:
    """One object of the report. KeyError, TypeError, ValueError where it is not one."""
    code, name, message = entry["code"], entry["filename"], entry["message"]
    if not (isinstance(name, str) and name and isinstance(message, str) and isinstance(code, str | None)):
        raise TypeError(f"not an entry: {entry!r}")
    if code is None or code == "E999":  # how a syntax error was written before 0.12
        code, message = "invalid-syntax", message.removeprefix("SyntaxError: ")
    if code == "unformatted":
        return name, _UNFORMATTED
    severity, category = rank(code)
    start, end = _place(entry["location"]), _place(entry["end_location"])
    if entry.get("cell") is not None:
        # Lines count within the cell: they are not lines of the user's file.
        return name, Problem(
            code, f"cell {entry['cell']}, line {start[0]}: {message}", severity=severity, category=category
        )
    return name, Problem(code, message, *start, *max(start, end), severity, category)


def _place(location: dict[str, Any] | None) -> tuple[int, int]:
    if location is None:
        return 1, 1
    row, column = location["row"], location["column"]
    if type(row) is not int or type(column) is not int:
        raise TypeError(f"not a location: {location!r}")
    return max(row, 1), max(column, 1)


_WOULD_REFORMAT = re.compile(r"Would reformat: (.*?)\n(?=Would reformat: |\d+ files? |\Z)", re.DOTALL)
_SUMMARY = re.compile(
    r"^(?:(\d+) files? would be reformatted)?(?:, )?(?:\d+ files? (?:already formatted|left unchanged))?$"
)


def _read_text(output: Output) -> Report:
    """Read the lines that `format --check` wrote before 0.16. Their number must be the one in the summary."""
    text = output.stdout.decode("utf-8", "replace")
    names = _WOULD_REFORMAT.findall(text)
    rest = _WOULD_REFORMAT.sub("", text).strip()
    summary = _SUMMARY.match(rest)
    nothing_left = not rest and "No Python files found" in output.stderr.decode("utf-8", "replace")
    failed = output.exit_code == 2 and not rest
    if not nothing_left and not failed and (summary is None or not rest or int(summary[1] or 0) != len(names)):
        raise ReportError(f"its report is not what ruff writes: {_last_words(output)}")
    problems: dict[str, list[Problem]] = {name: [_UNFORMATTED] for name in names}
    unprocessed = {}
    for name, what, where in _complaints(output):
        if what == "parse":
            row, _, message = where.partition(":")
            column, _, message = message.partition(": ")
            severity, category = rank("invalid-syntax")
            line = int(row) if row.isdigit() else None
            place = int(column) if line and column.isdigit() else None
            problems[name] = [
                Problem("invalid-syntax", message or where, line, place, severity=severity, category=category)
            ]
        else:
            unprocessed[name] = where
    return Report(problems, unprocessed)


def _lost_on_stderr(output: Output) -> dict[str, str]:
    return {name: where for name, what, where in _complaints(output) if what != "parse"}


_COMPLAINT = re.compile(r"^(?:error|warning): (?:Failed to (\w+) )(.*)$", re.MULTILINE | re.DOTALL)


def _complaints(output: Output) -> Iterator[tuple[str, str, str]]:
    """What stderr says of single files: the name as it was given, what failed, and why.

    Warnings about the configuration are passed over. Anything else there puts the whole answer in doubt.
    """
    text = output.stderr.decode("utf-8", "replace")
    given = {_shown(name): name for name in output.argv[1:]}
    for message in re.split(r"\n(?=(?:error|warning): |ruff failed|thread ')", text):
        complaint = _COMPLAINT.match(message.strip("\n"))
        if complaint is None:
            if message.startswith(("error", "ruff failed")) or "anicked" in message:
                raise ReportError(" ".join(message[:300].split()))
            continue
        what, rest = complaint[1], complaint[2]
        names = [shown for shown in given if rest.startswith((f"{shown}:", f"{shown} "))]
        if not names:
            raise ReportError(" ".join(message[:300].split()))
        shown = max(names, key=len)
        yield given[shown], what, " ".join(rest[len(shown) + 1 :].split()) or what


def _shown(name: str) -> str:
    """A name as ruff prints it: without `./`, undecodable bytes replaced."""
    return os.fsencode(os.path.normpath(name)).decode("utf-8", "replace")


def _last_words(output: Output) -> str:
    text = (output.stderr.strip() or output.stdout.strip()).decode("utf-8", "replace")
    return " ".join(text[-300:].split()) or "it said nothing"
