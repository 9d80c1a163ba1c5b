"""One check with the state of the worktree we are in: what `check` and `baseline` have in common."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable

from pipeline_state.checks.audience import NOBODY, Audience
from pipeline_state.checks.check import check
from pipeline_state.checks.recording import Recording
from pipeline_state.errors import NoWorktreeError, StateError
from pipeline_state.git.head import Head
from pipeline_state.location import Location, Worktree, find_worktree, locate
from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store import clock
from pipeline_state.store.liveness import runs_folder
from pipeline_state.store.state import State, open_at

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    from pipeline_state.checks.request import Request
    from pipeline_state.checks.result import CheckResult


class Checked(NamedTuple):
    """A check that was made: what it came to, how it is recorded, and what the user should read.

    `run_id` is `None` if nothing could be stored. `started_at` is UTC text, `duration_s` is in seconds.
    """

    result: CheckResult
    run_id: str | None
    notices: tuple[str, ...]
    started_at: str
    duration_s: float
    commit_id: str | None
    branch: str | None


def located(database: str | None) -> tuple[Location, Worktree]:
    """Return where the database is, and the worktree. Raises `NoWorktreeError` where there is none."""
    try:
        location = locate(database)
        return location, location.worktree or find_worktree()  # which raises, and says why
    except NoWorktreeError as error:
        raise NoWorktreeError(
            f"{os.getcwd()} is not in a Git worktree; change to one: what is checked are its files"
        ) from error


def checked(location: Location, request: Request, audience: Audience = NOBODY) -> Checked:
    """Check with the state that lies there; without it, if it cannot be used."""
    started_at, start = clock.now(), time.perf_counter()
    head = Head(request.worktree.root)
    notices: list[str] = []
    try:
        result, run_id = _check_with(lambda: open_at(location), request, head, notices, audience)
    except StateError as error:
        # A cache that cannot be read runs the tools.
        notices = [f"{error}; going on without stored verdicts"]
        nowhere = Location(None, "argument", None)
        result, _ = _check_with(lambda: open_at(nowhere), request, head, notices, audience)
        run_id = None
    commit_id, branch = head.answer()
    duration_s = time.perf_counter() - start
    return Checked(result, run_id, tuple(notices), started_at, duration_s, commit_id, branch)


def _check_with(
    opened: Callable[[], State], request: Request, head: Head, notices: list[str], audience: Audience
) -> tuple[CheckResult, str | None]:
    """Check with this state, close it, and return the result with the id under which it is recorded."""
    with opened() as state:
        notices += state.notices
        recording = Recording(state, sys.argv[1:], *head.answer())
        if request.use_cache and not state.has_verdicts:
            from pipeline_state.store.warm_start import warm_start

            warm_start(state, head.answer()[0])
        result = check(state, request, recording, audience)
        notices += recording.notices
        try:
            _tidy(state, request.worktree.root)
        except StateError as error:
            notices.append(str(error))
        return result, recording.run_id


def _tidy(state: State, root: str) -> None:
    """Take in what dead runs left behind, if anything was left, and forget what is old, if anything was judged."""
    if state.database.path is None or state.read_only:
        return
    try:
        left_behind = os.listdir(runs_folder(state.database.path))
    except OSError:  # there is no such folder: nothing is running, and nothing was left
        left_behind = []
    if left_behind:
        from pipeline_state.store.intake import take_in

        take_in(state)
        state.runs.close_dead("check")
    if "pipeline_state.checks.judging" in sys.modules:  # not on the hot path
        from pathlib import Path

        from pipeline_state.config import load_configuration

        state.housekeeping(load_configuration(Path(root)).retention)
