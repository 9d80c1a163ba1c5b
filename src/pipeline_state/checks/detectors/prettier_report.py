"""Reads what prettier answers: completely, or not at all."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from pipeline_state.checks.declaration import Output, Report, ReportError
from pipeline_state.checks.findings import Problem
from pipeline_state.checks.parsers.words import last_words
from pipeline_state.named_tuple import NamedTuple

_UNFORMATTED = Problem("unformatted", "prettier would change this file", severity="warning", category="format")

_LINE = re.compile(r"\[(debug|warn|error)\](?: (.*))?", re.DOTALL)
_BEGINNINGS = ("resolve config from '", "load config file from '", "'--no-config' option found")
_NAME = re.compile(r"resolve config from '(.*)'\nloaded options `", re.DOTALL)
_ISSUES = re.compile(r"(?:^|\n)Code style issues found in (?:(\d+) files|the above file(?:\(s\))?)\.[^\n]*$")
_FAILURES = re.compile(r"Error occurred when checking code style in (?:(\d+) files|the above file(?:\(s\))?)\.\n")
_HEADER, _WELL = "Checking formatting...\n", "All matched files use Prettier code style!\n"
_NOTHING_TO_DO = "No matching files. Patterns:"
_NOT_THERE = ("No files matching the pattern were found", "Explicitly specified ")
_NO_PARSER = "No parser could be inferred for file"
_UNPARSED = re.compile(r"(?:\w*Error: )(.*?) \((\d+):(\d+)\)(?:\n|$)", re.DOTALL)


class _File(NamedTuple):
    """What it says while it is at one file, by level."""

    debug: list[str]
    warn: list[str]
    error: list[str]

    @property
    def name(self) -> str | None:
        """The file; `None` where it does not say which."""
        found = _NAME.match("\n".join(self.debug))
        return None if found is None else found[1]


def parse(output: Output) -> Report:
    """Read the log of `--check --log-level=debug`. The numbers must be those of its summary."""
    before, *files = _files(output)
    errors = [" ".join(file.error) for file in (before, *files)]
    if not files and errors[0].startswith(_NOTHING_TO_DO):
        return Report({}, excluded=frozenset(output.names))
    for error in errors:
        if any(words in error for words in _NOT_THERE):
            raise ReportError(error, [name for name in output.names if f'"{name}"' in error])
    issues = _ISSUES.search("\n".join(files[-1].warn)) if files else None
    if issues is not None:
        files[-1].warn[:] = "\n".join(files[-1].warn)[: issues.start()].split("\n") if issues.start() else []
    problems: dict[str, tuple[Problem, ...]] = {}
    unprocessed: dict[str, str] = {}
    excluded: set[str] = set()
    for file in files:
        if file.warn:
            problems[_about("\n".join(file.warn), output.names)[0]] = (_UNFORMATTED,)
        elif file.error and file.error[0].startswith(_NO_PARSER):
            excluded.add(_without_parser("\n".join(file.error), output.names))
        elif file.error:
            name, said = _about("\n".join(file.error), output.names, ": ")
            unparsed = _UNPARSED.match(said)
            if unparsed is None:
                unprocessed[name] = said.partition("\n")[0]
            else:
                problems[name] = (_syntax_error(*unparsed.groups()),)
    unformatted = sum(found == (_UNFORMATTED,) for found in problems.values())
    failed = len(problems) + len(unprocessed) + len(excluded) - unformatted
    _hold_to_summary(output, issues, failed, unformatted)
    names = [file.name for file in files]
    if None not in names:
        judged = frozenset(name for name in names if name is not None)
        return Report(problems, unprocessed, judged, "excluded", frozenset(excluded))
    if len(names) not in (0, len(output.names)):
        raise ReportError("with --config or --no-config it does not say of which files it passes over some")
    return Report(problems, unprocessed, excluded=frozenset(excluded))


def _files(output: Output) -> list[_File]:
    """Return what it says before the first file, and then of each."""
    files = [_File([], [], [])]
    *lines, rest = output.stderr.decode("utf-8", "surrogateescape").split("\n")
    for line in lines:
        found = _LINE.fullmatch(line)
        if found is None or rest:
            raise ReportError(f"its report is not what prettier writes: {last_words(output)}")
        level, message = found[1], found[2] or ""
        if level == "debug" and message.startswith(_BEGINNINGS):
            files.append(_File([], [], []))
        said: list[str] = getattr(files[-1], level)
        said.append(message)
    return files


def _about(text: str, names: Sequence[str], closing: str = "") -> tuple[str, str]:
    """Return which of these files a message begins with, closed like that, and the rest of it."""
    for name in sorted(names, key=len, reverse=True):
        shown = os.path.normpath(name).replace(os.sep, "/") + closing
        if text.startswith(shown) and (closing or text == shown):
            return name, text[len(shown) :]
    raise ReportError(f"it says of none of the files that it was given: {text[:200]!r}")


def _without_parser(text: str, names: Sequence[str]) -> str:
    for name in sorted(names, key=len, reverse=True):
        if re.search(rf"[/\\ \"]{re.escape(os.path.normpath(name))}\"?\.?$", text.partition("\n\n")[0]):
            return name
    raise ReportError(f"it says of none of the files that it was given: {text[:200]!r}")


def _syntax_error(message: str, line: str, column: str) -> Problem:
    return Problem("invalid-syntax", message, max(int(line), 1), max(int(column), 1), category="syntax")


def _hold_to_summary(output: Output, issues: re.Match[str] | None, failed: int, unformatted: int) -> None:
    """Whether the last lines are there, and say as many as were read."""
    closing = output.stdout.decode("utf-8", "replace").removeprefix(_HEADER)
    failures = _FAILURES.fullmatch(closing)
    said_failed = int(failures[1] or 1) if failures else 0
    said_unformatted = int(issues[1] or 1) if issues else 0
    whole = (said_unformatted == unformatted) if not failed else not said_unformatted
    if failures is None and closing != ("" if issues else _WELL):
        whole = False
    if not whole or said_failed != failed:
        raise ReportError(f"its report is not whole: {last_words(output)}")
