"""Reads what gitleaks answers of a file or folder, completely or not at all. Nothing that it found is ever repeated."""

from __future__ import annotations

import re
from typing import Any

from pipeline_state.checks.declaration import Output, Report, ReportError
from pipeline_state.checks.findings import Problem
from pipeline_state.checks.parsers import entries, json_text

HIDDEN = "REDACTED"
"""What gitleaks writes in the place of a secret."""

_LOGGED = re.compile(
    r"^(?:\x1b\[\d+m)?\d+:\d+[AP]M(?:\x1b\[0m)? (?:\x1b\[\d+m)?([A-Z]{3})(?:\x1b\[0m)? (.*)$", re.MULTILINE
)
_SCANNED = "scanning path path="
_PASSED_OVER = "skipping "
_END = "scanned ~"
_SAID_OF_FINDINGS = ("leaks found: ",)
_GRAVE = frozenset({"WRN", "ERR", "FTL", "PNC"})


def parse(output: Output) -> Report:
    """Read the findings, and in the log whether the file was scanned: with no findings, there is no other sign."""
    logged = _LOGGED.findall(output.stderr.decode("utf-8", "replace"))
    for level, text in logged:
        if level in _GRAVE and not text.startswith(_SAID_OF_FINDINGS):
            raise ReportError(" ".join(text[:300].split()))
    found = [_problem(entry) for entry in _entries(output)]
    if bool(found) != (output.exit_code == 1):
        raise ReportError(f"its exit code is {output.exit_code}, its report lists {len(found)} findings")
    if len(output.names) > 1:
        return _of_folder(output, found, logged)
    scanned = sum(text.startswith(_SCANNED) for _, text in logged)
    passed_over = any(text.startswith(_PASSED_OVER) and "finding" not in text for _, text in logged)
    if scanned + (not scanned and passed_over) != len(output.names):
        raise ReportError("its log does not say that it scanned this file, or that it passed over it")
    if not scanned and found:
        raise ReportError("it reports on a file that it did not scan")
    return Report(entries.by_name(found), excluded=frozenset() if scanned else frozenset(output.names))


def _of_folder(output: Output, found: list[tuple[str, Problem]], logged: list[tuple[str, str]]) -> Report:
    """Of a whole folder, only what is said of the files that are asked for counts; the log shows their names plainly.

    The log must come to its end: what it did not get to, it did not pass over.
    """
    if not any(text.startswith(_END) for _, text in logged):
        raise ReportError("its log does not say that it came to an end")
    asked = frozenset(output.names)
    scanned = {text.removeprefix(_SCANNED) for _, text in logged if text.startswith(_SCANNED)}
    mine = [(name, problem) for name, problem in found if name in asked]
    if any(name not in scanned for name, _ in mine):
        raise ReportError("it reports on a file that it did not scan")
    return Report(entries.by_name(mine), judged=asked & scanned, others="excluded")


def _entries(output: Output) -> list[Any]:
    # What cannot be read is not quoted: it may be what nobody should see.
    try:
        found = json_text.parsed(output.stdout)
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise ReportError("its report is not the list of findings that gitleaks writes")
    return found


def _problem(entry: Any) -> tuple[str, Problem]:
    if not isinstance(entry, dict):
        raise ReportError("its report has a finding that is no object")
    # What matched is more than the secret under most rules: `api_key = "REDACTED"`. That is not repeated, either.
    if entry.get("Secret") != HIDDEN:
        raise ReportError("its report shows what it found; take what undoes --redact out of `args`")
    # Its columns count the end of the line before, but for the first line: they are left out.
    place = entries.Place(entries.number(entry.get("StartLine"), "line"))
    rule, message = entries.text(entry.get("RuleID"), "rule"), entries.text(entry.get("Description"), "description")
    return entries.name(entry.get("File")), entries.problem(rule, message, place, "error", "security")
