"""Reads SARIF 2.1.0, as the OASIS standard defines it (section numbers below are its own).

A run that says that it failed, that knows no results, or that keeps some of them elsewhere is no verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pipeline_state.checks.declaration import Output, Report, ReportError
from pipeline_state.checks.findings import Category, Problem, Severity
from pipeline_state.checks.parsers import entries, json_text, sarif_rules
from pipeline_state.checks.parsers.sarif_places import Places
from pipeline_state.checks.parsers.sarif_shapes import items, mapping, text

_KINDS: dict[str, Severity] = {"informational": "note", "review": "warning", "open": "warning"}
"""Results of these kinds (3.27.9) have no level, and are to be read by somebody."""

_NO_PROBLEM = frozenset({"pass", "notApplicable"})
_FAILED = ("exitSignalName", "exitSignalNumber", "processStartFailureMessage")


def parse(output: Output, *, category: Category = "other") -> Report:
    """Read the results of all runs; `category` is that of rules which do not say more.

    What is suppressed (3.27.23), or was found in an earlier run alone (3.27.24), is left out.
    """
    log = mapping(json_text.read(output), "log")
    if log.get("version") != "2.1.0":
        raise ReportError(f"its report is not SARIF 2.1.0: version {log.get('version')!r:.100}")
    runs = log.get("runs")
    if not isinstance(runs, list) or not runs or "inlineExternalProperties" in log:
        raise ReportError("its report has no runs, or keeps parts of them outside")
    found = [one for run in runs for one in _of_run(mapping(run, "run"), output.names, category)]
    return Report(entries.by_name(found))


def _of_run(run: dict[str, Any], names: Sequence[str], category: Category) -> Iterator[tuple[str, Problem]]:
    if "externalPropertyFileReferences" in run:
        raise ReportError("its report keeps parts of it in other files")
    if not isinstance(run.get("results"), list):  # absent or null: it does not know (3.14.23)
        raise ReportError("its report has a run without results")
    rules, places = sarif_rules.Rules(run), Places(run, names)
    for invocation in items(run, "invocations"):
        _refuse_failure(invocation, places)
    for result in items(run, "results"):
        rule = rules.of(result)
        severity = _severity(result, rule)
        if severity is None or _is_settled(result):
            continue
        message = rule.message(mapping(result.get("message"), "message"))
        for name, place in places.of(result):
            yield name, entries.problem(rule.id, message, place, severity, rule.category(result, category))


def _refuse_failure(invocation: dict[str, Any], places: Places) -> None:
    """Raise `ReportError` if the tool says that it did not do what it was told (3.20.14, .21, .22)."""
    for kind in ("toolExecutionNotifications", "toolConfigurationNotifications"):
        for notification in items(invocation, kind):
            if notification.get("level") == "error":
                message = mapping(notification.get("message", {}), "message")
                said = message.get("text") or message.get("id") or "without saying which"
                raise ReportError(f"it reports an error: {said!s:.300}", places.named_by(notification))
    if invocation.get("executionSuccessful") is not True:
        raise ReportError("it reports that its execution was not successful")
    failed = next((name for name in _FAILED if invocation.get(name) is not None), None)
    if failed is not None:
        raise ReportError(f"it reports {failed}: {invocation[failed]!r:.300}")


def _is_settled(result: dict[str, Any]) -> bool:
    if text(result, "baselineState") == "absent":
        return True
    states = [text(one, "status") or "accepted" for one in items(result, "suppressions")]
    return bool(states) and all(state == "accepted" for state in states)


def _severity(result: dict[str, Any], rule: sarif_rules.Rule) -> Severity | None:
    """Return how grave a result is; `None` if it is no problem."""
    kind = text(result, "kind") or "fail"
    if kind in _NO_PROBLEM:
        return None
    if kind in _KINDS:
        return _KINDS[kind]
    if kind != "fail":
        raise ReportError(f"its report has a result of a kind that SARIF has not: {kind!r:.100}")
    return rule.severity(text(result, "level"))
