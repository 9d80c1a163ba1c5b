"""What a worker of pytest-xdist tells its controller beside pytest's own reports: markers, properties of the suite.

It goes along with the reports of tests, so nothing that was told is lost when a worker dies. As long as there is
nothing to tell, no hook is called for it.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from pipeline_state.pytest_plugin.markers import markers_of

TOLD = "pipeline_state"
"""The name of the attribute of a report that holds it: an object with `markers` and `properties`."""


class Informant:
    """The plugin that is registered in a worker while its controller records."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._markers: dict[str, tuple[str, ...]] = {}
        self._properties: list[tuple[str, str]] = []
        self._speaker: _Speaker | None = None

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Look for markers, once."""
        self._markers = markers_of(session.items)
        if self._markers:
            self._begin()

    def add_property(self, name: str, value: str) -> None:
        """Tell a property of the suite with the next report."""
        self._properties.append((name, value))
        self._begin()

    def told_with(self, report: pytest.TestReport) -> dict[str, Any]:
        """Return what goes along with a report."""
        told: dict[str, Any] = {}
        if self._properties:
            told["properties"], self._properties = self._properties, []
        if report.when == "setup" and (markers := self._markers.pop(report.nodeid, None)):
            told["markers"] = list(markers)
        return told

    def _begin(self) -> None:
        if self._speaker is None:
            self._speaker = _Speaker(self)
            self._config.pluginmanager.register(self._speaker, "pipeline_state_speaker")


class _Speaker:
    def __init__(self, informant: Informant) -> None:
        self._informant = informant

    @pytest.hookimpl(wrapper=True)
    def pytest_report_to_serializable(self, report: object) -> Generator[None, Any, Any]:
        data = yield
        if isinstance(data, dict) and isinstance(report, pytest.TestReport):
            told = self._informant.told_with(report)
            if told:
                data[TOLD] = told
        return data
