"""The sweep: what is gone is set apart, what may come back is left alone, and nobody's files are deleted."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline_state.git.identity import TOKEN_FILE
from pipeline_state.location import find_worktree, locate
from pipeline_state.store import journal, registry
from pipeline_state.store.journal import Header, Journal
from pipeline_state.store.state import open_at
from pipeline_state.worktrees.sweep import sweep

TOKEN = "0" * 32
posix = pytest.mark.skipif(os.name == "nt", reason="needs links and modes")


def kept(common_dir, token):
    row = registry.read(common_dir, token, registry.REMOVED)
    return [] if row is None else [run["id"] for run in row.runs]


def remove(committed, linked, git):
    git(committed, "worktree", "remove", linked)


def remove_by_force(committed, linked, git):
    (linked / "untracked").touch()
    git(committed, "worktree", "remove", "--force", linked)


def delete_and_prune(committed, linked, git):
    shutil.rmtree(linked)
    git(committed, "worktree", "prune")


def remove_and_make_again(committed, linked, git):
    git(committed, "worktree", "remove", linked)
    git(committed, "worktree", "add", "-q", "--detach", linked)


def remove_make_again_and_use(committed, linked, git):
    remove_and_make_again(committed, linked, git)
    open_at(locate(cwd=linked)).close()


@pytest.mark.parametrize(
    "removal", [remove, remove_by_force, delete_and_prune, remove_and_make_again, remove_make_again_and_use]
)
def test_a_removed_worktree_is_noticed_however_it_was_removed(committed, linked, common_dir, git, used, removal):
    token, run = used(linked)
    removal(committed, linked, git)
    before = sorted(committed.rglob("*")), sorted(linked.rglob("*"))
    assert [row.token for row in sweep(common_dir, dry_run=True).removed] == [token]
    assert (sorted(committed.rglob("*")), sorted(linked.rglob("*"))) == before
    assert [row.token for row in sweep(common_dir).removed] == [token]
    assert kept(common_dir, token) == [run]
    assert sweep(common_dir).removed == ()


def lock(committed, linked, git):
    git(committed, "worktree", "lock", linked)


def move(committed, linked, git):
    git(committed, "worktree", "move", linked, linked.with_name("moved"))


def move_by_hand_and_repair(committed, linked, git):
    linked.rename(linked.with_name("moved"))
    git(committed, "worktree", "repair", linked.with_name("moved"))


def check_out(_, linked, git):
    git(linked, "checkout", "-q", "-b", "other")


def clean(_, linked, git):
    git(linked, "clean", "-fdxq")


def collect_garbage(committed, _, git):
    git(committed, "gc", "-q", "--prune=now")


@pytest.mark.parametrize("change", [lock, move, move_by_hand_and_repair, check_out, clean, collect_garbage])
def test_a_worktree_that_is_there_stays(committed, linked, common_dir, git, used, change):
    token, _ = used(linked)
    used(committed)
    change(committed, linked, git)
    swept = sweep(common_dir)
    assert (swept.removed, swept.missing, swept.standing) == ((), (), 2)
    assert token in registry.tokens(common_dir)


@pytest.mark.parametrize("locked", [False, True])
def test_a_worktree_whose_folder_is_missing_is_left_alone_until_git_prunes_it(
    committed, linked, common_dir, git, used, locked
):
    token, _ = used(linked)
    if locked:
        git(committed, "worktree", "lock", linked)
    shutil.rmtree(linked)
    swept = sweep(common_dir)
    assert [row.token for row in swept.missing] == [token]
    assert swept.removed == ()
    git(committed, "worktree", "prune")
    assert [row.token for row in sweep(common_dir).removed] == ([] if locked else [token])


def test_what_another_sweep_has_done_is_done(committed, linked, common_dir, git, used):
    token, run = used(linked)
    git(committed, "worktree", "remove", linked)
    assert registry.set_removed(common_dir, token)
    assert sweep(common_dir).removed == ()
    assert kept(common_dir, token) == [run]


def test_a_run_that_ends_after_the_sweep_is_kept_too(committed, linked, common_dir, git, used):
    token, run = used(linked)
    location = locate(cwd=linked)
    git(committed, "worktree", "remove", linked)
    sweep(common_dir)
    registry.record(location, token, {"id": "late"})
    sweep(common_dir)
    assert kept(common_dir, token) == [run, "late"]


def test_a_database_outside_of_a_removed_worktree_is_named_and_left(
    committed, linked, common_dir, git, used, tmp_path, monkeypatch
):
    monkeypatch.setenv("PIPELINE_DB_PATH", str(tmp_path / "outside.db"))
    used(linked)
    git(committed, "worktree", "remove", linked)
    assert sweep(common_dir, dry_run=True).databases == (str(tmp_path / "outside.db"),)
    assert sweep(common_dir).databases == (str(tmp_path / "outside.db"),)
    assert (tmp_path / "outside.db").exists()


def test_a_database_that_a_living_worktree_shares_is_not_named(
    committed, linked, common_dir, git, used, tmp_path, monkeypatch
):
    monkeypatch.setenv("PIPELINE_DB_PATH", str(tmp_path / "outside.db"))
    used(linked)
    used(committed)
    git(committed, "worktree", "remove", linked)
    assert sweep(common_dir).databases == ()


# hostile ---------------------------------------------------------------------------------------------------------


def row(common_dir, **fields):
    """Write a row by hand."""
    line = {
        "version": 1,
        "worktree": TOKEN,
        "path": str(common_dir.parent),
        "git_dir": "worktrees/gone",
        "database": str(common_dir.parent / "x.db"),
        "common_dir": str(common_dir),
        "inode": common_dir.stat().st_ino,
        "time": "2026-01-01T00:00:00.000000Z",
        "run": None,
        **fields,
    }
    folder = common_dir / registry.FOLDER / registry.ROWS
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{TOKEN}.jsonl").write_text(json.dumps(line) + "\n")


@pytest.mark.parametrize(
    "place", [{"path": "/"}, {"path": "{home}"}, {"git_dir": "../.."}, {"git_dir": "/"}, {"git_dir": "worktrees/.."}]
)
def test_a_row_that_points_to_the_root_or_home_deletes_nothing(committed, common_dir, tmp_path, monkeypatch, place):
    home = tmp_path / "home"
    (home / ".worktrees").mkdir(parents=True)
    (home / ".worktrees" / "mine").write_text("a user's")
    monkeypatch.setenv("HOME", str(home))
    row(common_dir, **{name: value.format(home=home) for name, value in place.items()})
    before = {path: path.stat().st_mtime_ns for path in [*home.rglob("*"), *committed.glob("*"), *Path("/").glob("*")]}
    assert len(sweep(common_dir).removed) == 1
    assert {path for path in before if not path.exists()} == set()
    assert (home / ".worktrees" / "mine").read_text() == "a user's"


def test_a_worktree_whose_token_was_replaced_is_another_one_and_keeps_its_files(linked, common_dir, used):
    token, run = used(linked)
    Path(find_worktree(linked).git_dir, TOKEN_FILE).write_bytes(b"1" * 32 + b"\n1\n1\n/x")
    before = sorted(linked.rglob("*"))
    assert [row.token for row in sweep(common_dir).removed] == [token]
    assert sorted(linked.rglob("*")) == before
    assert kept(common_dir, token) == [run]


@posix
def test_a_git_directory_that_cannot_be_looked_at_is_not_gone(public_folder, in_process):
    common = public_folder / "common"
    (common / "worktrees" / "closed").mkdir(parents=True)
    row(common, git_dir="worktrees/closed")
    for path in [common, *common.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    (common / "worktrees").chmod(0o700 if os.geteuid() == 0 else 0o000)
    code = """
        from pathlib import Path
        swept = sweep.sweep(Path(sys.argv[1]))
        print(len(swept.removed), swept.standing)
    """
    answer = in_process(code, common, unprivileged=True)
    (common / "worktrees").chmod(0o755)
    assert answer.split() == ["0", "1"]


def spill(token, path, run="a" * 16, *, alive=False):
    """Begin a journal in the user's folder, as a session does whose worktree cannot be written."""
    header = Header(
        run=run, database=str(path), worktree=token, started=10**18, selection="run", rootdir=".", arguments=[],
        commit=None, branch="main", tree_digest=None, host="h", environment={},
    )  # fmt: skip
    written = Journal.create(journal.spill_base(token), header)
    written.append(b'["n",0,["test_a.py::test_one","test_a.py::test_two"]]\n["r",0,1,"call","passed",0.1,"passed"]\n')
    written.append(b'["r",1,1,"call","failed",0.1,"failed"]\n')
    if not alive:
        os.close(written._descriptor)
        written._descriptor = -1
        written._locks.release(run)
    return Path(written.path)


