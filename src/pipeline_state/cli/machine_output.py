"""The report for machines, in the form that was asked for. Each form is loaded by itself."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline_state.reports.report import RunFacts

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    from pipeline_state.checks.audience import FileOutcome
    from pipeline_state.checks.request import Request
    from pipeline_state.cli.checking import Checked


def report_of(form: str, answer: Checked, request: Request, outcomes: Sequence[FileOutcome]) -> str:
    """Return the report in this form: `json`, `sarif`, `junit` or `github`."""
    result = answer.result
    run = RunFacts(
        id=answer.run_id,
        started_at=answer.started_at,
        duration_s=round(answer.duration_s, 4),
        commit=answer.commit_id,
        branch=answer.branch,
        selection=request.selection.mode,
        exit_code=result.exit_code,
    )
    if form == "json":
        from pipeline_state.reports.report import json_report

        return json_report(result, run)
    if form == "sarif":
        from pathlib import Path

        from pipeline_state.reports.sarif import sarif_report

        return sarif_report(result, run, Path(request.worktree.root))
    if form == "junit":
        from pipeline_state.reports.junit import junit_report

        return junit_report(result, run, outcomes)
    from pipeline_state.reports.github import github_report

    return github_report(result)
