"""Applies a selection to the tests that a process collects: in a plain session, and in each worker of xdist.

What is applied was decided once, in the controller, so that all workers come to the same tests in the same order.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pipeline_state.pytest_plugin.selection import Selection

WORKER_INPUT = "pipeline_state_selection"
WORKER_OUTPUT = "pipeline_state_selection"


class Applying:
    """Applies a selection to the tests that this process collects: all that a worker does."""

    def __init__(self, config: pytest.Config, selection: Selection) -> None:
        self._config = config
        self._selection = selection
        self.digest: str | None = None
        """Of what was shared out, once that is known."""
        self.remarks: list[str] = []
        """What is to be said of it at the end of the session, a line each."""

    @pytest.hookimpl(wrapper=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None, object, object]:
        """Choose after everybody else has chosen and ordered."""
        result = yield
        if self._selection:
            self._apply(items)
        if hasattr(self._config, "workeroutput"):
            self._config.workeroutput[WORKER_OUTPUT] = [self.digest, self.remarks]
        return result

    def _apply(self, items: list[pytest.Item]) -> None:
        node_ids = [item.nodeid for item in items]
        self.digest = self._selection.digest(node_ids)
        chosen = [items[place] for place in self._selection.choose(node_ids)]
        if self._selection.previous is not None:
            chosen = self._ask(chosen)
        kept = set(map(id, chosen))
        left_out = [item for item in items if id(item) not in kept]
        items[:] = chosen
        if left_out:
            self._config.hook.pytest_deselected(items=left_out)

    def _ask(self, items: list[pytest.Item]) -> list[pytest.Item]:
        """Let the hook have the last word. If it fails, nothing is left out: a test too many does no harm."""
        previous = self._selection.previous_of([item.nodeid for item in items])
        try:
            answer = self._config.hook.pytest_pipeline_state_select(
                config=self._config, items=list(items), previous=previous
            )
            if answer is None:
                return items
            chosen = _checked(answer, items)
        except (pytest.exit.Exception, pytest.UsageError):  # meant to end the session
            raise
        except Exception as error:  # noqa: BLE001 - a hook is anybody's code
            why = " ".join(f"{type(error).__name__}: {error}".split())
            self.remarks.append(f"warning: pytest_pipeline_state_select failed, so nothing is left out: {why}")
            return items
        self.remarks.append(f"selection: pytest_pipeline_state_select chose {len(chosen)} of {len(items)} tests")
        return chosen


def apply_in_worker(config: pytest.Config) -> None:
    """Register what applies the controller's decision, if it has made one."""
    decided: dict[str, Any] = config.workerinput  # type: ignore[attr-defined]  # xdist's
    if WORKER_INPUT in decided:
        from pipeline_state.pytest_plugin.selection import Selection

        selection = Selection.load(decided[WORKER_INPUT])
        config.pluginmanager.register(Applying(config, selection), "pipeline_state_selector")


def _checked(answer: Sequence[pytest.Item], items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Return what a hook answered. Raises `ValueError` unless it holds nothing but some of the items, once each."""
    chosen = list(answer)
    places = set(map(id, chosen))
    if len(places) < len(chosen) or not places <= set(map(id, items)):
        raise ValueError("it returned something that is not among the items, or an item twice")
    return chosen
