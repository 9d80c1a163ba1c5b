"""A recorded session as JSON: everything that is kept of it, as `schema/session.schema.json` describes it. Pure."""

from __future__ import annotations

import json
from typing import Any

from pipeline_state.reports.replay import RecordedSession
from pipeline_state.store.attempts import Attempt


def session_json(recorded: RecordedSession) -> str:
    """Return a session as one JSON document with a newline at its end."""
    run, session = recorded.run, recorded.session
    names = ("id", "status", "exit_code", "started_at", "finished_at", "commit_id", "branch", "tree_digest", "host")
    document = {
        **{name: getattr(run, name) for name in names},
        "incomplete": run.incomplete,
        "cut_off": recorded.cut_off,
        "arguments": list(run.arguments),
        "environment": dict(recorded.environment),
        "rootdir": session.rootdir,
        "selection": session.selection,
        "continues": session.continues,
        "collected": session.collected,
        "internal_error": session.internal_error,
        "properties": [{"name": name, "value": value} for name, value in session.properties],
        "tests": [attempt_json(attempt) for attempt in recorded.attempts],
    }
    return json.dumps({"version": 1, "session": document}, indent=1) + "\n"


def attempt_json(attempt: Attempt) -> dict[str, Any]:
    """Return an attempt as it stands in JSON; durations are in seconds, lines count from 1."""
    names = ("node_id", "number", "outcome", "phase", "worker", "started_at", "reason", "failure", "file", "line")
    return {
        **{name: getattr(attempt, name) for name in names},
        "markers": list(attempt.markers),
        "phases": {
            name: {"outcome": phase.outcome, "duration_s": phase.duration} for name, phase in attempt.phases.items()
        },
        "subtests": [
            {
                "position": subtest.position,
                "description": subtest.description,
                "outcome": subtest.outcome,
                "reason": subtest.reason,
                "failure": subtest.failure,
                "duration_s": subtest.duration,
            }
            for subtest in attempt.subtests
        ],
        "values": [value._asdict() for value in attempt.values],
        "details": [detail._asdict() for detail in attempt.details],
        "captured": [section._asdict() for section in attempt.sections],
    }
