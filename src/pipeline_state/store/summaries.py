"""A finished run in short, for the registry: what is left of it when its worktree is removed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pipeline_state.errors import StateError, UsageError
from pipeline_state.location import archived_token
from pipeline_state.store import registry

if TYPE_CHECKING:
    from pipeline_state.store.runs import Run
    from pipeline_state.store.state import State


def record_finished(state: State, run_ids: Iterable[str]) -> None:
    """Write the summaries of runs that have just come to their end into the registry, as far as that can be done."""
    location = state.location
    if location is None or location.worktree is None or archived_token(location):
        return
    for run_id in run_ids:
        try:
            run = state.runs.get(run_id)
            # What closed it may have been taken back; and worktrees that share a database have rows of their own.
            if run.status == "running" or run.worktree != state.token:
                continue
            summary = summarize(state, run)
        except (StateError, UsageError):  # the same: or the database is gone, with its worktree perhaps
            continue
        registry.record(location, state.token, summary)


def summarize(state: State, run: Run) -> dict[str, object]:
    """Return a run in short. Times are UTC text; `counts` are of tests by outcome, or of a check's summary."""
    counts: dict[str, int] = {}
    if run.kind == "pytest":
        counts.update(state.attempts.count(run.id))
    else:
        found = state.check_runs.summary(run.id)
        if found is not None:
            counts.update(found._asdict())
    return {
        "id": run.id,
        "kind": run.kind,
        "status": run.status,
        "exit_code": run.exit_code,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "commit_id": run.commit_id,
        "branch": run.branch,
        "counts": counts,
    }
