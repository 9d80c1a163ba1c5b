from __future__ import annotations

import pytest

from pipeline_state.errors import StateError, UsageError
from pipeline_state.store.runs import TRANSITIONS, Runs
from pipeline_state.store.storable import REDACTED


@pytest.fixture
def runs(memory):
    return memory.runs


@pytest.fixture
def elsewhere(memory):
    """The runs of another worktree that shares the database."""
    with memory.database.transaction():
        memory.database.execute("INSERT INTO worktrees (token, first_seen_at) VALUES ('other', '')")
    row = memory.database.one("SELECT id FROM worktrees WHERE token = 'other'")
    return Runs(memory.database, row["id"])


def test_a_run_is_what_was_said_when_it_began(runs):
    run = runs.begin("check", ["--all", "a b"], commit_id="abc", branch="main", tree_digest="123")
    assert (run.kind, run.status, run.arguments) == ("check", "running", ("--all", "a b"))
    assert (run.commit_id, run.branch, run.tree_digest) == ("abc", "main", "123")
    assert (run.exit_code, run.finished_at, run.incomplete) == (None, None, None)
    assert len(run.id) == 16
    assert set(run.id) <= set("0123456789abcdef")
    assert runs.get(run.id) == run


def test_of_thousands_of_arguments_the_first_are_kept_and_how_many_there_were(runs):
    run = runs.begin("check", [f"file{number}.py" for number in range(3000)])
    assert run.arguments[:2] == ("file0.py", "file1.py")
    assert run.arguments[-1] == "… and 2900 more"
    assert len(run.arguments) == 101


def test_a_run_ends_once(runs):
    run = runs.begin("pytest")
    runs.finish(run.id, 1, incomplete="the disk was full")
    ended = runs.get(run.id)
    assert (ended.status, ended.exit_code, ended.incomplete) == ("finished", 1, "the disk was full")
    assert ended.finished_at >= ended.started_at
    for end in (lambda: runs.finish(run.id, 0), lambda: runs.interrupt(run.id)):
        with pytest.raises(StateError, match="is finished and cannot become"):
            end()
    assert runs.get(run.id) == ended


@pytest.mark.parametrize("before", TRANSITIONS)
@pytest.mark.parametrize("after", ["finished", "interrupted"])
def test_only_the_transitions_of_the_table_are_stored(runs, memory, before, after):
    run = runs.begin("check")
    with memory.database.transaction():
        memory.database.execute("UPDATE runs SET status = ?", (before,))
    end = {"finished": lambda: runs.finish(run.id, 0), "interrupted": lambda: runs.interrupt(run.id)}[after]
    if after in TRANSITIONS[before]:
        end()
        assert runs.get(run.id).status == after
    else:
        with pytest.raises(StateError, match="cannot become"):
            end()
        assert runs.get(run.id).status == before


def test_a_run_that_is_not_there_cannot_end(runs):
    with pytest.raises(UsageError, match="no run"):
        runs.finish("0" * 16, 0)


def test_the_environment_is_kept_once_and_without_secrets(runs):
    environment = {"python": "3.12", "platform": "linux", "API_TOKEN": "not to be seen"}
    one, other = (runs.begin("check", environment=environment) for _ in range(2))
    third = runs.begin("check", environment={**environment, "python": "3.13"})
    assert one.environment_id == other.environment_id != third.environment_id
    assert runs.environment_of(one) == {"API_TOKEN": REDACTED, "platform": "linux", "python": "3.12"}
    assert runs.environment_of(third)["python"] == "3.13"
    assert runs.environment_of(runs.begin("check")) == {}


def test_the_newest_comes_first(runs):
    ids = [runs.begin("check", started_at=f"2026-01-0{day}T00:00:00.000000Z").id for day in (2, 1, 3)]
    assert [run.id for run in runs.list()] == [ids[2], ids[0], ids[1]]
    assert [run.id for run in runs.list(1)] == [ids[2]]
    assert runs.latest().id == ids[2]


