"""With pytest-xdist: the controller records what its workers report."""

from __future__ import annotations

import pytest

pytest.importorskip("xdist")


def test_each_test_is_recorded_once_with_its_worker(project):
    project.write(test_x="import pytest\n@pytest.mark.parametrize('n', range(20))\ndef test_many(n): assert n != 7\n")
    assert project.record("-n2").returncode == 1
    run, attempts = project.latest()
    assert len(attempts) == 20
    assert {one.worker for one in attempts} == {"gw0", "gw1"}
    assert [one.node_id for one in attempts if one.outcome != "passed"] == ["test_x.py::test_many[7]"]
    assert all(one.line for one in attempts)
    assert (run.status, run.exit_code) == ("finished", 1)


def test_a_test_that_takes_its_worker_down_has_crashed(project):
    project.write(
        test_x="import os\ndef test_1(): pass\ndef test_2(): os._exit(3)\ndef test_3(): pass\ndef test_4(): pass\n"
    )
    project.record("-n2")
    assert project.outcomes() == {"test_1": "passed", "test_2": "crashed", "test_3": "passed", "test_4": "passed"}
    [crashed] = [one for one in project.latest()[1] if one.outcome == "crashed"]
    assert crashed.worker in ("gw0", "gw1")
    assert "crashed while running" in crashed.failure


def test_what_cannot_be_collected_is_recorded_once(project):
    project.write(test_bad="import nothing_of_that_name\n", test_good="def test_1(): pass\n")
    project.record("-n2")
    found = [(one.node_id, one.outcome, one.phase) for one in project.latest()[1] if one.node_id == "test_bad.py"]
    assert found == [("test_bad.py", "error", "collect")]


def test_maxfail_leaves_the_rest_not_run(project):
    project.write(
        test_x="import pytest, time\n"
        "@pytest.mark.parametrize('n', range(40))\n"
        "def test_many(n):\n    time.sleep(.02)\n    assert n\n"
    )
    project.record("-n2", "-x")
    attempts = project.latest()[1]
    assert len(attempts) == 40
    outcomes = {one.outcome for one in attempts}
    assert {"failed", "not run"} <= outcomes <= {"failed", "not run", "passed", "interrupted"}


@pytest.mark.parametrize("mode", ["load", "loadfile", "worksteal", "each"])
def test_each_way_to_distribute(project, mode):
    project.write(test_x="def test_1(): pass\ndef test_2(): pass\n", test_y="def test_3(): pass\n")
    tx = ("--tx=2*popen",) if mode == "each" else ("-n2",)
    assert project.record(f"--dist={mode}", *tx).returncode == 0
    attempts = project.latest()[1]
    assert {one.outcome for one in attempts} == {"passed"}
    assert len(attempts) == (6 if mode == "each" else 3)


def test_a_subtest_that_fails_in_a_worker(project):
    project.write(
        test_x="import unittest\nclass T(unittest.TestCase):\n    def test_many(self):\n"
        "        for i in range(3):\n            with self.subTest(i=i): assert i != 1\n"
    )
    project.record("-n2")
    assert list(project.outcomes().values()) == ["failed"]
