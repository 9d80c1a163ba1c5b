"""The report for machines: JSON, as `schema/report.schema.json` describes it."""

from __future__ import annotations

import json

from pipeline_state.checks.result import CheckResult
from pipeline_state.named_tuple import NamedTuple

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    from typing import Any


class RunFacts(NamedTuple):
    """What the report says of the run itself. Times are UTC text, `duration_s` is in seconds."""

    id: str | None
    started_at: str
    duration_s: float
    commit: str | None
    branch: str | None
    selection: str
    exit_code: int


def json_report(result: CheckResult, run: RunFacts) -> str:
    """Return the report as one JSON document with a newline at its end."""
    document: dict[str, Any] = {
        "version": 1,
        "run": run._asdict(),
        "summary": result.summary._asdict(),
        "detectors": [detector._asdict() for detector in result.detectors],
        "findings": [finding._asdict() for finding in result.findings],
        "fixed": [fixed._asdict() for fixed in result.fixed],
        "errors": [
            {"detector": one.detector, "path": one.path, "message": one.message, "tolerated": one.tolerated}
            for one in result.troubles
        ],
    }
    if result.verified is not None:
        document["verification"] = result.verified._asdict()
    if result.baseline is not None:
        document["baseline"] = {
            "known": [finding._asdict() for finding in result.baseline.known],
            "gone": [entry._asdict() for entry in result.baseline.gone],
        }
    return _by_lines(document)


def _by_lines(document: dict[str, Any]) -> str:
    """Return a document with one line for each item of its lists: to be read, searched, and compared by line.

    Each line is written by the encoder in C, which does not indent.
    """
    encode = json.JSONEncoder().encode
    fields = []
    for name, value in document.items():
        items = ",\n    ".join(map(encode, value)) if isinstance(value, list) else ""
        fields.append(f"  {encode(name)}: " + (f"[\n    {items}\n  ]" if items else encode(value)))
    return "{\n" + ",\n".join(fields) + "\n}\n"
