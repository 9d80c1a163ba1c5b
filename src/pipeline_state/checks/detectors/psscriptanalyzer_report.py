"""Reads what our script says that PSScriptAnalyzer found, completely or not at all, and what configures it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline_state.checks.declaration import FolderRun, Output, References, Report, ReportError
from pipeline_state.checks.findings import Category, Problem, Severity
from pipeline_state.checks.parsers.words import last_words

_LEVELS: dict[str, Severity] = {"ParseError": "error", "Error": "error", "Warning": "warning", "Information": "note"}

_DANGERS = frozenset(
    (
        *("PSAvoidUsingAllowUnencryptedAuthentication", "PSAvoidUsingBrokenHashAlgorithms", "PSUsePSCredentialType"),
        *("PSAvoidUsingComputerNameHardcoded", "PSAvoidUsingConvertToSecureStringWithPlainText"),
        *("PSAvoidUsingInvokeExpression", "PSAvoidUsingPlainTextForPassword"),
        "PSAvoidUsingUsernameAndPasswordParams",
    )
)
_LOOKS = frozenset(
    (
        *("PSAlignAssignmentStatement", "PSAvoidExclaimOperator", "PSAvoidLongLines", "PSAvoidTrailingWhitespace"),
        *("PSAvoidSemicolonsAsLineTerminators", "PSAvoidUsingDoubleQuotesForConstantString", "PSPlaceCloseBrace"),
        *("PSPlaceOpenBrace", "PSUseConsistentIndentation", "PSUseConsistentWhitespace", "PSUseCorrectCasing"),
        *("PSAvoidUsingCmdletAliases", "PSProvideCommentHelp", "PSUseSingularNouns", "PSUseApprovedVerbs"),
    )
)


def parse(output: Output) -> Report:
    """Read the JSON: what was judged, what could not be, and what was found."""
    import json

    try:
        report = json.loads(output.stdout.decode("utf-8"))
        judged = frozenset(_text(name) for name in _list(report["judged"]))
        failed = {_text(entry["file"]): _text(entry["reason"]) for entry in _list(report["failed"])}
        found = [(_text(entry["file"]), _problem(entry)) for entry in _list(report["results"])]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ReportError(f"it did not say what it found ({error!r}): {last_words(output)}") from error
    problems: dict[str, list[Problem]] = {}
    for name, problem in found:
        problems.setdefault(name, []).append(problem)
    return Report(problems, failed, judged, "excluded")


def references(name: str, content: bytes) -> References:
    """Say when the settings load rules, or profiles of other systems, which are not followed."""
    if re.search(rb"CustomRulePath|ProfileDirPath|TargetProfiles|`", content, re.IGNORECASE):
        return References(unknown=f"{name} loads rules or profiles, and what they look at is not known")
    return References()


def in_arguments(args: Sequence[str]) -> References:
    """Name the file of `-Settings`; one of its own sets of settings is looked for as well, and is no file mostly."""
    return References(tuple(word.partition("=")[2] for word in args if word.startswith("-Settings=")))


def folder_run(root: Path, args: Sequence[str], environment: Mapping[str, str]) -> FolderRun:
    """Let our script know what is a file, by the dot."""
    del root, args, environment
    return FolderRun(dotted=True)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"not a list: {value!r}")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"not a text: {value!r}")
    return value


def _problem(entry: dict[str, Any]) -> Problem:
    """One result. KeyError, TypeError where it is not one."""
    rule, level, places = _text(entry["rule"]), entry["severity"], [entry[key] for key in ("line", "column")]
    places += [entry[key] for key in ("endLine", "endColumn")]
    if any(place is not None and type(place) is not int for place in places):
        raise TypeError(f"not a place: {places!r}")
    line, column, end_line, end_column = (place if place is None else max(place, 1) for place in places)
    severity, category = _LEVELS[level], _category(rule, level)
    return Problem(rule, _text(entry["message"]), line, column, end_line, end_column, severity, category)


def _category(rule: str, level: str) -> Category:
    if level == "ParseError":
        return "syntax"
    if rule in _DANGERS:
        return "security"
    return "style" if rule in _LOOKS else "other"
