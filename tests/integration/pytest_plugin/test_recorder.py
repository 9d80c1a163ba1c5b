"""What a recorded session leaves behind."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pipeline_state import open_state
from pipeline_state.store.intake import Reading, store

EVERY_OUTCOME = """
import unittest

import pytest


def test_passed(): pass


def test_failed(): assert 0, "broken"


@pytest.fixture
def bad_setup(): raise ValueError("no set-up")


def test_bad_setup(bad_setup): pass


@pytest.fixture
def bad_teardown():
    yield
    raise ValueError("no teardown")


def test_bad_teardown(bad_teardown): pass


def test_failed_and_bad_teardown(bad_teardown): assert 0, "broken too"


@pytest.mark.skip(reason="not today")
def test_skipped(): pass


def test_skipped_in_call(): pytest.skip("not here")


@pytest.mark.xfail(reason="known")
def test_xfailed(): assert 0


@pytest.mark.xfail(reason="thought so")
def test_xpassed(): pass


@pytest.mark.xfail(reason="surely", strict=True)
def test_strict_xpass(): pass
"""


def test_every_outcome_is_what_pytest_means(project):
    project.write(test_all=EVERY_OUTCOME)
    assert project.record().returncode == 1
    run, attempts = project.latest()
    assert (run.status, run.exit_code) == ("finished", 1)
    found = {one.node_id.partition("::")[2]: (one.outcome, one.phase, one.reason) for one in attempts}
    assert found == {
        "test_passed": ("passed", None, None),
        "test_failed": ("failed", "call", None),
        "test_bad_setup": ("error", "setup", None),
        "test_bad_teardown": ("error", "teardown", None),
        "test_failed_and_bad_teardown": ("failed", "call", None),
        "test_skipped": ("skipped", "setup", "not today"),
        "test_skipped_in_call": ("skipped", "call", "not here"),
        "test_xfailed": ("xfailed", "call", "known"),
        "test_xpassed": ("xpassed", "call", "thought so"),
        "test_strict_xpass": ("failed", "call", None),
    }
    failures = {one.node_id.partition("::")[2]: one.failure or "" for one in attempts}
    assert "broken too" in failures["test_failed_and_bad_teardown"]
    assert "no teardown" in failures["test_failed_and_bad_teardown"]
    assert not project.journals(), "a session that ends takes its journal with it"


def test_an_attempt_says_where_when_and_how_long(project):
    project.write(test_one="import time\n\ndef test_slow():\n    time.sleep(0.05)\n")
    project.record()
    run, [attempt] = project.latest()
    assert (attempt.file, attempt.line, attempt.number, attempt.worker) == ("test_one.py", 3, 1, None)
    assert list(attempt.phases) == ["setup", "call", "teardown"]
    assert attempt.phases["call"].duration >= 0.05
    assert run.started_at <= attempt.started_at <= run.finished_at


def test_a_run_says_what_it_ran_in(project):
    project.write(test_one="def test_one(): pass\n")
    project.record("-q", "test_one.py")
    run, _ = project.latest()
    assert run.arguments == ("--pipeline-state", "-q", "test_one.py")
    assert (run.commit_id, run.branch) == (project.git("rev-parse", "HEAD"), "main")
    with open_state(project.database) as state:
        environment = state.runs.environment_of(run)
        session = state.sessions.find(run.id)
    assert environment["distribution:pytest"] == pytest.__version__
    assert (session.rootdir, session.selection, session.collected) == (".", "run", 1)


def test_the_digest_of_the_tree_moves_with_the_tree_and_not_with_the_session(project):
    project.write(test_one="def test_one(): pass\n")
    digests = []
    for content in ("1", "1", "2"):
        (project.root / "data").write_text(content)
        project.record()
        digests.append(project.latest()[0].tree_digest)
    assert digests[0] == digests[1] != digests[2]


def test_the_rootdir_is_relative_to_the_worktree(project):
    package = project.root / "packages" / "one"
    package.mkdir(parents=True)
    (package / "pytest.ini").write_text("[pytest]\n")
    (package / "test_one.py").write_text("def test_one(): pass\n")
    project.record("packages/one")
    _, [attempt] = project.latest()
    assert (attempt.rootdir, attempt.node_id) == ("packages/one", "test_one.py::test_one")


@pytest.mark.parametrize("subtest", ["with subtests.test(i=i):", "with self.subTest(i=i):"])
def test_a_failing_subtest_makes_its_test_failed(project, subtest):
    if "self" in subtest:
        text = "import unittest\nclass T(unittest.TestCase):\n    def test_many(self):\n"
    else:
        pytest.importorskip("_pytest.subtests", reason="pytest 9 brought subtests")
        text = "class T:\n    pass\nclass TestT:\n    def test_many(self, subtests):\n"
    project.write(test_sub=f"{text}        for i in range(3):\n            {subtest}\n                assert i != 1\n")
    done = project.record()
    [attempt] = project.latest()[1]
    assert attempt.outcome == "failed"
    rows = [(each.position, each.description, each.outcome) for each in attempt.subtests]
    assert rows[-1][1:] == ("(i=2)", "passed") or rows == [(1, "(i=1)", "failed")], done.stdout
    [failure] = [each.failure for each in attempt.subtests if each.outcome == "failed"]
    assert "assert 1 != 1" in failure


SUBTESTS = """
import pytest

