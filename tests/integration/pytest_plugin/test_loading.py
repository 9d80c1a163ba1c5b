"""What pytest loads of us, and when."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

import pipeline_state
from pipeline_state import pytest_plugin
from pipeline_state.pytest_plugin import plugin

OURS = ["pipeline_state", "pipeline_state._version", "pipeline_state.pytest_plugin", plugin.__name__]


def test_inactive_it_loads_its_options_and_nothing_else(project, monkeypatch):
    for name in [name for name in os.environ if name.startswith("GIT_")]:  # the guard would look at them
        monkeypatch.delenv(name)
    project.write(
        conftest="def pytest_pipeline_state_record(report, attempt): pass\n",
        test_x="import sys\n"
        "def test_1():\n"
        f"    assert sorted(name for name in sys.modules if name.startswith('pipeline_state')) == {OURS!r}\n"
        "    assert 'sqlite3' not in sys.modules\n",
    )
    done = project.pytest("-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout


def test_inactive_it_leaves_no_trace(project):
    project.write(test_x="def test_1(): pass\n")
    done = project.pytest()
    assert "pipeline-state:" not in done.stdout
    assert not project.database.exists()


@pytest.mark.parametrize("module", [pipeline_state, pytest_plugin, plugin], ids=lambda module: module.__name__)
def test_pytest_rewrites_no_assertion_of_ours(module):
    assert "PYTEST_DONT_REWRITE" in module.__doc__


def test_no_private_module_of_pytest_is_used():
    for path in Path(pytest_plugin.__file__).parent.glob("*.py"):
        assert not re.search(r"\b_pytest\b", path.read_text(encoding="utf-8")), path


def test_options_are_in_the_help(project):
    shown = project.pytest("--help").stdout
    for name in ("--pipeline-state", "--pipeline-state-db", "pipeline_state (bool)", "pipeline_state_guard (bool)"):
        assert name in shown
