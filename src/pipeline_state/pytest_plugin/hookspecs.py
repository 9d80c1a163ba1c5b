"""The hooks that a conftest or another plugin may implement, in sessions that are recorded.

PYTEST_DONT_REWRITE
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest


@pytest.hookspec
def pytest_pipeline_state_record(report: pytest.TestReport, attempt: int) -> Mapping[str, object] | None:
    """Return values to record of a test, by name; they are kept as text, beside those of `state_record`.

    Called where the session is recorded (under xdist in the controller, which knows the conftest files of the root
    directory and of the arguments only) for each report, before it is recorded. `attempt` counts the attempts at the
    test from 1. An exception here ends the record of the session, with one warning.
    """


@pytest.hookspec
def pytest_pipeline_state_environment(config: pytest.Config) -> Mapping[str, str] | None:
    """Return what else identifies the environment of the session, by name: a service's version, a feature flag.

    Called once, before collection, in sessions that are recorded. What we find ourselves cannot be replaced. A session
    resumes another one only if all of this is the same.
    """
