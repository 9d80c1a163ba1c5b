"""Decides which tests are left out, shared out and put first, and says in the header what was decided and why.

It is decided once, in the controller; workers of xdist get the decision and apply it to what they collect.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from pipeline_state.errors import PipelineStateError
from pipeline_state.pytest_plugin.applying import WORKER_INPUT, WORKER_OUTPUT, Applying
from pipeline_state.pytest_plugin.resuming import decide
from pipeline_state.pytest_plugin.selection import Previous, Selection, Shard, parse_durations, parse_shard
from pipeline_state.pytest_plugin.surroundings import Place, find_place, relative_rootdir
from pipeline_state.store.attempts import Result
from pipeline_state.store.intake import take_in
from pipeline_state.store.journal import Header
from pipeline_state.store.state import open_at
from pipeline_state.store.warm_start import warm_start

_NOTHING = "nothing has been recorded yet"


class Selector(Applying):
    """Decides, in the controller, what is to be left out, and in which order the rest runs.

    `asks`: whether the hook `pytest_pipeline_state_select` is asked, if anybody implements it.
    """

    def __init__(self, config: pytest.Config, environ: Mapping[str, str], *, asks: bool) -> None:
        self._environ = environ
        self._asks = asks
        self._said: list[str] = []
        self.resume: str | None = config.getoption("pipeline_state_resume")
        self._order: str | None = config.getoption("pipeline_state_order")
        self._not_resumed = "nothing is recorded, so nothing can be resumed; everything runs"
        super().__init__(config, Selection(shard=_shard(config)))

    def decide(self, header: Header, place: Place) -> Header:
        """Decide what the session that begins takes from the last one; return the header that says so."""
        if self.resume is None:
            return header
        try:
            with open_at(place.location) as state:
                take_in(state)
                found = decide(state, header, force=self.resume == "force")
        except (PipelineStateError, OSError) as error:
            self._not_resumed = f"{error}; everything runs"
            return header
        self._not_resumed = ""
        self._said.append(f"resume: {found.said}")
        self._selection = replace(self._selection, done=found.done, last=found.last)
        return replace(header, continues=found.continues)

    def pytest_sessionstart(self) -> None:
        """Look up what the order and the hook go by, before workers are started."""
        # Of conftest files below the root nothing is known yet, and under xdist nothing ever.
        asks = self._asks and bool(self._config.hook.pytest_pipeline_state_select.get_hookimpls())
        if self._order is None and not asks:
            return
        known, why = self._last_results()
        if self._order is not None:
            self._said.append(f"order: as collected; {why}" if why else self._put_in_order(self._order, known))
        if asks:
            if why and why != _NOTHING:
                self._said.append(f"selection: no earlier results are known; {why}")
            previous = {result.node_id: Previous(result.outcome, result.duration) for result in known}
            self._selection = replace(self._selection, previous=previous)

    def pytest_report_header(self) -> list[str]:
        """Say what was decided, and why."""
        lines = [f"resume: {self._not_resumed}"] if self.resume and self._not_resumed else []
        lines += self._said
        shard = self._selection.shard
        if shard is not None:
            by = "a digest of the node id" if shard.durations is None else f"{len(shard.durations)} durations"
            lines.append(f"shard: {shard.number} of {shard.of}, by {by}")
        return [f"pipeline-state: {line}" for line in lines]

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Give a worker what was decided."""
        if self._selection:
            node.workerinput[WORKER_INPUT] = self._selection.dump()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Learn from a worker what was shared out and chosen; one that died says nothing."""
        said = getattr(node, "workeroutput", {}).get(WORKER_OUTPUT)
        if said is not None:
            self.digest, self.remarks = said  # all workers say the same

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """If nothing was left to run, that is no failure."""
        if self._left_nothing(session.exitstatus):
            session.exitstatus = pytest.ExitCode.OK
        return (yield)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
        """Say what must be the same on all machines, what the hook chose, and that nothing was left to run."""
        if self.digest is not None:
            terminalreporter.write_line(f"pipeline-state: shard: digest of tests, durations and parts {self.digest}")
        for remark in self.remarks:
            terminalreporter.write_line(f"pipeline-state: {remark}")
        if self._left_nothing(exitstatus):
            terminalreporter.write_line("pipeline-state: nothing is left to run")

    def _left_nothing(self, exit_status: int) -> bool:
        selection = self._selection
        without = bool(selection.done) or selection.shard is not None or selection.previous is not None
        return without and exit_status == pytest.ExitCode.NO_TESTS_COLLECTED

    def _last_results(self) -> tuple[Sequence[Result], str]:
        """Return what is known of the tests from earlier sessions; if nothing is, why."""
        try:
            place = find_place(self._config, self._environ)
            if place.location.path is None or not os.path.exists(place.location.path):
                return (), _NOTHING
            with open_at(place.location) as state:
                take_in(state)
                warm_start(state)
                return state.attempts.last_results(relative_rootdir(self._config, place)), ""
        except (PipelineStateError, OSError) as error:
            return (), str(error)

    def _put_in_order(self, order: str, known: Sequence[Result]) -> str:
        """Order the tests by what is known of them, and return what is said of it."""
        if order == "failed-first":
            first = [result.node_id for result in known if result.outcome in ("failed", "error", "crashed")]
            said = f"order: {len(first)} tests that failed last time come first"
        else:
            timed = [(result.duration, result.node_id) for result in known if result.duration is not None]
            first = [node_id for _, node_id in sorted(timed, reverse=order == "slowest-first")]
            said = f"order: {order}, by {len(first)} known durations; tests without one come last"
        self._selection = replace(self._selection, first=tuple(first))
        return said


def _shard(config: pytest.Config) -> Shard | None:
    """Return the part that is asked for. Raises `pytest.UsageError` if it cannot be told which."""
    text = config.getoption("pipeline_state_shard")
    path = config.getoption("pipeline_state_durations")
    if text is None:
        return None
    try:
        number, of = parse_shard(text)
    except ValueError as error:
        raise pytest.UsageError(f"--pipeline-state-shard: {error}") from error
    if path is None:
        return Shard(number, of)
    try:
        return Shard(number, of, parse_durations(_content(config, path)))
    except (ValueError, OSError) as error:
        raise pytest.UsageError(f"--pipeline-state-durations {path}: {error}") from error


def _content(config: pytest.Config, path: str) -> bytes:
    return config.invocation_params.dir.joinpath(os.path.expanduser(path)).read_bytes()
