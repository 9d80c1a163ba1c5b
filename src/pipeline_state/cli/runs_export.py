"""`pipeline-state runs export`: a recorded session in a form that other programs read."""

from __future__ import annotations

import argparse
import os
import sys

from pipeline_state.cli.answers import remark
from pipeline_state.errors import StateError, UsageError
from pipeline_state.reports.replay import RecordedSession
from pipeline_state.store.runs import Run
from pipeline_state.store.state import State

FORMATS = ("junit", "reportlog", "json")


def add_export(parser: argparse.ArgumentParser) -> None:
    """Declare what `pipeline-state runs export` understands."""
    parser.add_argument("run_id", metavar="RUN", help="the id of a session, a unique prefix of it, or `latest`")
    parser.add_argument("--format", choices=FORMATS, required=True, help="JUnit XML, pytest-reportlog, or all as JSON")
    parser.add_argument("--output", metavar="PATH", help="write to this file (default: standard output)")


def export(state: State, run: Run, form: str, output: str | None) -> None:
    """Write a session in this form. Raises `UsageError` if the run is none, `StateError` if it cannot be written."""
    try:
        text = _text(_recorded(state, run), form)
    except ValueError as error:  # a time that is none
        raise state.database.damaged(f"run {run.id} cannot be exported: {error}") from error
    if output is None:
        _print(text)
        return
    path = os.path.expanduser(output)
    try:
        _write(path, text.encode("utf-8"))
    except OSError as error:
        raise StateError(f"cannot write run {run.id} to {output}: {error.strerror}") from error
    remark([f"run {run.id} is in {output}"])


def _recorded(state: State, run: Run) -> RecordedSession:
    session = state.sessions.find(run.id)
    if session is None:
        raise UsageError(f"run {run.id} is no session of pytest; only those can be exported")
    return RecordedSession(run, session, state.attempts.of_run(run.id), state.runs.environment_of(run))


def _text(recorded: RecordedSession, form: str) -> str:
    if form == "junit":
        from pipeline_state.reports.session_junit import junit_xml

        return junit_xml(recorded)
    if form == "reportlog":
        from pipeline_state.reports.session_log import report_log

        return report_log(recorded)
    from pipeline_state.reports.session_json import session_json

    return session_json(recorded)


def _print(text: str) -> None:
    sys.stdout.flush()
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:  # standard output was replaced by something that takes text
        print(text, end="")
        return
    buffer.write(text.encode("utf-8"))  # what the XML says of itself, whatever the terminal's encoding is
    buffer.flush()


def _write(path: str, content: bytes) -> None:
    """Write a file as a whole or not at all; a pipe, a device or a link is written to as it is."""
    if os.path.islink(path) or (os.path.exists(path) and not os.path.isfile(path)):
        with open(path, "wb") as file:
            file.write(content)
        return
    temporary = f"{path}.{os.urandom(4).hex()}.tmp"
    try:
        with open(temporary, "xb") as file:
            file.write(content)
        os.replace(temporary, path)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise
