"""Warm start: verdicts of the nearest sibling are taken over, its history is not, and nothing depends on it."""

from __future__ import annotations

import os
import shutil
import sqlite3

import pytest

from pipeline_state.cli.main import main
from pipeline_state.location import find_worktree, locate
from pipeline_state.store.attempts import Part
from pipeline_state.store.findings import Finding
from pipeline_state.store.registry import Row
from pipeline_state.store.state import open_at
from pipeline_state.store.takeover import Taken, Wanted, take_over
from pipeline_state.store.verdicts import Verdict
from pipeline_state.store.warm_start import by_nearness, warm_start

ALL = Wanted(verdicts=True, durations=True)
FINDING = Finding("d", "r", "error", "syntax", "a.py", 1, 2, None, None, "message", "f")


@pytest.fixture
def judged():
    """Stores a clean verdict and one with a finding in a worktree; both keys end in the given byte."""

    def judged(folder, byte=b"x", commit=None):
        with open_at(locate(cwd=folder)) as state:
            run = state.runs.begin("check", commit_id=commit)
            verdicts = [Verdict(b"clean" + byte, "d", "clean"), Verdict(b"found" + byte, "d", "findings", (FINDING,))]
            state.database.write(lambda: state.verdicts.add(run.id, verdicts))
            state.database.write(lambda: state.tools.learn(b"tool", "1.0"))
            state.runs.finish(run.id, 0)
            return state.path, state.token

    return judged


def keys(state):
    return {bytes(row[0]) for row in state.database.all("SELECT key FROM verdicts")}


def test_a_new_worktree_takes_over_verdicts_findings_and_tools_but_no_history(committed, linked, judged):
    judged(committed)
    with open_at(locate(cwd=linked)) as state:
        assert warm_start(state) == Taken(2, 0)
        assert state.verdicts.outcomes([b"cleanx", b"foundx"]) == {b"cleanx": "clean", b"foundx": "findings"}
        assert state.findings.of_keys({b"foundx": FINDING.detector}) == {b"foundx": (FINDING,)}
        assert state.tools.version(b"tool") == "1.0"
        assert state.runs.list(-1, all_worktrees=True) == ()
        assert state.verdicts.judged_pairs() == []


@pytest.fixture
def tested():
    """Records a session in a worktree: how long each test took, in seconds, or None for one that was cut off."""

    def tested(folder, **seconds):
        with open_at(locate(cwd=folder)) as state:
            run = state.runs.begin("pytest")
            state.database.write(lambda: state.sessions.add(run.id, ".", "run"))
            parts = []
            for name, call_s in seconds.items():
                part = Part(f"test_a.py::{name}", 1)
                part.setup_s, part.teardown_s = 0.25, 0.25
                part.call_s, part.outcome = call_s, "interrupted" if call_s is None else "passed"
                parts.append(part)
            state.database.write(lambda: state.attempts.add(run.id, ".", parts))
            state.runs.finish(run.id, 0)

    return tested


def test_a_new_worktree_takes_over_how_long_tests_last_took_and_no_result(committed, linked, tested):
    tested(committed, test_one=1.0, test_two=2.0, test_cut=None)
    tested(committed, test_one=3.0, test_two=None)
    with open_at(locate(cwd=linked)) as state:
        assert warm_start(state) == Taken(0, 2)
        assert state.tests.durations(".") == {"test_a.py::test_one": 3.5, "test_a.py::test_two": 2.5}
        assert state.attempts.last_results(".") == []
        assert state.tests.slowest(-1) == []
    tested(linked, test_one=1.0)
    with open_at(locate(cwd=linked)) as state:
        assert warm_start(state) == Taken(0, 0)
        assert state.tests.durations(".") == {"test_a.py::test_one": 1.5, "test_a.py::test_two": 2.5}


def test_durations_are_handed_on_from_worktree_to_worktree(committed, linked, git, tested):
    tested(committed, test_one=1.0)
    with open_at(locate(cwd=linked)) as state:
        warm_start(state)
        path, token = state.path, state.token
    git(committed, "worktree", "add", "-q", "--detach", committed.parent / "third")
    with open_at(locate(cwd=committed.parent / "third")) as state:
        assert take_over(state.database, str(path), token, Wanted(verdicts=False, durations=True)) == Taken(0, 1)
        assert state.tests.durations(".") == {"test_a.py::test_one": 1.5}


def test_where_anything_was_judged_nothing_is_taken_over(committed, linked, judged):
    judged(committed, b"a")
    judged(linked, b"b")
    with open_at(locate(cwd=linked)) as state:
        assert warm_start(state) == Taken(0, 0)
        assert keys(state) == {b"cleanb", b"foundb"}


