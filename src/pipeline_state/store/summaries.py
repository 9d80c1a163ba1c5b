"""A finished run in short, for the registry: what is left of it when its worktree is removed."""

from __future__ import annotations

from collections import Counter

from pipeline_state.errors import StateError, UsageError
from pipeline_state.location import archived_token
from pipeline_state.store import clock, registry

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline_state.location import Location
    from pipeline_state.store.intake import Reading
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


def summarize_journal(reading: Reading) -> dict[str, object]:
    """Return what a session came to of which there is only the journal."""
    outcomes = {part.node_id: part.outcome for part in reading.parts_after(0)}
    header = reading.header
    exit_status, ended = reading.end or (None, None)
    return {
        "id": header.run,
        "kind": "pytest",
        "status": "interrupted" if exit_status is None else "finished",
        "exit_code": exit_status,
        "started_at": clock.at(header.started),
        "finished_at": None if ended is None else clock.at(ended),
        "commit_id": header.commit,
        "branch": header.branch,
        "counts": dict(Counter(outcomes.values())),
    }


def record_journal(location: Location, reading: Reading) -> bool:
    """Write the summary of a session whose worktree was removed under it; return whether that could be done."""
    return registry.record(location, reading.header.worktree, summarize_journal(reading))
