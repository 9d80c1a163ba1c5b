"""The registry in the common Git directory: whole lines, no lock, nothing lost, nobody's other files touched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline_state.errors import StateError
from pipeline_state.location import locate
from pipeline_state.store import registry
from pipeline_state.store.check_runs import CheckSummary
from pipeline_state.store.state import open_at, open_state

TOKEN, OTHER = "0" * 32, "f" * 32
posix = pytest.mark.skipif(os.name == "nt", reason="needs links and modes")


@pytest.fixture
def here(committed, monkeypatch):
    monkeypatch.chdir(committed)
    return locate()


@pytest.fixture
def rows(here):
    return Path(here.worktree.common_dir) / registry.FOLDER / registry.ROWS


def test_a_row_says_where_a_worktree_is(here):
    assert registry.record(here, TOKEN)
    row = registry.read(here.worktree.common_dir, TOKEN)
    assert (row.path, row.git_dir, row.database) == (here.worktree.root, ".", here.path)
    assert (row.common_dir, row.inode) == (here.worktree.common_dir, os.stat(here.worktree.common_dir).st_ino)
    assert row.runs == ()


def test_the_last_line_is_where_it_was_last_seen_and_every_run_is_kept(here, committed):
    for number in range(3):
        assert registry.record(here, TOKEN, {"id": str(number), "counts": {"passed": number}})
    moved = here._replace(worktree=here.worktree._replace(root=committed / "elsewhere"))
    assert registry.record(moved, TOKEN)
    row = registry.read(here.worktree.common_dir, TOKEN)
    assert row.path == str(committed / "elsewhere")
    assert [run["id"] for run in row.runs] == ["0", "1", "2"]


def test_what_is_written_is_what_a_json_library_would_write(here, rows):
    summary = {"id": "a", "branch": 'quo"te \\ \n ünï \udcff', "exit_code": 0, "commit_id": None, "counts": {"é": 1}}
    registry.record(here, TOKEN, summary)
    (line,) = (rows / f"{TOKEN}.jsonl").read_text(encoding="ascii").splitlines()
    assert json.loads(line)["run"] == summary


def test_lines_that_cannot_be_read_are_left_out(here, rows):
    registry.record(here, TOKEN, {"id": "a"})
    with (rows / f"{TOKEN}.jsonl").open("ab") as file:
        file.write(b'\0\xff{\n[]\n{"version": 2}\n' + b"[" * 100_000 + b'\n{"version":1,"worktree":"x","run":null}\n')
    registry.record(here, TOKEN, {"id": "b"})
    assert [run["id"] for run in registry.read(here.worktree.common_dir, TOKEN).runs] == ["a", "b"]


def test_a_row_that_lacks_something_is_none(here, rows):
    registry.record(here, OTHER)
    (rows / f"{TOKEN}.jsonl").write_text(json.dumps({"version": 1, "worktree": TOKEN, "run": None, "path": 1}))
    assert registry.read(here.worktree.common_dir, TOKEN) is None


def test_a_file_that_is_full_is_put_aside_and_still_read(here, rows):
    numbers = range(2 * registry.LIMIT // 2_000)
    for number in numbers:
        registry.record(here, TOKEN, {"id": str(number), "branch": "x" * 2_000})
    assert len(list(rows.iterdir())) > 1
    assert [run["id"] for run in registry.read(here.worktree.common_dir, TOKEN).runs] == [str(each) for each in numbers]
    assert registry.tokens(here.worktree.common_dir) == (TOKEN,)


def test_processes_that_write_at_once_lose_no_line(here):
    code = (
        "import sys\nfrom pipeline_state.location import locate\nfrom pipeline_state.store import registry\n"
        "here = locate()\n"
        "for number in range(200):\n"
        "    assert registry.record(here, sys.argv[1], {'id': f'{sys.argv[2]}-{number}', 'branch': 'x' * 900})\n"
    )
    children = [subprocess.Popen([sys.executable, "-c", code, TOKEN, str(number)]) for number in range(4)]
    assert [child.wait(60) for child in children] == [0] * 4
    runs = registry.read(here.worktree.common_dir, TOKEN).runs
    assert {run["id"] for run in runs} == {f"{child}-{number}" for child in range(4) for number in range(200)}


def test_what_is_known_of_a_removed_worktree_is_kept_apart(here):
    common = here.worktree.common_dir
    for name in ("a", "b"):
        registry.record(here, TOKEN, {"id": name})
        assert registry.set_removed(common, TOKEN)
    assert not registry.set_removed(common, TOKEN)
    assert registry.read(common, TOKEN) is None
    assert registry.tokens(common) == ()
    assert registry.tokens(common, registry.REMOVED) == (TOKEN,)
    assert [run["id"] for run in registry.read(common, TOKEN, registry.REMOVED).runs] == ["a", "b"]


def test_of_removed_worktrees_the_newest_are_kept(here):
    common = here.worktree.common_dir
    for number in range(5):
        registry.record(here, f"{9 - number}" * 32)
        registry.set_removed(common, f"{9 - number}" * 32)
    assert registry.forget_oldest_removed(common, keep=2) == 3
    assert set(registry.tokens(common, registry.REMOVED)) == {"5" * 32, "6" * 32}
    assert registry.forget_oldest_removed(common, keep=2) == 0


@pytest.mark.parametrize("token", ["", "none", "../" + "0" * 29, "G" * 32, "0" * 31 + "/"])
def test_only_a_token_can_be_a_file_name(here, rows, token):
    assert not registry.record(here, token)
    assert not rows.exists()


def test_files_that_are_not_ours_are_not_seen(here, rows):
    registry.record(here, TOKEN)
    for name in ("README", "x.jsonl", f"{OTHER}.txt", f"{OTHER}"):
        (rows / name).write_text("a user's")
    assert registry.tokens(here.worktree.common_dir) == (TOKEN,)


@posix
@pytest.mark.parametrize("link", ["", registry.ROWS])
def test_a_link_in_the_place_of_the_registry_is_not_followed(here, tmp_path, link):
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / registry.ROWS).mkdir(parents=True)
    (elsewhere / registry.ROWS / f"{OTHER}.jsonl").write_text("a user's")
    folder = Path(here.worktree.common_dir, registry.FOLDER)
    if link:
        folder.mkdir()
        (folder / link).symlink_to(elsewhere / registry.ROWS)
    else:
        folder.symlink_to(elsewhere)
    assert not registry.record(here, TOKEN)
    assert registry.tokens(here.worktree.common_dir) == ()
    assert not registry.set_removed(here.worktree.common_dir, OTHER)
    assert [path.name for path in (elsewhere / registry.ROWS).iterdir()] == [f"{OTHER}.jsonl"]


@posix
def test_a_link_in_the_place_of_a_row_is_not_followed(here, rows, tmp_path):
    registry.record(here, OTHER)
    target = tmp_path / "target"
    target.write_text("a user's")
    (rows / f"{TOKEN}.jsonl").symlink_to(target)
    assert not registry.record(here, TOKEN)
    assert registry.read(here.worktree.common_dir, TOKEN) is None
    assert target.read_text() == "a user's"


def test_where_the_git_directory_is_gone_it_is_not_made_again(here):
    gone = Path(here.worktree.common_dir).with_name("gone")
    assert not registry.record(
        here._replace(worktree=here.worktree._replace(common_dir=str(gone), git_dir=str(gone))), TOKEN
    )
    assert not gone.exists()


def test_a_finished_run_leaves_its_summary(here):
    with open_state() as state:
        run = state.runs.begin("check", commit_id="c" * 40, branch="main")
        state.database.write(lambda: state.check_runs.record(run.id, CheckSummary(3, 2, 1, 4, 0), ()))
        state.runs.finish(run.id, 1)
        token = state.token
    (summary,) = registry.read(here.worktree.common_dir, token).runs
    assert summary["id"] == run.id
    assert (summary["kind"], summary["status"], summary["exit_code"]) == ("check", "finished", 1)
    assert summary["counts"] == {"files": 3, "checked": 2, "reused": 1, "findings": 4, "errors": 0}


def test_a_run_that_was_not_closed_after_all_leaves_none(here):
    with open_state() as state:
        run = state.runs.begin("check")

        def taken_back():
            with state.database.transaction():
                state.runs.finish(run.id, 0)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            taken_back()
    assert registry.tokens(here.worktree.common_dir) == ()


def test_a_removed_worktree_is_not_made_again(committed, git, monkeypatch):
    linked = committed.parent / "linked"
    git(committed, "worktree", "add", "-q", "--detach", linked)
    monkeypatch.chdir(linked)
    state = open_state()
    git(committed, "worktree", "remove", linked)
    with pytest.raises(StateError):
        state.runs.begin("check")
    state.close()
    with pytest.raises(StateError, match="not there any more"):
        open_at(state.location)
    assert not linked.exists()