def test_the_latest_is_that_of_the_kind_that_is_asked_for(runs):
    assert runs.latest() is None
    check = runs.begin("check", started_at="2026-01-01T00:00:00.000000Z")
    pytest_run = runs.begin("pytest", started_at="2026-01-02T00:00:00.000000Z")
    assert runs.latest().id == runs.find("latest").id == pytest_run.id
    assert runs.latest("check").id == runs.find("latest", "check").id == check.id


def test_a_run_is_found_by_its_id_or_by_the_beginning_of_it(runs):
    run = runs.begin("check", run_id="00ff00ff00ff00ff")
    runs.begin("check", run_id="1234567890abcdef")
    for text in (run.id, "0", "00ff", "00FF00", " 00ff "):
        assert runs.find(text).id == run.id
    with pytest.raises(UsageError, match="no pytest run"):
        runs.find("00ff", "pytest")


def test_what_means_several_runs_names_them(runs):
    for end in "0123456":
        runs.begin("check", run_id="aaaaaaaaaaaaaaa" + end)
    with pytest.raises(UsageError, match=r"begins several runs: .*aaaaaaaaaaaaaaa6.*, …; write more"):
        runs.find("aa")


@pytest.mark.parametrize("text", ["ffff", "", "x", "%", "latest!", "-1", "a" * 17, "g"])
def test_what_means_no_run_names_the_latest(runs, text):
    with pytest.raises(UsageError, match="there are none yet"):
        runs.find(text)
    run = runs.begin("check", run_id="0123456789abcdef")
    with pytest.raises(UsageError, match=f"the latest are {run.id}"):
        runs.find(text)


def test_a_worktree_sees_its_own_runs_unless_it_asks_for_all(runs, elsewhere):
    mine, theirs = runs.begin("check"), elsewhere.begin("check")
    assert [run.id for run in runs.list()] == [mine.id]
    assert {run.id for run in runs.list(all_worktrees=True)} == {mine.id, theirs.id}
    assert runs.find(mine.id[:6]).id == mine.id
    with pytest.raises(UsageError):
        runs.find(theirs.id)
    assert runs.find(theirs.id, all_worktrees=True).worktree == "other"


def test_a_run_that_is_taken_in_keeps_its_own_times(runs):
    run = runs.begin("pytest", run_id="0123456789abcdef", started_at="2026-01-01T00:00:00.000000Z", host="there")
    runs.interrupt(run.id, finished_at="2026-01-01T00:01:00.000000Z")
    run = runs.get(run.id)
    assert (run.started_at, run.finished_at) == ("2026-01-01T00:00:00.000000Z", "2026-01-01T00:01:00.000000Z")
    assert (run.host, run.status) == ("there", "interrupted")


def test_a_run_that_could_not_be_stored_holds_no_lock(state, path):
    with pytest.raises(StateError):
        state.runs.begin("no such kind")
    assert list((path.parent / f"{path.name}.runs").iterdir()) == []


def test_what_is_running_is_known_to_be_alive(state, path, reopen):
    run = state.runs.begin("check")
    assert reopen().runs.close_dead("check") == ()
    state.runs.finish(run.id, 0)
    assert list((path.parent / f"{path.name}.runs").iterdir()) == []


def test_the_run_of_a_killed_process_is_interrupted(state, path, in_process):
    code = """
        from pathlib import Path
        from pipeline_state.location import Location
        opened = state.open_at(Location(sys.argv[1], "argument", None))
        print(opened.runs.begin("check").id, flush=True)
        if len(sys.argv) > 2 and os.fork() == 0:
            import time
            time.sleep(1.5)  # a worker that outlives its parent must not make the run look alive
            os._exit(0)
        os.kill(os.getpid(), 9)
    """
    in_process(code, path, check=False)
    (run,) = state.runs.running("check")
    assert [dead.id for dead in state.runs.close_dead("check")] == [run.id]
    assert state.runs.get(run.id).status == "interrupted"
    assert state.runs.close_dead("check") == ()
    assert list((path.parent / f"{path.name}.runs").iterdir()) == []