def test_many(subtests):
    for name in ("a", "b", "c"):
        with subtests.test("of", name=name, number=1):
            if name == "b":
                pytest.skip("not b")
            assert name != "c"

def test_none(): pass
"""


@pytest.mark.parametrize("options", [(), ("-n1",)], ids=["plain", "xdist"])
def test_each_subtest_has_a_row_of_its_own_with_its_parameters(project, options):
    pytest.importorskip("_pytest.subtests", reason="pytest 9 brought subtests")
    project.write(test_sub=SUBTESTS)
    project.record(*options)
    many, none = project.latest()[1]
    assert [(one.description, one.outcome, one.reason) for one in many.subtests] == [
        ("[of] (name='a', number=1)", "passed", None),
        ("[of] (name='b', number=1)", "skipped", "not b"),
        ("[of] (name='c', number=1)", "failed", None),
    ]
    assert all(one.duration is not None for one in many.subtests)
    assert (many.outcome, none.outcome, none.subtests) == ("failed", "passed", ())


VALUES = """
import pytest

@pytest.fixture
def late(state_record):
    yield
    state_record("late", "\\ud800")

def test_values(state_record, record_property, late):
    state_record("rows", 1000)
    record_property("rows", 2.5)

def test_no_values(): pass
"""


@pytest.mark.parametrize("options", [(), ("-n1",)], ids=["plain", "xdist"])
def test_what_a_test_records_of_itself_is_kept(project, options):
    project.write(test_v=VALUES.replace("\\ud800", "end"))
    assert project.record(*options).returncode == 0
    values, none = project.latest()[1]
    assert values.values == (("rows", "1000", "call"), ("rows", "2.5", "call"), ("late", "end", "teardown"))
    assert none.values == ()
    assert "1 passed" in project.pytest("-k", "test_values").stdout


@pytest.mark.parametrize("options", [(), ("-n1",)], ids=["plain", "xdist"])
def test_a_test_can_name_the_run(project, options):
    project.write(
        test_r="def test_run(pipeline_state_run, state_record):\n"
        "    state_record('id', pipeline_state_run.id)\n"
        "    assert pipeline_state_run.database.is_file()\n"
    )
    assert project.record(*options).returncode == 0
    run, [attempt] = project.latest()
    assert attempt.values == (("id", run.id, "call"),)


def test_without_recording_there_is_no_run(project):
    project.write(test_r="def test_run(pipeline_state_run): assert pipeline_state_run is None\n")
    assert project.pytest().returncode == 0


def test_subtests_that_were_reported_before_a_kill_are_kept(project):
    pytest.importorskip("_pytest.subtests", reason="pytest 9 brought subtests")
    project.write(
        test_sub="import os, signal\n"
        "def test_many(subtests):\n"
        "    for n in range(3):\n"
        "        with subtests.test(n=n): assert n\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    project.record()
    [attempt] = project.latest()[1]
    assert [(one.description, one.outcome) for one in attempt.subtests] == [
        ("(n=0)", "failed"),
        ("(n=1)", "passed"),
        ("(n=2)", "passed"),
    ]


def test_what_cannot_be_collected_is_an_error_of_the_file_and_the_rest_is_not_run(project):
    project.write(test_bad="import nothing_of_that_name\n", test_good="def test_one(): pass\n")
    assert project.record().returncode == 2
    run, attempts = project.latest()
    found = {one.node_id: (one.outcome, one.phase) for one in attempts}
    assert found == {"test_bad.py": ("error", "collect"), "test_good.py::test_one": ("not run", None)}
    assert "nothing_of_that_name" in next(one.failure for one in attempts if one.failure)
    assert run.exit_code == 2


def test_a_module_that_is_skipped_as_a_whole_is_skipped(project):
    project.write(test_skip="import pytest\npytest.skip('not for us', allow_module_level=True)\n")
    project.record()
    _, [attempt] = project.latest()
    assert (attempt.outcome, attempt.phase, attempt.reason) == ("skipped", "collect", "not for us")


def test_what_was_not_reached_is_not_run(project):
    project.write(test_x="def test_1(): pass\ndef test_2(): assert 0\ndef test_3(): pass\n")
    project.record("-x")
    assert project.outcomes() == {"test_1": "passed", "test_2": "failed", "test_3": "not run"}


@pytest.mark.parametrize("option", ["--collect-only", "--setup-plan", "--setup-only"])
def test_what_only_looks_like_a_run_passes_nothing(project, option):
    project.write(test_x="def test_1(): assert 0\n")
    project.record(option)
    assert project.outcomes() == {"test_1": "not run"}
    with open_state(project.database) as state:
        assert state.sessions.find(project.latest()[0].id).selection == option[2:]


@pytest.mark.parametrize("teardown", [True, False], ids=["teardown reported", "no teardown reported"])
def test_each_repetition_is_an_attempt(project, teardown):
    """As pytest-rerunfailures reports them: one start, and with or without the teardown of what is repeated."""
    project.write(
        test_x="def test_1(): pass\ndef test_2(): pass\n",
        conftest="from _pytest.runner import runtestprotocol\n"
        "def pytest_runtest_protocol(item, nextitem):\n"
        "    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)\n"
        "    for outcome in ('rerun', 'rerun', 'passed'):\n"
        "        for report in runtestprotocol(item, nextitem=nextitem, log=False):\n"
        "            if report.when == 'call':\n"
        "                report.outcome = outcome\n"
        "            item.ihook.pytest_runtest_logreport(report=report)\n"
        f"            if report.outcome == 'rerun' and not {teardown}:\n"
        "                break\n"
        "    return True\n",
    )
    done = project.record()
    found = [(one.node_id.partition("::")[2], one.number, one.outcome) for one in project.latest()[1]]
    assert found == [
        (name, number, outcome)
        for name in ("test_1", "test_2")
        for number, outcome in ((1, "failed"), (2, "failed"), (3, "passed"))
    ]
    assert "recorded 2 tests" in done.stdout


def test_ctrl_c_names_the_test_that_ran(project):
    project.write(test_x="def test_1(): pass\ndef test_2(): raise KeyboardInterrupt\ndef test_3(): pass\n")
    assert project.record().returncode == 2
    assert project.outcomes() == {"test_1": "passed", "test_2": "interrupted", "test_3": "not run"}
    assert project.latest()[0].status == "finished"


def test_a_usage_error_leaves_no_run_that_goes_on(project):
    assert project.record("no_such_file.py").returncode == 4
    run, attempts = project.latest()
    assert (run.status, run.exit_code, attempts) == ("finished", 4, [])


def test_an_internal_error_is_recorded_as_such(project):
    project.write(test_x="def test_1(): pass\n", conftest="def pytest_runtest_call(item): raise SystemExit(7)\n")
    done = project.record()
    assert project.latest()[0].exit_code == done.returncode


def test_the_ini_option_records_too(project):
    (project.root / "pytest.ini").write_text("[pytest]\npipeline_state = true\n")
    project.write(test_x="def test_1(): pass\n")
    project.pytest()
    assert project.outcomes() == {"test_1": "passed"}


def test_without_git_the_state_is_in_the_rootdir(project):
    project.write(test_x="def test_1(): pass\n")
    project.variables["GIT_CEILING_DIRECTORIES"] = str(project.root.parent)
    (project.root / ".git").rename(project.root / "no-git")
    done = project.record()
    assert done.returncode == 0
    assert project.outcomes() == {"test_1": "passed"}


def test_the_summary_is_one_line_if_nothing_has_changed(project):
    project.write(test_x="def test_1(): pass\n")
    lines = [line for line in project.record().stdout.splitlines() if line.startswith("pipeline-state: ")][1:]
    assert len(lines) == 1
    assert project.latest()[0].id in lines[0]


def test_the_summary_names_what_is_newly_failing_and_newly_fixed(project):
    text = "def test_1(): assert {}\ndef test_2(): assert {}\ndef test_3(): pass\n"
    lines = []
    for values in ((0, 1), (1, 0), (1, 0)):
        project.write(test_x=text.format(*values))
        lines.append([line for line in project.record().stdout.splitlines() if line.startswith("pipeline-state: ")][1:])
    assert [len(each) for each in lines] == [1, 2, 1]
    assert lines[1][1] == "pipeline-state: 1 newly failing: test_x.py::test_2; 1 newly fixed: test_x.py::test_1"


def test_the_summary_names_what_is_flaky(project):
    """In one and the same state; within one session too, where tests are run again."""
    (project.root / ".gitignore").write_text("*.pyc\n__pycache__/\ntimes\n")
    project.write(
        test_x="import pathlib, pytest\n"
        "def test_1():\n"
        "    times = pathlib.Path('times')\n"
        "    with times.open('a') as file: file.write('.')\n"
        "    assert len(times.read_text()) != 2\n"
        "def test_2(): assert 0\n"
        "seen = []\n"
        "@pytest.mark.flaky(reruns=1)\n"
        "def test_3(): seen.append(1); assert len(seen) > 1\n"
    )
    found = []
    for _ in range(4):
        done = project.record("-p", "no:cacheprovider")
        found.append([line for line in done.stdout.splitlines() if line.startswith("pipeline-state: ")][2:])
    assert found == [
        ["pipeline-state: 1 flaky: test_x.py::test_3"],
        ["pipeline-state: 1 newly failing: test_x.py::test_1; 2 flaky: test_x.py::test_1, test_x.py::test_3"],
        ["pipeline-state: 1 newly fixed: test_x.py::test_1; 2 flaky: test_x.py::test_1, test_x.py::test_3"],
        ["pipeline-state: 2 flaky: test_x.py::test_1, test_x.py::test_3"],
    ]


@pytest.mark.parametrize(
    "options",
    [("-p", "no:terminal"), ("-p", "no:cacheprovider"), ("-p", "no:xdist"), ("-p", "no:logging"), ("-qq",)],
    ids=lambda options: options[-1],
)
def test_no_other_plugin_is_needed(project, options):
    project.write(test_x="def test_1(): pass\n")
    assert project.record(*options).returncode == 0
    assert project.outcomes() == {"test_1": "passed"}


def test_a_changed_working_directory_changes_nothing(project):
    project.write(test_x="import os\ndef test_1(tmp_path): os.chdir(tmp_path)\ndef test_2(): pass\n")
    project.record()
    assert project.outcomes() == {"test_1": "passed", "test_2": "passed"}


def test_a_clock_that_a_test_replaces_changes_nothing(project):
    project.write(
        test_x="import time\n"
        "def test_1(monkeypatch):\n"
        "    monkeypatch.setattr(time, 'time_ns', lambda: 0)\n"
        "    monkeypatch.setattr(time, 'time', lambda: 0.0)\n"
        "    monkeypatch.setattr(time, 'monotonic_ns', lambda: 0)\n"
        "def test_2(): pass\n"
    )
    project.record()
    run, attempts = project.latest()
    assert all(run.started_at <= one.started_at <= run.finished_at for one in attempts)


def test_text_that_cannot_be_stored_is_made_storable(project):
    project.write(
        test_x="import pytest\n"
        "@pytest.mark.parametrize('value', ['\\ud800', 'a\\0b', 'ü', 'x' * 300])\n"
        "def test_1(value): assert not value, 'bad: \\udcff \\0 end'\n"
        "def test_huge(): assert False, 'x' * 1_000_000\n"
    )
    assert project.record().returncode == 1
    run, attempts = project.latest()
    assert len(attempts) == 5
    assert {one.outcome for one in attempts} == {"failed"}
    assert all(len(one.failure.encode()) < 70_000 for one in attempts)
    assert run.incomplete is None


def test_a_secret_in_a_failure_is_not_kept(project):
    project.variables["DEPLOY_TOKEN"] = "a-rather-secret-value"
    project.write(test_x="import os\ndef test_1(): assert not os.environ['DEPLOY_TOKEN']\n")
    project.record()
    _, [attempt] = project.latest()
    assert "a-rather-secret-value" not in attempt.failure


def to_the_microsecond(attempt):
    phases = {name: (phase.outcome, round(phase.duration, 6)) for name, phase in attempt.phases.items()}
    subtests = tuple(replace(each, duration=round(each.duration, 6)) for each in attempt.subtests)
    return replace(attempt, phases=phases, subtests=subtests)


def test_the_journal_says_the_same_as_the_session_itself(project, tmp_path):
    """What a session stores from memory and what is read back from its journal are the same rows."""
    project.write(
        test_all=EVERY_OUTCOME + VALUES + SUBTESTS * hasattr(pytest, "Subtests"),
        conftest="import pathlib, shutil, pytest\n"
        "@pytest.hookimpl(trylast=True)\n"
        "def pytest_terminal_summary(config):\n"
        "    recorder = config.pluginmanager.get_plugin('pipeline_state_recorder')\n"
        "    shutil.copy(recorder._journal.path, pathlib.Path(config.rootpath, 'copy.jsonl'))\n",
    )
    project.record()
    run, attempts = project.latest()
    journal = Reading((project.root / "copy.jsonl").read_bytes())
    with open_state(tmp_path / "other.db") as state:
        store(state, journal, ended_at=1)
        assert list(map(to_the_microsecond, state.attempts.of_run(run.id))) == list(map(to_the_microsecond, attempts))


def test_a_child_that_a_test_forks_records_nothing(project):
    project.write(
        test_x="import os, pytest\n"
        "if not hasattr(os, 'fork'): pytest.skip('no fork', allow_module_level=True)\n"
        "def test_1():\n"
        "    pid = os.fork()\n"
        "    if pid: os.waitpid(pid, 0)\n"  # the child goes on through the whole session
        "def test_2(): pass\n"
    )
    done = project.record()
    assert done.returncode == 0
    run, attempts = project.latest()
    assert [(one.node_id.partition("::")[2], one.number) for one in attempts] == [("test_1", 1), ("test_2", 1)]
    assert (run.status, run.exit_code, run.incomplete) == ("finished", 0, None)
    assert done.stdout.count("pipeline-state: recorded") == 1


def test_two_sessions_at_once_share_the_database(project):
    project.write(test_x="import time\ndef test_1(): time.sleep(0.5)\n")
    first, second = (project.start("--pipeline-state") for _ in range(2))
    assert (first.wait(60), second.wait(60)) == (0, 0)
    first.stdout.close()
    second.stdout.close()
    with open_state(project.database) as state:
        assert [run.status for run in state.runs.list(all_worktrees=True)] == ["finished", "finished"]


def test_the_next_session_closes_one_that_was_killed(project):
    project.write(test_x="import os, signal\ndef test_1(): os.kill(os.getpid(), signal.SIGKILL)\n")
    project.record()
    assert len(project.journals()) == 1
    project.write(test_x="def test_1(): pass\n")
    project.record()
    assert project.journals() == []
    with open_state(project.database) as state:
        assert [run.status for run in state.runs.list(all_worktrees=True)] == ["finished", "interrupted"]


def test_the_journal_is_private(project):
    project.write(test_x="import os, signal\ndef test_1(): os.kill(os.getpid(), signal.SIGKILL)\n")
    project.record()
    [journal] = project.journals()
    assert journal.stat().st_mode & 0o777 == 0o600
    header = json.loads(journal.read_bytes().partition(b"\n")[0])
    assert header["version"] == 2