def test_what_a_removed_worktree_spilled_is_summed_up_and_then_deleted(committed, linked, common_dir, git, used):
    token, run = used(linked)
    path = spill(token, linked / "x.db")
    sweep(common_dir)
    assert path.exists()
    git(committed, "worktree", "remove", linked)
    sweep(common_dir)
    assert not path.parent.exists()
    runs = registry.read(common_dir, token, registry.REMOVED).runs
    assert [each["id"] for each in runs] == [run, "a" * 16]
    assert runs[1]["counts"] == {"passed": 1, "failed": 1}
    assert runs[1]["status"] == "interrupted"


def test_a_journal_that_is_still_written_to_stays(committed, linked, common_dir, git, used):
    token, _ = used(linked)
    code = (
        "import sys, time\nsys.path[:0] = [sys.argv[4]]\nimport test_sweep\n"
        "test_sweep.spill(sys.argv[1], sys.argv[2], alive=True)\nprint('ready', flush=True)\nsys.stdin.read()\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, token, str(linked / "x.db"), "", str(Path(__file__).parent)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout.readline() == "ready\n"
    git(committed, "worktree", "remove", linked)
    sweep(common_dir)
    folder = Path(journal.spill_base(token) + ".runs")
    assert len(list(folder.glob("*.jsonl"))) == 1
    child.communicate("")


def test_a_spilled_journal_of_another_worktree_stays(committed, linked, common_dir, git, used):
    token, _ = used(linked)
    path = spill("1" * 32, linked / "x.db")
    folder = Path(journal.spill_base(token) + ".runs")
    folder.mkdir(parents=True)
    path.rename(folder / path.name)
    (folder / "a user's.txt").touch()
    git(committed, "worktree", "remove", linked)
    sweep(common_dir)
    assert sorted(each.name for each in folder.iterdir()) == sorted([path.name, "a user's.txt"])


@posix
def test_a_link_in_the_place_of_the_spill_folder_is_not_followed(committed, linked, common_dir, git, used, tmp_path):
    token, _ = used(linked)
    path = spill(token, linked / "x.db")
    path.parent.rename(tmp_path / "elsewhere")
    path.parent.symlink_to(tmp_path / "elsewhere")
    git(committed, "worktree", "remove", linked)
    sweep(common_dir)
    assert (tmp_path / "elsewhere" / path.name).exists()
    assert path.parent.is_symlink()


@posix
def test_the_copy_of_a_repository_leaves_alone_what_the_original_spilled(committed, used, tmp_path):
    token, run = used(committed)
    path = spill(token, committed / "x.db")
    copied = tmp_path / "copied"
    subprocess.run(["cp", "-a", committed, copied], check=True)
    committed.rename(tmp_path / "moved")
    used(copied)
    assert [each.token for each in sweep(find_worktree(copied).common_dir).removed] == [token]
    assert path.exists()
    assert sweep(find_worktree(tmp_path / "moved").common_dir).removed == ()
    assert kept(find_worktree(copied).common_dir, token) == [run]