def test_the_nearest_commit_comes_before_the_latest_use(committed, git, judged):
    commits = []
    for number in range(3):
        git(committed, "commit", "-q", "--allow-empty", "-m", str(number))
        commits.append(git(committed, "rev-parse", "HEAD"))
    for name, commit in (("near", commits[1]), ("far", commits[0]), ("new", commits[2])):
        git(committed, "worktree", "add", "-q", "--detach", committed.parent / name, commit)
    judged(committed.parent / "near", b"n", commits[1])
    judged(committed.parent / "far", b"f", commits[0])  # the latest use
    with open_at(locate(cwd=committed.parent / "new")) as state:
        warm_start(state)
        assert keys(state) == {b"cleann", b"foundn"}


def row(token, used_at, commit=None):
    runs = () if commit is None else ({"id": "a", "commit_id": commit},)
    return Row(token, "/x", ".", "/x/db", "/x", 1, used_at, runs)


def test_among_equally_near_ones_the_latest_use_decides(common_dir):
    rows = [row("a", "1"), row("b", "3"), row("c", "2")]
    assert [each.token for each in by_nearness(rows, common_dir, None)] == ["b", "c", "a"]


@pytest.mark.parametrize("commit", ["--all", "0" * 40, "HEAD", "; rm", ""])
def test_a_commit_that_is_none_is_far_away(committed, common_dir, git, commit):
    head = git(committed, "rev-parse", "HEAD")
    rows = [row("a", "2", commit), row("b", "1", head)]
    assert [each.token for each in by_nearness(rows, common_dir, head)] == ["b", "a"]


def test_a_sibling_that_cannot_be_read_is_passed_over(committed, linked, git, judged, tmp_path):
    good, bad = tmp_path / "good", tmp_path / "bad"
    for path in (good, bad):
        git(committed, "worktree", "add", "-q", "--detach", path)
    judged(good, b"g")
    path, _ = judged(bad, b"b")
    for each in path.parent.glob("pipeline_state.db*"):
        shutil.rmtree(each) if each.is_dir() else each.unlink()
    path.write_bytes(b"no database " * 1000)
    with open_at(locate(cwd=linked)) as state:
        assert warm_start(state) == Taken(2, 0)
        assert keys(state) == {b"cleang", b"foundg"}
    assert path.read_bytes() == b"no database " * 1000


def test_the_database_of_another_application_is_passed_over(committed, linked, judged):
    path, _ = judged(committed)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA application_id = 1")
    connection.close()
    with open_at(locate(cwd=linked)) as state:
        assert warm_start(state) == Taken(0, 0)


def test_a_database_that_the_worktree_of_the_row_has_not_used_is_passed_over(committed, linked, judged):
    path, _ = judged(committed)
    with open_at(locate(cwd=linked)) as state:
        assert take_over(state.database, str(path), "1" * 32, ALL) == Taken(0, 0)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
def test_the_database_of_another_user_is_passed_over(committed, linked, judged):
    path, token = judged(committed)
    os.chown(path, 65534, 65534)
    with open_at(locate(cwd=linked)) as state:
        assert take_over(state.database, str(path), token, ALL) == Taken(0, 0)


def test_a_shared_database_takes_nothing_from_itself(committed, linked, judged, monkeypatch, tmp_path):
    monkeypatch.setenv("PIPELINE_DB_PATH", str(tmp_path / "shared.db"))
    path, token = judged(committed)
    with open_at(locate(cwd=linked)) as state:
        assert state.path == path
        assert take_over(state.database, str(path), token, ALL) == Taken(0, 0)


def test_a_sibling_that_is_being_written_to_can_be_taken_from(committed, linked, judged):
    path, token = judged(committed)
    with (
        open_at(locate(cwd=committed)) as writer,
        writer.database.transaction(),
        open_at(locate(cwd=linked)) as state,
    ):
        assert take_over(state.database, str(path), token, ALL) == Taken(2, 0)


def test_the_first_check_of_a_new_worktree_judges_nothing_again(committed, linked, monkeypatch, capsys):
    (committed / "pyproject.toml").write_text('[tool.pipeline-state]\ndetectors = ["built-in"]\n')
    (linked / "pyproject.toml").write_text('[tool.pipeline-state]\ndetectors = ["built-in"]\n')
    monkeypatch.chdir(committed)
    assert main(["check"]) == 0
    monkeypatch.chdir(linked)
    assert main(["check", "--json"]) == 0
    assert '"checked": 0' in capsys.readouterr().out
    assert find_worktree(linked).root == str(linked)


def test_without_the_cache_nothing_is_taken_over(committed, linked, judged, monkeypatch):
    judged(committed)
    monkeypatch.chdir(linked)
    assert main(["check", "--no-cache"]) == 0
    with open_at(locate()) as state:
        assert not state.has_verdicts
