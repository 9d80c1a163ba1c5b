"""kill -9 at any instant: what pytest had reported is recorded, what ran is named, and the rest can be gone on with.

PIPELINE_STATE_ROUNDS sets how often, 2 times each by default:

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
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipeline_state import open_state
from pipeline_state.store.attempts import Attempt
from pipeline_state.store.intake import take_in
from pipeline_state.store.runs import Run

ROUNDS = int(os.environ.get("PIPELINE_STATE_ROUNDS", "2"))
SEED = os.environ.get("PIPELINE_STATE_SEED", "0")
ALL = frozenset(range(300))
OUTCOME = {"PASSED": "passed", "FAILED": "failed", "SKIPPED": "skipped"}
GOOD = {"passed", "skipped"}

# `LOG` tells which processes collect tests, and what really began and ended, whatever pytest makes of it.
MANY = f"""
import os
import time

import pytest

LOG = os.open(os.environ["LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
os.write(LOG, b"process %d\\n" % os.getpid())


@pytest.fixture(scope="session", autouse=True)
def everything():
    yield
    time.sleep(0.3)


@pytest.fixture
def logged(n):
    yield
    os.write(LOG, b"ended %d\\n" % n)


@pytest.mark.parametrize("n", range({len(ALL)}))
def test(n, logged):
    os.write(LOG, b"began %d\\n" % n)
    time.sleep(0.002)
    if n % 10 == 3:
        pytest.skip("three")
    assert n % 10 != 7
"""

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 here")


@dataclass
class Printed:
    """What pytest's output says of each test; under xdist a line for the start, and one with the worker for the end."""

    started: set[int] = field(default_factory=set)
    outcomes: dict[int, str] = field(default_factory=dict)
    latest: dict[str, int] = field(default_factory=dict)
    text: list[str] = field(default_factory=list)

    def add(self, line: str) -> None:
        self.text.append(line)
        if match := re.match(r"test_many\.py::test\[(\d+)\] ?(\w+)?", line):
            self.started.add(int(match[1]))
            self._ended(int(match[1]), match[2], "")
        elif match := re.match(r"\[(gw\d+)\] \[ *\d+%\] (\w+) test_many\.py::test\[(\d+)\]", line):
            self._ended(int(match[3]), match[2], match[1])

    def _ended(self, n: int, word: str | None, worker: str) -> None:
        if word in OUTCOME:
            self.outcomes[n] = OUTCOME[word]
            self.latest[worker] = n

    @property
    def surely_done(self) -> set[int]:
        """Those with a good result whose process has gone on to another test since, so that all of it was reported."""
        return {n for n, outcome in self.outcomes.items() if outcome in GOOD} - set(self.latest.values())


@dataclass
class Project:
    root: Path

    @property
    def database(self) -> Path:
        return self.root / ".worktrees" / "pipeline_state.db"

    def start(self, log: Path, *options: str) -> subprocess.Popen[str]:
        log.touch()
        quiet = ("--tb=no", "-rN", "-p", "no:cacheprovider")
        return subprocess.Popen(
            [sys.executable, "-u", "-m", "pytest", "-v", "--pipeline-state", *quiet, *options],
            cwd=self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            start_new_session=True,
            env={**os.environ, "XDG_STATE_HOME": str(self.root.parent / "state"), "LOG": str(log)},
        )

    def record(self, *options: str) -> tuple[int, Printed]:
        printed = Printed()
        with self.start(self.root.parent / "log", *options) as process:
            for line in process.stdout:
                printed.add(line)
        return process.returncode, printed

    def recorded(self) -> list[tuple[Run, list[Attempt]]]:
        """The sessions that are recorded, the oldest first; nothing is left to be taken in."""
        with open_state(self.database) as state:
            assert take_in(state).left == {}
            assert tuple(state.database.one("PRAGMA integrity_check")) == ("ok",)
            runs = state.runs.list(all_worktrees=True)
            return [(run, state.attempts.of_run(run.id)) for run in reversed(runs)]


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path / "project")


def make_project(root: Path) -> Project:
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    (root / "pytest.ini").write_text("[pytest]\n")
    (root / ".gitignore").write_text("__pycache__/\n")
    (root / "test_many.py").write_text(MANY)
    return Project(root)


def number(attempt):
    return int(attempt.node_id.split("[")[1][:-1])


def outcomes(attempts):
    """The outcome of the last attempt at each test."""
    return {number(one): one.outcome for one in attempts}


def not_recorded(printed, found):
    """What was printed and is recorded otherwise. xdist prints a test whose worker died as failed."""
    return {
        n: outcome
        for n, outcome in printed.outcomes.items()
        if (found.get(n, "lost"), outcome) not in ((outcome, outcome), ("crashed", "failed"))
    }


def is_done(attempt):
    teardown = attempt.phases.get("teardown")
    return attempt.outcome in GOOD and teardown is not None and teardown.outcome == "passed"


def was_at_work(attempt):
    return "interrupted" in (attempt.outcome, *(phase.outcome for phase in attempt.phases.values()))


def numbers(log: Path, word: str) -> list[int]:
    return [int(number) for number in re.findall(rf"^{word} (\d+)$", log.read_text(), flags=re.MULTILINE)]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Exit code and outcomes of a session that nobody kills."""
    project = make_project(tmp_path_factory.mktemp("undisturbed") / "project")
    code, _ = project.record()
    [(_, attempts)] = project.recorded()
    return code, outcomes(attempts)


def kill_at_some_instant(project: Project, victim: str, options: tuple[str, ...], chance: random.Random) -> Printed:
    """Run the tests, kill a process after so many results (none: while it starts) and a moment more, read the rest."""
    log = project.root.parent / "log of the killed"
    after = int(chance.uniform(-0.1 if victim != "worker" else 0.01, 1.02) * len(ALL))
    pause = chance.uniform(0, 1.2) if after < 0 else chance.uniform(0, 0.4) if after >= len(ALL) else 0.005
    printed = Printed()
    with project.start(log, *options) as process:
        while 0 <= len(printed.outcomes) < min(after, len(ALL)) and (line := process.stdout.readline()):
            printed.add(line)
        time.sleep(chance.uniform(0, pause))
        pid = chance.choice(numbers(log, "process")) if victim == "worker" else process.pid
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:  # it has ended by itself
            assert victim == "worker"
        for line in process.stdout:  # to its end: until the workers, too, are gone
            printed.add(line)
    return printed


@pytest.mark.parametrize(
    ("victim", "options"),
    [("process", ()), ("controller", ("-n2",)), ("worker", ("-n2",))],
    ids=["plain", "xdist controller", "xdist worker"],
)
@pytest.mark.parametrize("number_of_round", range(ROUNDS))
def test_nothing_reported_is_lost_and_exactly_the_rest_is_run(project, undisturbed, number_of_round, victim, options):
    if options:
        pytest.importorskip("xdist")
    seed = f"{number_of_round} {victim} {SEED}"
    printed = kill_at_some_instant(project, victim, options, random.Random(seed))  # noqa: S311 - to be repeated
    if number_of_round % 2 and project.database.exists():
        project.recorded()  # another command comes first
    code, resumed = project.record("--pipeline-state-resume", *(options if number_of_round % 4 < 2 else ()))
    *before, (_, rest) = project.recorded()
    run, attempts = before[0] if before else (None, [])
    found = outcomes(attempts)

    # What was reported is there, with that result.
    crashed = {n for n, outcome in found.items() if outcome == "crashed"}
    assert victim == "worker" or not crashed
    assert not_recorded(printed, found) == {}, seed

    # What was running is named; what never began is named too, and nothing goes on.
    in_flight = printed.started - printed.outcomes.keys()
    named = {number(one) for one in attempts if was_at_work(one)} | crashed
    assert in_flight <= named, seed
    assert len(named) <= (4 if options else 1), "one at a time, and with xdist one of each worker and those on the way"
    assert "running" not in found.values()
    if attempts:
        assert found.keys() == ALL
    if run is not None and victim != "worker" and run.status != "finished":
        assert (run.status, run.exit_code, run.incomplete) == ("interrupted", None, None)

    # What is done ended in truth, and exactly the rest is run.
    done = {number(one) for one in {one.node_id: one for one in attempts}.values() if is_done(one)}
    assert printed.surely_done <= done <= set(numbers(project.root.parent / "log of the killed", "ended")), seed
    assert resumed.outcomes.keys() == ALL - done, seed
    assert (code, {**found, **outcomes(rest)}) == undisturbed, seed


@pytest.mark.parametrize(
    ("victim", "options"),
    [("os.getpid()", ()), ("os.getppid()", ("-n2",)), ("os.getpid()", ("-n2",))],
    ids=["plain", "xdist controller", "xdist worker"],
)
def test_a_kill_in_the_teardown_of_a_session_fixture_keeps_every_result(project, undisturbed, victim, options):
    if options:
        pytest.importorskip("xdist")
    late = MANY.replace("time.sleep(0.3)", f"'KILL' in os.environ and os.kill({victim}, 9); time.sleep(0.3)")
    (project.root / "test_many.py").write_text(late)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KILL", "now")
        _, printed = project.record(*options)
    [(run, attempts)] = project.recorded()
    assert run.status == ("interrupted" if victim == "os.getppid()" or not options else "finished")
    assert not_recorded(printed, outcomes(attempts)) == {}
    if not options:
        assert outcomes(attempts) == undisturbed[1]
        assert [number(one) for one in attempts if was_at_work(one)] == [max(ALL)]
    done = {number(one) for one in attempts if is_done(one)}
    code, resumed = project.record("--pipeline-state-resume", *options)
    assert resumed.outcomes.keys() == ALL - done
    assert (code, {**outcomes(attempts), **outcomes(project.recorded()[-1][1])}) == undisturbed


def test_eight_commands_at_once_take_a_journal_in_once(project):
    kill_at_some_instant(project, "process", (), random.Random(1))  # noqa: S311 - to be repeated
    program = (
        "from pipeline_state import open_state\n"
        "from pipeline_state.store.intake import take_in\n"
        f"print(take_in(open_state({str(project.database)!r})).left)\n"
    )
    commands = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) for _ in range(8)]
    assert {command.communicate()[0] for command in commands} == {b"{}\n"}
    [(run, attempts)] = project.recorded()
    assert len({one.node_id for one in attempts}) == len(attempts)
    assert run.status == "interrupted"
