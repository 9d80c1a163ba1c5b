"""Records a test session: every start and every report is in the journal before the hook returns.

Batches go from the journal into the database now and then; the rest at the end, or by whatever command comes next.
A recorder must not change what becomes of the tests: whatever fails in it ends in one warning.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline_state.errors import BusyDatabaseError, PipelineStateError
from pipeline_state.pytest_plugin.changes import changes_in_words
from pipeline_state.pytest_plugin.chronicle import Chronicle
from pipeline_state.pytest_plugin.keeping import keeping
from pipeline_state.pytest_plugin.markers import markers_of
from pipeline_state.pytest_plugin.outcomes import PASSED, TEARDOWN
from pipeline_state.pytest_plugin.recorded import RUN, RecordedRun
from pipeline_state.pytest_plugin.surroundings import Place, describe_session
from pipeline_state.store import recording
from pipeline_state.store.intake import Reading, store, take_in
from pipeline_state.store.journal import Header, Journal, spill_base
from pipeline_state.store.private_files import prepare_folder
from pipeline_state.store.state import State, open_at

if TYPE_CHECKING:
    from pipeline_state.pytest_plugin.selecting import Selector

_BATCH_EVERY_NS = 10_000_000_000
_BATCH_PAUSE = 50
"""A batch that took long is followed by a pause so many times as long."""


class Recorder:
    """The plugin that is registered while a session is recorded; under xdist in the controller only."""

    def __init__(self, config: pytest.Config, environ: dict[str, str], place: Place, selector: Selector | None) -> None:
        self._config = config
        self._selector = selector
        self._environ = environ
        self._place = place
        self._keeping = keeping(config)
        self._session: pytest.Session | None = None
        self._chronicle: Chronicle | None = None  # None: nothing is recorded, or nothing more
        self._journal: Journal | None = None
        self._header: Header | None = None
        self._lost: str | None = None
        self._not_stored: str | None = None
        self._held_up: BusyDatabaseError | None = None
        self._warnings: list[str] = []
        self._changes = ""
        self._state: State | None = None
        self._asks = False
        # Bound now, out of reach of tests that freeze the clock.
        self._now = time.time_ns
        self._elapsed = time.monotonic_ns

    # the session ----------------------------------------------------------------------------------------------------

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Begin the journal, before anything is collected."""
        self._session = session
        with self._losing("the start"):
            self._begin()

    def pytest_report_header(self) -> str | None:
        """Say what is recorded where."""
        if self._chronicle is None or self._journal is None:
            return None
        return f"pipeline-state: recording run {self._journal.run} in {self._place.location.path}"

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Record what could not be collected, or was skipped as a whole."""
        if self._chronicle is None or report.outcome == PASSED:
            return
        with self._losing(report.nodeid):
            self._chronicle.uncollected(report)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Record what was chosen to run."""
        self._collected([item.nodeid for item in session.items])
        if self._chronicle is not None and session.items:
            with self._losing("the markers"):
                self._chronicle.marked(markers_of(session.items))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Record what a worker collected."""
        self._collected(ids)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say how much was recorded and where to look, or what went wrong."""
        self._store(last=True)
        for line in self._summary():
            terminalreporter.write_line(line)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """End the record after everybody else, the terminal's summary included, has done what belongs to the end."""
        try:
            return (yield)
        finally:
            self._end(int(session.exitstatus))

    def pytest_unconfigure(self) -> None:
        """End what is still open (another plugin failed at the start), and say what there was no terminal to say."""
        if self._session is not None:
            self._end(int(self._session.exitstatus))
        for warning in self._warnings:
            logging.getLogger("pipeline_state").warning("pipeline-state: warning: %s", warning)

    def pytest_internalerror(self, excrepr: object) -> None:
        """Record that pytest itself, or a plugin, failed."""
        if self._chronicle is not None:
            with self._losing("the internal error"):
                self._chronicle.failed_inside(str(excrepr))

    def add_property(self, name: str, value: str) -> None:
        """Record what the session says of itself as a whole."""
        if self._chronicle is not None:
            with self._losing("a property of the suite"):
                self._chronicle.add_property(name, value)

    # the tests ------------------------------------------------------------------------------------------------------

    # They come from `Passing`, which hears of all of them first, and records those that pass and say nothing.

    def started(self, node_id: str, location: tuple[str, int | None, str]) -> None:
        """Record that a test begins."""
        if self._chronicle is not None:
            self._chronicle.started(node_id, location)

    def reported(self, report: pytest.TestReport) -> None:
        """Record what became of a phase, a subtest, or a test whose worker died."""
        chronicle = self._chronicle
        if chronicle is None:
            return
        if self._asks:
            ask = self._config.hook.pytest_pipeline_state_record
            chronicle.add_values(report, lambda attempt: ask(report=report, attempt=attempt))
        chronicle.reported(report)
        if report.when == TEARDOWN and self._elapsed() > chronicle.passing.due:
            self._store()

    def lost(self, node_id: str, error: Exception) -> None:
        """Give up recording."""
        self._lose(node_id, error)

    def store(self) -> None:
        """Bring what has happened into the database."""
        self._store()

    # how ------------------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        place = self._place
        header = describe_session(self._config, place, self._environ)
        if self._selector is not None:
            header = self._selector.decide(header, place)
        self._header = header
        try:
            prepare_folder(os.path.dirname(place.database))
            self._journal = Journal.create(place.database, header)
        except (PipelineStateError, OSError):
            # Why the folder cannot be written is said at the end, if the database cannot be written either.
            self._journal = Journal.create(spill_base(place.token, self._environ), header)
        self._chronicle = Chronicle(self._journal, self, self._keeping)
        self._config.pluginmanager.register(self._chronicle.passing, "pipeline_state_passing")
        self._config.stash[RUN] = RecordedRun(header.run, Path(place.database))
        self._store(first=True)

    def _collected(self, node_ids: Sequence[str]) -> None:
        # Conftest files below the root are known only now.
        self._asks = bool(self._config.hook.pytest_pipeline_state_record.get_hookimpls())
        if self._chronicle is not None:
            if self._asks:
                self._chronicle.passing.stop()
            with self._losing(next(iter(node_ids), "the collection")):
                self._chronicle.collected(node_ids)

    @contextmanager
    def _losing(self, node_id: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001 - see the module's docstring
            self._lose(node_id, error)

    def _lose(self, node_id: str, error: Exception) -> None:
        """Give up: nothing more is recorded. What the journal holds still reaches the database."""
        if self._chronicle is not None:
            self._chronicle.passing.stop()
        self._chronicle = None
        journal = self._journal
        if journal is None:
            self._warnings.append(f"nothing is recorded: {say(error)}")
        elif journal.is_ours:
            self._lost = f"nothing is recorded from {node_id} on: {say(error)}"
            self._warnings.append(self._lost)
            try:
                journal.mark_cut_short()
            except OSError as second:
                self._warnings.append(f"{say(second)}: a later command will not know that the record is cut short")

    def _store(self, *, first: bool = False, last: bool = False) -> None:
        """Bring what happened since the last time into the database.

        Once that fails it is not tried again before the end: waiting for a database would cost the tests their time.
        """
        journal = self._journal
        if journal is None or self._chronicle is None or not journal.is_ours or self._not_stored:
            return
        begun = self._elapsed()
        try:
            with recording.collector_paused(), ExitStack() as stack:
                state = stack.enter_context(open_at(self._place.location))
                self._put(state, self._chronicle.take())
                if first:
                    self._warnings += state.notices
                    take_in(state)
                if last:
                    self._changes = changes_in_words(
                        state.attempts.changes(journal.run), state.tests.flaky_in(journal.run)
                    )
                    self._state = state  # stays open: the end of the session follows at once
                    stack.pop_all()
        except Exception as error:  # noqa: BLE001 - see the module's docstring
            self._not_stored = say(error)
            if last and isinstance(error, BusyDatabaseError):
                self._held_up = error
        ended = self._elapsed()
        self._chronicle.passing.due = ended + max(_BATCH_EVERY_NS, _BATCH_PAUSE * (ended - begun))

    def _put(self, state: State, batch: recording.Batch) -> None:
        assert self._header is not None
        assert self._journal is not None
        assert self._chronicle is not None
        put = partial(recording.put, state, self._header, batch, self._journal.size, self._chronicle.chosen)
        state.database.write(put)

    def _summary(self) -> list[str]:
        journal = self._journal
        if journal is not None and not journal.is_ours:  # a test forked, and this is its child
            return []
        lines = []
        if journal is not None and not self._not_stored:
            what = "in part" if self._chronicle is None else f"{self._chronicle.begun()} tests"
            shown = f"`pipeline-state runs show {journal.run[:8]}` shows them"
            lines = [f"pipeline-state: recorded {what} as run {journal.run}; {shown}"]
            lines += [f"pipeline-state: {self._changes}"] if self._changes else []
        lines += [f"pipeline-state: warning: {warning}" for warning in self._warnings]
        self._warnings = []
        return lines

    def _end(self, exit_status: int) -> None:
        """Bring the rest into the database and remove the journal; if that fails, leave it for the next command."""
        journal = self._journal
        if journal is None or not journal.is_ours:
            return
        ended_at = self._now()
        if self._chronicle is not None:
            with self._losing("the end of the session"):
                self._chronicle.ended(exit_status, ended_at)
        try:
            if self._held_up is not None:  # waited for a moment ago, for as long as anybody may have to wait for us
                raise self._held_up
            with recording.collector_paused(), self._state or open_at(self._place.location) as state:
                self._close(state, exit_status, ended_at)
            journal.remove()
        except Exception as error:  # noqa: BLE001 - see the module's docstring
            self._warnings.append(f"{say(error)}; {self._what_is_left(journal, exit_status, ended_at)}")
        finally:
            self._chronicle = None
            journal.close()

    def _what_is_left(self, journal: Journal, exit_status: int, ended_at: int) -> str:
        if os.path.exists(journal.path):
            return f"the record is in {journal.path}, and the next command takes it in"
        from pipeline_state.store.summaries import record_journal

        # The worktree was removed with all that was in it. What we hold open can still be read.
        with self._losing("the summary of the session"):
            reading = Reading(journal.read(0))
            reading.end = (exit_status, ended_at)
            if record_journal(self._place.location, reading):
                return "its worktree is gone, and of this session a summary is left: `pipeline-state worktree history`"
        return "its worktree is gone, and nothing of this session is left"

    def _close(self, state: State, exit_status: int, ended_at: int) -> None:
        assert self._header is not None
        assert self._journal is not None
        if self._chronicle is None or self._not_stored:
            # What was to be stored is gone from memory; the journal has all of it.
            reading = Reading(self._journal.read(0))
            reading.end = (exit_status, ended_at)
            reading.notes += [self._lost] if self._lost else []
            store(state, reading, ended_at=ended_at)
            return
        self._put(state, self._chronicle.take())
        chronicle = self._chronicle
        said = (None, chronicle.properties, chronicle.internal_error, chronicle.settled)
        ending = recording.Ending(exit_status, ended_at, chronicle.never_begun(), *said)
        state.database.write(partial(recording.end, state, self._header, ending))


def say(error: Exception) -> str:
    """Return the one line that a warning says of an error; of one that we did not foresee, its kind too."""
    text = " ".join(str(error).split())
    return text if isinstance(error, (PipelineStateError, OSError)) else f"{type(error).__name__}: {text}"
