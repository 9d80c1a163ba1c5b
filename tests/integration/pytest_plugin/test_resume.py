"""A session that goes on where an earlier one ended runs what is left, and says why it does or does not."""

from __future__ import annotations

import pytest

from pipeline_state import open_state

TESTS = """
import json, os, pathlib, pytest, signal, time

HERE = pathlib.Path(__file__).parent.parent

def is_recorded(test):
    journals = pathlib.Path(__file__).parent.glob(".worktrees/*.runs/*.jsonl")
    lines = [json.loads(line) for one in journals for line in one.read_bytes().split(b"\\n")[1:-1]]
    names = [name for line in lines if line[0] == "n" for name in line[2]]
    return any(line[0] == "s" and names[line[1]].endswith(test) for line in lines)

@pytest.mark.parametrize("n", range(8))
def test_many(n):
    with open(HERE / "ran", "a") as file:
        file.write(f"{n} ")
    what = (HERE / "what").read_text() if n == 5 else ""
    if what == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "kill all":
        end = time.monotonic() + 30
        while not is_recorded("[5]") and time.monotonic() < end:  # of a worker it hears in its own time
            time.sleep(0.01)
        os.killpg(os.getpgid(0), signal.SIGKILL)
    if what == "ctrl-c":
        raise KeyboardInterrupt
    assert what != "fail"
"""

each_way = pytest.mark.parametrize("options", [(), ("-n2",)], ids=["plain", "xdist"])


@pytest.fixture
def ran(project):
    """Runs the tests with some options, and returns the output and which of them ran."""
    project.write(test_x=TESTS)
    log = project.root.parent / "ran"

    def run(*options, what="", resume="--pipeline-state-resume"):
        (project.root.parent / "what").write_text(what)
        log.write_text("")
        done = project.pytest(resume, *options, start_new_session=True)
        return done, sorted(map(int, log.read_text().split()))

    return run


def said(done):
    return next((line for line in done.stdout.splitlines() if "pipeline-state: resume:" in line), "")


@each_way
@pytest.mark.parametrize("what", ["fail", "kill all", "ctrl-c"])
def test_the_rest_and_nothing_else_is_run(project, ran, options, what):
    first, _ = ran(*options, what=what)
    assert "no earlier session" in said(first) or what == "kill all"
    run, attempts = project.latest()
    left = [n for n in range(8) if (f"test_x.py::test_many[{n}]", "passed") not in passed_and_torn_down(attempts)]
    assert 5 in left
    second, again = ran(*options)
    assert again == left, second.stdout
    assert f"going on with run {run.id}: {8 - len(left)} tests are done" in said(second)
    assert second.returncode == 0
    third, nothing = ran(*options)
    assert (third.returncode, nothing) == (0, [])
    assert "nothing is left to run" in third.stdout


def passed_and_torn_down(attempts):
    done = [one for one in attempts if one.phases.get("teardown") and one.phases["teardown"].outcome == "passed"]
    return [(one.node_id, one.outcome) for one in done]


def test_a_session_with_workers_goes_on_with_one_without(ran):
    ran("-n2", what="fail")
    assert ran()[1] == [5]


def test_what_crashed_a_worker_is_run_again(ran):
    ran("-n2", what="kill")
    assert ran("-n2")[1] == [5]


def test_chains_accumulate_what_passed(project, ran):
    ran("--maxfail=1", what="fail")
    ran("--maxfail=1", what="fail")
    assert ran()[1] == [5, 6, 7]
    with open_state(project.database) as state:
        run, before = state.runs.list(2, "pytest", all_worktrees=True)
        assert state.sessions.find(run.id).continues == before.id


@pytest.mark.parametrize("options", [("-k", "many"), ("test_x.py",), ("--deselect", "test_x.py::test_many[0]")])
def test_another_selection_is_another_session(ran, options):
    ran(what="fail")
    done, _ = ran(*options)
    assert "no earlier session of this selection" in said(done)


def test_how_tests_are_run_is_no_part_of_the_selection(ran):
    ran("-x", "-v", what="fail")
    assert ran("-q", "--maxfail=3")[1] == [5, 6, 7]


def change_commit(project):
    project.git("commit", "-q", "--allow-empty", "-m", "more")


def change_tree(project):
    (project.root / "new").write_text("")


@pytest.mark.parametrize(("change", "why"), [(change_commit, "the commit"), (change_tree, "what is not committed")])
def test_a_change_means_that_everything_runs_unless_forced(project, ran, change, why):
    ran(what="fail")
    change(project)
    done, again = ran("-x", what="fail")
    assert f"{why} changed since run" in said(done)
    assert again == [0, 1, 2, 3, 4, 5]
    change(project) if change is change_commit else (project.root / "new").write_text("other")
    done, again = ran(resume="--pipeline-state-resume=force")
    assert f"although {why} changed" in said(done)
    assert again == [5, 6, 7]


def test_a_changed_environment_is_named(project, ran):
    ran(what="fail")
    site = project.root.parent / "site"
    (site / "fancy_thing-1.0.dist-info").mkdir(parents=True)
    project.variables["PYTHONPATH"] = str(site)
    done, again = ran()
    assert "the environment (distribution:fancy-thing) changed" in said(done)
    assert len(again) == 8


def test_without_git_everything_runs(project, ran):
    project.variables["GIT_CEILING_DIRECTORIES"] = str(project.root.parent)
    (project.root / ".git").rename(project.root / "no-git")
    ran(what="fail")
    done, again = ran()
    assert "without Git" in said(done)
    assert len(again) == 8


def test_a_session_that_passed_leaves_nothing_to_resume(ran):
    ran()
    done, again = ran()
    assert "passed, nothing is to be resumed; everything runs" in said(done)
    assert len(again) == 8


@each_way
def test_what_took_the_process_down_repeatedly_runs_last_and_is_named(ran, options):
    ran(*options, what="kill all")
    ran(*options, what="kill all")
    _, again = ran(what="kill all")
    assert {5, 6, 7} - set(again) <= {n for n in (6, 7) if options}  # a worker may have run those before
    last, _ = ran()
    assert "run last, for they took the process down before: test_x.py::test_many[5]" in said(last)


def test_an_unknown_and_a_duplicated_test_run(project, ran):
    ran(what="fail")
    (project.root.parent / "what").write_text("")
    project.write(test_x=TESTS.replace("range(8)", "range(9)"))
    assert ran(resume="--pipeline-state-resume=force")[1] == [5, 8]


def test_the_end_of_a_session_fixture_that_was_not_reached_is_reached(project, ran):
    project.write(
        conftest="import os, pathlib, pytest, signal\n"
        "@pytest.fixture(scope='session', autouse=True)\n"
        "def service():\n"
        "    yield\n"
        "    if pathlib.Path(__file__).parent.with_name('what').read_text() == 'late':\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ran(what="late")
    assert ran()[1] == [7]


def test_a_path_may_follow_the_option(project):
    project.write(test_x="def test_1(): pass\n")
    done = project.pytest("--pipeline-state-resume", "test_x.py")
    assert "1 passed" in done.stdout
    assert project.pytest("--pipeline-state-resume=no").returncode == 4


def test_where_nothing_can_be_recorded_everything_runs(project, ran):
    (project.root / ".worktrees").write_text("")
    done, again = ran()
    assert "everything runs" in said(done)
    assert (done.returncode, len(again)) == (0, 8)
