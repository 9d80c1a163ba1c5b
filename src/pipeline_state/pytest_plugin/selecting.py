"""Leaves out, shares out and orders what pytest collected, and says in the header what was decided and why.

It is decided once, in the controller; workers of xdist get the decision and apply it to what they collect.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from pipeline_state.errors import PipelineStateError
from pipeline_state.pytest_plugin.resuming import decide
from pipeline_state.pytest_plugin.selection import Selection, Shard, parse_durations, parse_shard
from pipeline_state.pytest_plugin.surroundings import Place, find_place, relative_rootdir
from pipeline_state.store.attempts import storable_id
from pipeline_state.store.intake import take_in
from pipeline_state.store.journal import Header
from pipeline_state.store.state import open_at

WORKER_INPUT = "pipeline_state_selection"
_WORKER_OUTPUT = "pipeline_state_shard"


class Applying:
    """Applies a selection to the tests that this process collects: all that a worker does."""

    def __init__(self, config: pytest.Config, selection: Selection) -> None:
        self._config = config
        self._selection = selection
        self.digest: str | None = None
        """Of what was shared out, once that is known."""

    @pytest.hookimpl(wrapper=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None, object, object]:
        """Choose after everybody else has chosen and ordered."""
        result = yield
        self._apply(items)
        return result

    def _apply(self, items: list[pytest.Item]) -> None:
        node_ids = [item.nodeid for item in items]
        places = self._selection.choose(node_ids)
        shard = self._selection.shard
        if shard is not None:
            self.digest = shard.digest(list(map(storable_id, node_ids)))
            if hasattr(self._config, "workeroutput"):
                self._config.workeroutput[_WORKER_OUTPUT] = self.digest
        chosen = set(places)
        left_out = [item for place, item in enumerate(items) if place not in chosen]
        items[:] = [items[place] for place in places]
        if left_out:
            self._config.hook.pytest_deselected(items=left_out)


class Selector(Applying):
    """Decides, in the controller, what is to be left out, and in which order the rest runs."""

    def __init__(self, config: pytest.Config, environ: Mapping[str, str]) -> None:
        self._environ = environ
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
        """Look up what the order goes by, before workers are started."""
        if self._order is not None:
            try:
                self._put_in_order(self._order)
            except (PipelineStateError, OSError) as error:
                self._said.append(f"order: as collected ({error})")

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
        node.workerinput[WORKER_INPUT] = self._selection.dump()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Learn from a worker what was shared out; one that died says nothing."""
        self.digest = getattr(node, "workeroutput", {}).get(_WORKER_OUTPUT) or self.digest

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None, object, object]:
        """If nothing was left to run, that is no failure."""
        if self._left_nothing(session.exitstatus):
            session.exitstatus = pytest.ExitCode.OK
        return (yield)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
        """Say what must be the same on all machines, and that nothing was left to run."""
        if self.digest is not None:
            terminalreporter.write_line(f"pipeline-state: shard: digest of tests, durations and parts {self.digest}")
        if self._left_nothing(exitstatus):
            terminalreporter.write_line("pipeline-state: nothing is left to run")

    def _left_nothing(self, exit_status: int) -> bool:
        without = self._selection.done or self._selection.shard
        return bool(without) and exit_status == pytest.ExitCode.NO_TESTS_COLLECTED

    def _put_in_order(self, order: str) -> None:
        place = find_place(self._config, self._environ)
        if place.location.path is None or not place.location.path.exists():
            self._said.append("order: as collected; nothing has been recorded yet")
            return
        with open_at(place.location) as state:
            take_in(state)
            rootdir = relative_rootdir(self._config, place)
            if order == "failed-first":
                results = state.attempts.last_results(rootdir)
                first = [result.node_id for result in results if result.outcome in ("failed", "error", "crashed")]
            else:
                timed = [(duration, node_id) for node_id, duration in state.tests.durations(rootdir).items()]
                first = [node_id for _, node_id in sorted(timed, reverse=order == "slowest-first")]
        if order == "failed-first":
            self._said.append(f"order: {len(first)} tests that failed last time come first")
        else:
            self._said.append(f"order: {order}, by {len(first)} known durations; tests without one come last")
        self._selection = replace(self._selection, first=tuple(first))


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
