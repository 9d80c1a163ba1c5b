"""The report as SARIF 2.1.0, for code scanning. See https://docs.oasis-open.org/sarif/sarif/v2.1.0/.

One run, of pipeline-state; its detectors are extensions with their versions, the rules are called `detector/rule`.
Paths are relative to `SRCROOT`, with the bytes of a name escaped as in any URI. Columns count characters.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pipeline_state._version import __version__
from pipeline_state.checks.result import CheckResult, Trouble
from pipeline_state.reports.report import RunFacts
from pipeline_state.store.findings import SEVERITIES, Finding
from pipeline_state.store.storable import real_path

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "SRCROOT"
FINGERPRINT = "pipelineState/v1"
"""The name under which our fingerprint stands; it stays the same when lines move."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def sarif_report(result: CheckResult, run: RunFacts, root: Path) -> str:
    """Return the report as one JSON document with a newline at its end; `root` is the worktree's."""
    known = result.baseline.known if result.baseline is not None else ()
    rules = _rules((*result.findings, *known), result)
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    state = None if result.baseline is None else "new"
    results = [_result(finding, numbers, state) for finding in result.findings]
    results += [_result(finding, numbers, "unchanged") for finding in known]
    results += [_absent(entry, numbers) for entry in (result.baseline.gone if result.baseline is not None else ())]
    document = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "pipeline-state",
                        "version": __version__,
                        "semanticVersion": __version__,
                        "rules": rules,
                    },
                    "extensions": [_extension(one.id, one.version) for one in result.detectors],
                },
                "invocations": [_invocation(result, run)],
                "originalUriBaseIds": {ROOT: {"uri": f"{_file_uri(root)}/"}},
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def _rules(findings: Iterable[Finding], result: CheckResult) -> list[dict[str, Any]]:
    """Return each rule that is named, once; its level is the gravest that it was found with."""
    gravest: dict[str, Finding] = {}
    for finding in findings:
        name = _rule_id(finding.detector, finding.rule)
        before = gravest.get(name)
        if before is None or SEVERITIES.index(finding.severity) < SEVERITIES.index(before.severity):
            gravest[name] = finding
    rules = {
        name: {
            "id": name,
            "name": _text(one.rule),
            "shortDescription": {"text": f"{_text(one.detector)} {_text(one.rule)}"},
            "defaultConfiguration": {"level": one.severity},
            "properties": {"tags": [one.category]},
        }
        for name, one in gravest.items()
    }
    for entry in result.baseline.gone if result.baseline is not None else ():
        name = _rule_id(entry.detector, entry.rule)
        rules.setdefault(name, {"id": name, "name": _text(entry.rule)})
    return [rules[name] for name in sorted(rules)]


def _result(finding: Finding, rules: dict[str, int], baseline_state: str | None) -> dict[str, Any]:
    name = _rule_id(finding.detector, finding.rule)
    place: dict[str, Any] = {"artifactLocation": _artifact(finding.path)}
    region = _region(finding)
    if region:
        place["region"] = region
    found: dict[str, Any] = {
        "ruleId": name,
        "ruleIndex": rules[name],
        "level": finding.severity,
        "message": {"text": _text(finding.message) or name},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {FINGERPRINT: finding.fingerprint},
        "properties": {"detector": _text(finding.detector), "category": finding.category},
    }
    if baseline_state is not None:
        found["baselineState"] = baseline_state
    return found


def _absent(entry: Any, rules: dict[str, int]) -> dict[str, Any]:
    name = _rule_id(entry.detector, entry.rule)
    return {
        "ruleId": name,
        "ruleIndex": rules[name],
        "message": {"text": _text(entry.message) or name},
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(entry.path)}}],
        "partialFingerprints": {FINGERPRINT: entry.fingerprint},
        "baselineState": "absent",
    }


def _region(finding: Finding) -> dict[str, int]:
    """Return the place in the file; what contradicts itself is left out, as the standard allows no such region."""
    if finding.line is None:
        return {}
    region = {"startLine": finding.line}
    if finding.column is not None:
        region["startColumn"] = finding.column
    if finding.end_line is not None and finding.end_line >= finding.line:
        region["endLine"] = finding.end_line
    on_one_line = finding.end_line in (None, finding.line)
    if finding.column is not None and finding.end_column is not None:
        forward = finding.end_column >= finding.column if on_one_line else "endLine" in region
        if forward:
            region["endColumn"] = finding.end_column
    return region


def _invocation(result: CheckResult, run: RunFacts) -> dict[str, Any]:
    said: dict[str, Any] = {
        "executionSuccessful": run.exit_code != 3,
        "exitCode": run.exit_code,
        "startTimeUtc": run.started_at,
    }
    if result.troubles:
        said["toolExecutionNotifications"] = [_notification(trouble) for trouble in result.troubles]
    return said


def _notification(trouble: Trouble) -> dict[str, Any]:
    said: dict[str, Any] = {
        "level": "warning" if trouble.tolerated else "error",
        "message": {"text": _text(trouble.message) or "not judged"},
    }
    if trouble.path is not None:
        said["locations"] = [{"physicalLocation": {"artifactLocation": _artifact(trouble.path)}}]
    if trouble.detector is not None:
        said["properties"] = {"detector": _text(trouble.detector)}
    return said


def _extension(name: str, version: str) -> dict[str, str]:
    return {"name": _text(name), **({"version": _text(version)} if version else {})}


def _artifact(path: str) -> dict[str, str]:
    return {"uri": quote(os.fsencode(real_path(path))), "uriBaseId": ROOT}


def _file_uri(root: Path) -> str:
    posix = root.as_posix()
    return f"file://{'' if posix.startswith('/') else '/'}{quote(os.fsencode(posix), safe='/:')}"


def _rule_id(detector: str, rule: str) -> str:
    return _text(f"{detector}/{rule}")


def _text(text: str) -> str:
    """Return a text without lone surrogates, which are no characters."""
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
