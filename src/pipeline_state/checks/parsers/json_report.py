"""Reads a report that is one JSON document, given where in it the parts of a finding stand."""

from __future__ import annotations

from pipeline_state.checks.declaration import Output, Report
from pipeline_state.checks.parsers import entries, json_text
from pipeline_state.checks.parsers.fields import Fields, findings


def parse(output: Output, fields: Fields) -> Report:
    """Read the findings. Raises `ReportError` for a report that is not whole, or that the fields do not fit."""
    return Report(entries.by_name(findings(json_text.read(output), fields)))
