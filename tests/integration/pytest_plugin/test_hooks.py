"""The hooks of our own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline_state import open_state

ADDS = """
def pytest_pipeline_state_record(report, attempt):
    return {report.when: attempt} if report.when != "setup" else None
"""


@pytest.mark.parametrize("options", [(), ("-n1",)], ids=["plain", "xdist"])
def test_values_are_added_for_each_report(project, options):
    project.write(conftest=ADDS, test_x="def test_1(record_property): record_property('own', 1)\ndef test_2(): pass\n")
    assert project.record(*options).returncode == 0
    one, two = project.latest()[1]
    assert sorted(value[:2] for value in one.values) == [("call", "1"), ("own", "1"), ("teardown", "1")]
    assert [value[:2] for value in two.values] == [("call", "1"), ("teardown", "1")]
    assert (one.outcome, two.outcome, one.number) == ("passed", "passed", 1)


def test_the_environment_of_a_hook_decides_whether_a_session_is_resumed(project):
    text = "import os\ndef pytest_pipeline_state_environment(config): return {'server': os.environ.get('S', 1)}\n"
    project.write(conftest=text, test_x="def test_1(): pass\ndef test_2(): assert 0\n")
    project.record()
    run, _ = project.latest()
    with open_state(project.database) as state:
        assert state.runs.environment_of(run)["server"] == "1"
    assert "1 tests are done" in project.pytest("--pipeline-state-resume").stdout
    project.variables["S"] = "2"
    assert "the environment (server) changed" in project.pytest("--pipeline-state-resume").stdout


@pytest.mark.parametrize("hook", ["record(report)", "environment(config)"])
def test_a_hook_that_fails_costs_the_record_and_not_the_tests(project, hook):
    project.write(
        conftest=f"def pytest_pipeline_state_{hook}: raise ValueError('bad hook')\n", test_x="def test_1(): 1\n"
    )
    done = project.record()
    assert done.returncode == 0
    [warning] = [line for line in done.stdout.splitlines() if "pipeline-state: warning" in line]
    assert "bad hook" in warning


def test_a_hook_in_a_session_that_is_not_recorded_does_nothing(project):
    project.write(conftest=ADDS, test_x="def test_1(): pass\n")
    assert project.pytest("-p", "no:cacheprovider").returncode == 0


def test_the_example_of_the_documentation_runs(project):
    text = (Path(__file__).parents[3] / "docs" / "pytest.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```python\n(def pytest_.*?)```", text, flags=re.DOTALL)
    project.write(conftest=example, test_x="def test_1(): pass\n")
    done = project.record()
    assert "warning" not in done.stdout
    run, _ = project.latest()
    with open_state(project.database) as state:
        assert state.runs.environment_of(run)["database server"] == "16.1"
