"""kill -9 at any instant: what pytest had reported is recorded, and what ran is named.

PIPELINE_STATE_ROUNDS sets how often, 4 times by default:

    PIPELINE_STATE_ROUNDS=200 pytest tests/reliability/test_kill_pytest.py
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time

import pytest

from pipeline_state import open_state
from pipeline_state.store.intake import take_in

ROUNDS = int(os.environ.get("PIPELINE_STATE_ROUNDS", "4"))
TESTS = 300
REPORTED = re.compile(  # plain, and as pytest-xdist prints it
    r"test_many\.py::test\[(\d+)\] (PASSED|FAILED|SKIPPED)|(PASSED|FAILED|SKIPPED) test_many\.py::test\[(\d+)\]"
)
OUTCOME = {"PASSED": "passed", "FAILED": "failed", "SKIPPED": "skipped"}

MANY = f"""
import time
import pytest

@pytest.fixture(scope="session", autouse=True)
def everything():
    yield
    time.sleep(0.3)

@pytest.mark.parametrize("n", range({TESTS}))
def test(n):
    time.sleep(0.002)
    if n % 10 == 3:
        pytest.skip("three")
    assert n % 10 != 7
"""

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 here")


@pytest.fixture
def project(tmp_path):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_many.py").write_text(MANY)
    return tmp_path


def killed_after(seconds, project, options):
    """Run the tests, kill them after a time, and return what they had printed."""
    output = project.parent / "output.txt"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "pytest", "-v", "--pipeline-state", "-p", "no:cacheprovider", *options],
            cwd=project,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "XDG_STATE_HOME": str(project.parent / "state")},
        )
        time.sleep(seconds)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        time.sleep(0.05)  # workers notice that their controller is gone
    return output.read_text()


@pytest.mark.parametrize("options", [(), ("-n2",)], ids=["plain", "xdist"])
@pytest.mark.parametrize("number", range(ROUNDS))
def test_what_was_reported_is_recorded(project, number, options):
    if options:
        pytest.importorskip("xdist")
    seed = f"{number} {options}"
    moment = random.Random(seed).uniform(0.3, 2.2)  # noqa: S311 - a seed, so that a failure can be repeated
    printed = killed_after(moment, project, options)
    reported = {int(n or m): OUTCOME[p or q] for n, p, q, m in REPORTED.findall(printed)}
    database = project / ".worktrees" / "pipeline_state.db"
    if not database.exists():  # killed before anything began
        assert not reported
        return
    with open_state(database) as state:
        taken = take_in(state)
        assert taken.left == {}
        runs = state.runs.list(all_worktrees=True)
        if not runs:
            assert not reported
            return
        [run] = runs
        attempts = state.attempts.of_run(run.id)
        [integrity] = state.database.one("PRAGMA integrity_check")
    assert integrity == "ok"
    recorded = {int(one.node_id.split("[")[1][:-1]): one for one in attempts}
    lost = {n: outcome for n, outcome in reported.items() if recorded[n].outcome != outcome}
    assert lost == {}, seed
    if run.status == "finished":
        return
    assert (run.status, run.exit_code, run.incomplete) == ("interrupted", None, None)
    assert "running" not in {one.outcome for one in attempts}
    at_work = [
        one for one in attempts if "interrupted" in (one.outcome, *(phase.outcome for phase in one.phases.values()))
    ]
    assert len(at_work) <= (4 if options else 1), (
        "one at a time, and with xdist one of each worker and those on the way"
    )
    if recorded:
        assert len(recorded) == TESTS, "those that did not begin are named, too"


def test_a_kill_in_the_teardown_of_a_session_fixture_keeps_every_result(project):
    (project / "test_many.py").write_text(MANY.replace("time.sleep(0.3)", "import os; os.kill(os.getpid(), 9)"))
    killed_after(8, project, ())
    with open_state(project / ".worktrees" / "pipeline_state.db") as state:
        take_in(state)
        [run] = state.runs.list(all_worktrees=True)
        attempts = state.attempts.of_run(run.id)
    assert run.status == "interrupted"
    assert sum(one.outcome == "passed" for one in attempts) == TESTS * 8 // 10
    last = next(one for one in attempts if one.node_id.endswith(f"[{TESTS - 1}]"))
    assert (last.outcome, last.phases["teardown"].outcome) == ("passed", "interrupted")


def test_eight_commands_at_once_take_a_journal_in_once(project):
    killed_after(1.2, project, ())
    database = project / ".worktrees" / "pipeline_state.db"
    program = (
        "from pipeline_state import open_state\n"
        "from pipeline_state.store.intake import take_in\n"
        f"print(take_in(open_state({str(database)!r})).left)\n"
    )
    commands = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) for _ in range(8)]
    assert {command.communicate()[0] for command in commands} == {b"{}\n"}
    with open_state(database) as state:
        [run] = state.runs.list(all_worktrees=True)
        attempts = state.attempts.of_run(run.id)
        assert len({one.node_id for one in attempts}) == len(attempts)
        assert run.status == "interrupted"
