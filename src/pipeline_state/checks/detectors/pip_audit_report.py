"""Reads what pip-audit answers of one file: completely, or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline_state.checks.declaration import FolderRun, Output, Report, ReportError
from pipeline_state.checks.findings import Problem
from pipeline_state.checks.parsers import entries, json_text
from pipeline_state.checks.parsers.words import last_words

_NO_AUDIT = {
    **dict.fromkeys(("-d", "--dry-run"), "nothing is audited"),
    "--fix": "files are changed",
    **dict.fromkeys(("-o", "--output"), "its report goes elsewhere"),
    **dict.fromkeys(("-r", "--requirement", "-l", "--local", "--path"), "it audits something else"),
}


def parse(output: Output) -> Report:
    """Read the dependencies of the one file. One that could not be audited is said to be so: it is not clean."""
    try:
        found = list(_problems(json_text.read(output)["dependencies"]))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ReportError(f"its report is not what pip-audit writes ({error!r}): {last_words(output)}") from error
    if any(problem.rule != _NOT_AUDITED for problem in found) != (output.exit_code == 1):
        raise ReportError(f"its exit code and its report say different things: {last_words(output)}")
    return Report(dict.fromkeys(output.names, found))


def folder_run(root: Path, args: Sequence[str], environment: Mapping[str, str]) -> FolderRun:
    """Refuse arguments with which nothing would be audited, or something else."""
    del root, environment
    for argument in args:
        reason = _NO_AUDIT.get(argument.partition("=")[0])
        if reason is not None:
            raise ReportError(f"with the argument {argument}, {reason}; take it out of `args`")
    return FolderRun()


_NOT_AUDITED = "not-audited"


def _problems(dependencies: list[dict[str, Any]]) -> Iterator[Problem]:
    for one in dependencies:
        name = entries.text(one["name"], "name of a dependency")
        if "skip_reason" in one:
            reason = entries.text(one["skip_reason"], "reason")
            yield entries.problem(_NOT_AUDITED, f"{name}: {reason}", entries.Place(), "note", "other")
            continue
        version = entries.text(one["version"], "version of a dependency")
        for vulnerability in one["vulns"]:
            fixed = [entries.text(each, "version") for each in vulnerability["fix_versions"]]
            remedy = f"fixed in {', '.join(fixed)}" if fixed else "no version fixes it"
            description = " ".join(entries.text(vulnerability.get("description") or "", "description").split())
            message = f"{name} {version} is vulnerable, {remedy}: {description[:300]}".rstrip(": ")
            rule = entries.text(vulnerability["id"], "id of a vulnerability")
            yield entries.problem(rule, message, entries.Place(), "error", "security")
