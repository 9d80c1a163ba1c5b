"""Parts of a test run, and the order of tests."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from pipeline_state import open_state

TESTS = """
import pytest, time

@pytest.mark.parametrize("n", range(12))
def test_many(n):
    time.sleep(0.02 * (n == 7))
    assert n != 3
"""


def numbers(done):
    lines = [line for line in done.stdout.splitlines() if re.search(r"PASSED|FAILED", line) and "[" in line]
    found = [match[1] for line in lines if (match := re.search(r"test_many\[(\d+)\]", line))]
    return list(dict.fromkeys(map(int, found)))


def digest(done):
    [line] = [line for line in done.stdout.splitlines() if "digest of tests, durations and parts" in line]
    return line.split()[-1]


@pytest.mark.parametrize("by", ["digest", "durations"])
@pytest.mark.parametrize("options", [(), ("-n2",)], ids=["plain", "xdist"])
def test_each_test_runs_in_exactly_one_part(project, by, options):
    project.write(test_x=TESTS)
    if by == "durations":
        known = {f"test_x.py::test_many[{n}]": n / 10 for n in range(9)}
        (project.root / "durations").write_text(json.dumps({"durations": known}))
        options = (*options, "--pipeline-state-durations=durations")
    parts = [project.pytest("-v", f"--pipeline-state-shard={k}/3", *options) for k in (1, 2, 3)]
    assert sorted(n for part in parts for n in numbers(part)) == list(range(12)), [part.stdout for part in parts]
    assert len({digest(part) for part in parts}) == 1
    assert "pipeline-state: shard: 2 of 3, by" in parts[1].stdout
    assert not project.database.exists(), "a part is told without any history"


def test_an_empty_part_is_no_failure(project):
    project.write(test_x="def test_1(): pass\n")
    codes = [project.pytest(f"--pipeline-state-shard={k}/2").returncode for k in (1, 2)]
    assert codes == [0, 0]


def test_a_part_is_resumed_as_that_part(project):
    project.write(test_x=TESTS)
    [part] = [k for k in (1, 2) if 3 in numbers(project.record("-v", f"--pipeline-state-shard={k}/2"))]
    done = project.pytest("-v", "--pipeline-state-resume", f"--pipeline-state-shard={part}/2")
    assert numbers(done) == [3]
    assert "no earlier session" in project.pytest("--pipeline-state-resume", "--pipeline-state-shard=1/3").stdout


@pytest.mark.parametrize(
    "options", [("--pipeline-state-shard=3/2",), ("--pipeline-state-durations=no", "--pipeline-state-shard=1/2")]
)
def test_what_cannot_be_shared_out_is_a_usage_error(project, options):
    project.write(test_x=TESTS)
    done = project.pytest(*options)
    assert done.returncode == 4
    assert options[0].partition("=")[0] in done.stdout


def test_the_order_goes_by_what_was_recorded(project):
    project.write(test_x=TESTS)
    assert "nothing has been recorded yet" in project.pytest("--pipeline-state-order=failed-first").stdout
    project.record()
    failed = project.pytest("-v", "--pipeline-state-order=failed-first")
    assert numbers(failed) == [3, *(n for n in range(12) if n != 3)]
    assert "1 tests that failed last time come first" in failed.stdout
    assert numbers(project.pytest("-v", "--pipeline-state-order=slowest-first"))[0] == 7
    assert numbers(project.pytest("-v", "--pipeline-state-order=fastest-first"))[-1] == 7


FORTY = """
import pytest, time

@pytest.mark.parametrize("n", range(40))
def test_many(n):
    time.sleep(0.03 * (n in (5, 6, 7)))
    assert n % 9
"""


def test_four_machines_with_databases_of_their_own_run_each_test_once_every_time(project, tmp_path):
    """What one machine has recorded, and another one has not, must not move a test from one part to another."""
    project.write(test_x=FORTY)
    databases = {k: tmp_path / f"machine {k}.db" for k in (1, 2, 3, 4)}
    durations = tmp_path / "durations.json"
    by_durations = f"--pipeline-state-durations={durations}"
    ways = [
        (),
        ("--pipeline-state-order=failed-first",),
        (by_durations,),
        (by_durations, "--pipeline-state-order=slowest-first"),
    ]
    for time, way in enumerate(ways, start=1):
        if by_durations in way:
            command = ["tests", "durations", "--db", str(databases[time - 2]), "--output", str(durations)]
            subprocess.run([sys.executable, "-m", "pipeline_state", *command], cwd=project.root, check=True)
        options = [
            ("-v", f"--pipeline-state-db={path}", f"--pipeline-state-shard={k}/4") for k, path in databases.items()
        ]
        started = [project.start("--pipeline-state", *each, *way) for each in options]
        parts = [subprocess.CompletedProcess(each.args, None, each.communicate()[0]) for each in started]
        assert sorted(n for part in parts for n in numbers(part)) == list(range(40)), [part.stdout for part in parts]
        assert all(numbers(part) for part in parts)
        assert len({digest(part) for part in parts}) == 1
        recorded = []
        for path in databases.values():
            with open_state(path) as state:
                runs = state.runs.list(all_worktrees=True)
                assert len(runs) == time
                recorded += [int(one.node_id.split("[")[1][:-1]) for one in state.attempts.of_run(runs[0].id)]
        assert sorted(recorded) == list(range(40))
