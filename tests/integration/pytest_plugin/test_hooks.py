"""The hooks of our own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline_state import open_state
from pipeline_state.pytest_plugin.plugin import Hookspecs

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


EACH = """
def pytest_pipeline_state_record(report, attempt): raise SystemExit("asked")
def pytest_pipeline_state_environment(config): raise SystemExit("asked")
def pytest_pipeline_state_select(config, items, previous): raise SystemExit("asked")
"""
STRICT = ("-p", "no:cacheprovider", "--strict-config", "--strict-markers", "-W", "error")


@pytest.mark.parametrize("options", [(), ("-n1",)], ids=["plain", "xdist"])
def test_a_hook_in_a_session_that_is_not_recorded_is_known_and_not_asked(project, options):
    project.write(conftest=EACH, test_x="def test_1(): pass\n")
    done = project.pytest(*STRICT, *options)
    assert done.returncode == 0, done.stdout


def test_a_hook_whose_name_is_wrong_is_an_error(project):
    project.write(conftest=EACH.replace("state_select", "state_elect"), test_x="def test_1(): pass\n")
    done = project.pytest()
    assert done.returncode != 0
    assert "unknown hook 'pytest_pipeline_state_elect'" in done.stdout


SELECTS = """
def pytest_pipeline_state_select(config, items, previous):
    return {}
"""
FAILED_FIRST = "[i for i in reversed(items) if i.nodeid not in previous or previous[i.nodeid].outcome == 'failed']"
TESTS = "import pytest\n@pytest.mark.parametrize('n', range(6))\ndef test_many(n): assert n not in (2, 4)\n"

each_way = pytest.mark.parametrize("options", [(), ("-n1",)], ids=["plain", "xdist"])


def began(project):
    """The numbers of the tests of the last session in the order in which they began."""
    attempts = sorted((one for one in project.latest()[1] if one.started_at), key=lambda one: one.started_at)
    return [int(one.node_id[-2]) for one in attempts]


@each_way
def test_the_hook_says_what_runs_and_in_which_order(project, options):
    project.write(conftest=SELECTS.format(FAILED_FIRST), test_x=TESTS)
    done = project.record(*options)
    assert began(project) == [5, 4, 3, 2, 1, 0], "of nothing anything is known"
    assert "pipeline-state: selection: pytest_pipeline_state_select chose 6 of 6 tests" in done.stdout
    done = project.record(*options)
    assert began(project) == [4, 2]
    assert "2 failed, 4 deselected" in done.stdout or options
    assert "chose 2 of 6 tests" in done.stdout
    assert len(project.latest()[1]) == 2, "what is left out is no part of the session"


@each_way
def test_the_hook_is_told_how_long_a_test_took(project, options):
    text = "[i for i in items if not previous or 0 < previous[i.nodeid].duration < 60 and i is items[0]]"
    project.write(conftest=SELECTS.format(text), test_x=TESTS)
    project.record(*options)
    project.record(*options)
    assert began(project) == [0]


@each_way
@pytest.mark.parametrize(
    ("answer", "why"),
    [("1 / 0", "ZeroDivisionError"), ("[*items, items[0]]", "an item twice"), ("['test_x.py']", "not among the items")],
)
def test_a_hook_that_fails_leaves_nothing_out(project, options, answer, why):
    project.write(conftest=SELECTS.format(answer), test_x=TESTS)
    done = project.record(*options)
    assert done.returncode == 1
    assert began(project) == [0, 1, 2, 3, 4, 5]
    [warning] = [line for line in done.stdout.splitlines() if "pipeline-state: warning" in line]
    assert why in warning
    assert project.latest()[0].incomplete is None


@each_way
def test_a_hook_that_chooses_nothing_is_no_failure(project, options):
    project.write(conftest=SELECTS.format("[]"), test_x=TESTS)
    done = project.record(*options)
    assert done.returncode == 0, done.stdout
    assert "pipeline-state: nothing is left to run" in done.stdout


def test_a_hook_may_leave_it_to_others(project):
    project.write(conftest=SELECTS.format("None"), test_x=TESTS)
    done = project.record()
    assert began(project) == [0, 1, 2, 3, 4, 5]
    assert "chose" not in done.stdout


def test_a_hook_may_end_the_session(project):
    project.write(conftest="import pytest\n" + SELECTS.format("pytest.exit('enough', 7)"), test_x=TESTS)
    assert project.record().returncode == 7


def test_the_hook_chooses_from_its_own_part_only(project):
    project.write(conftest=SELECTS.format("list(reversed(items))"), test_x=TESTS)
    found = []
    for part in (1, 2):
        project.record(f"--pipeline-state-shard={part}/2")
        assert began(project) == sorted(began(project), reverse=True)
        found += began(project)
    assert sorted(found) == [0, 1, 2, 3, 4, 5]


@pytest.fixture
def examples():
    """The documentation's examples of hooks, by the hook that they are about."""
    text = (Path(__file__).parents[3] / "docs" / "pytest.md").read_text(encoding="utf-8")
    found = re.findall(r"```python\n((?:(?!```).)*?def pytest_pipeline_state_(\w+).*?)```", text, flags=re.DOTALL)
    return {name: example for example, name in found}


def test_every_hook_has_an_example(examples):
    assert examples.keys() == {
        name.removeprefix("pytest_pipeline_state_") for name in vars(Hookspecs) if name.startswith("pytest_")
    }


def test_the_example_of_values_runs(project, examples):
    project.write(conftest=examples["record"], test_x="def test_1(): print('four')\n")
    assert "warning" not in project.record().stdout
    [attempt] = project.latest()[1]
    assert [value[:2] for value in attempt.values] == [("printed", "5")]


def test_the_example_of_the_environment_runs(project, examples):
    project.write(conftest=examples["environment"], test_x="def test_1(): pass\n")
    assert "warning" not in project.record().stdout
    run, _ = project.latest()
    with open_state(project.database) as state:
        assert state.runs.environment_of(run)["database server"] == "16.1"


def test_the_example_of_a_selection_runs(project, examples):
    slow = "import time\ndef test_slow(): time.sleep(0.6)\ndef test_fast(): pass\n"
    project.write(conftest=examples["select"], test_x=slow)
    assert "chose 2 of 2" in project.record("--quick").stdout
    assert "chose 1 of 2" in project.record("--quick").stdout
    assert list(project.outcomes()) == ["test_fast"]
    assert "chose" not in project.record().stdout
