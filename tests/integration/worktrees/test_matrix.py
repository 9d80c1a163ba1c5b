"""What people do to worktrees, against the real Git: afterwards identity, registry, state and the list are what they
should be, and nothing that a user made is gone.
"""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs `cp -a`")


def listed(folder):
    """What `worktree list` says of each worktree, by path."""
    return {one["path"]: one for one in folder.state("worktree", "list")}


def history(folder):
    """The runs that are left of removed worktrees, by path."""
    return {one["path"]: [run["id"] for run in one["runs"]] for one in folder.state("worktree", "history")}


def copy(source, target):
    subprocess.run(["cp", "-a", source, target], check=True)


@pytest.fixture
def at(main):
    return type(main)


@pytest.mark.parametrize(
    "options", [["--detach"], ["-b", "topic"], ["--no-checkout", "--detach"], ["--lock", "--detach"]]
)
def test_added_it_has_state_of_its_own(main, add, options):
    main.check()
    linked = add("linked", *options)
    linked.check() if "--no-checkout" not in options else linked.state("worktree", "init")
    seen = listed(main)
    assert seen[str(linked.path)]["state"] == "present"
    assert seen[str(linked.path)]["token"] not in (None, seen[str(main.path)]["token"])
    assert seen[str(linked.path)]["locked"] == ("--lock" in options)
    assert set(main.runs()).isdisjoint(linked.runs())
    assert linked.git("status", "--porcelain", "--ignored=no") == main.git("status", "--porcelain") or options[0] == (
        "--no-checkout"
    )


def removed(main, linked):
    main.git("worktree", "remove", linked.path)


def removed_by_force(main, linked):
    (linked.path / "untracked.txt").touch()
    main.git("worktree", "remove", "--force", linked.path)


def deleted_and_pruned(main, linked):
    shutil.rmtree(linked.path)
    main.git("worktree", "prune")


def removed_by_us(main, linked):
    main.state("worktree", "remove", linked.path)


@pytest.mark.parametrize("how", [removed, removed_by_force, deleted_and_pruned, removed_by_us])
def test_removed_its_summaries_stay_and_nothing_else(main, add, how):
    main.check()
    linked = add()
    linked.check()
    linked.pytest()
    runs = linked.runs()
    before = main.git("status", "--porcelain", "--ignored"), main.runs()
    how(main, linked)
    assert {path: set(ids) for path, ids in history(main).items()} == {str(linked.path): set(runs)}
    assert list(listed(main)) == [str(main.path)]
    assert not linked.path.exists()
    assert (main.git("status", "--porcelain", "--ignored"), main.runs()) == before


def test_moved_it_is_itself(main, add, at):
    linked = add()
    linked.check()
    runs = linked.runs()
    main.git("worktree", "move", linked.path, linked.path.with_name("moved"))
    moved = at(linked.path.with_name("moved"))
    assert moved.runs() == runs
    assert moved.check()["checked"] == 0
    assert history(main) == {}
    assert listed(main)[str(moved.path)]["last_run"]["id"] == moved.runs()[0]


def test_moved_by_hand_it_is_missing_and_repaired_it_is_itself(main, add, at):
    linked = add()
    linked.check()
    runs = linked.runs()
    linked.path.rename(linked.path.with_name("moved"))
    assert listed(main)[str(linked.path)]["state"] == "missing"
    assert history(main) == {}
    moved = at(linked.path.with_name("moved"))
    moved.git("worktree", "repair")
    assert moved.runs() == runs
    assert listed(main)[str(moved.path)]["state"] == "present"


def test_locked_and_missing_it_is_left_alone(main, add):
    linked = add()
    linked.check()
    runs = linked.runs()
    main.git("worktree", "lock", linked.path)
    shutil.move(linked.path, linked.path.with_name("unplugged"))
    main.git("worktree", "prune")
    assert history(main) == {}
    assert listed(main)[str(linked.path)]["locked"]
    shutil.move(linked.path.with_name("unplugged"), linked.path)
    assert linked.runs() == runs


def test_a_path_and_name_that_are_used_again_are_another_worktree(main, add):
    first = add()
    first.check()
    runs = first.runs()
    main.git("worktree", "remove", first.path)
    second = add()
    assert second.runs() == []
    second.check()
    assert set(second.runs()).isdisjoint(runs)
    assert history(main) == {str(second.path): runs}


def test_a_database_that_was_copied_in_keeps_its_verdicts_and_its_runs_are_not_ours(main, add):
    main.check()
    linked = add()
    copy(main.path / ".worktrees", linked.path / ".worktrees")
    assert linked.runs() == []
    assert linked.check()["checked"] == 0
    assert set(linked.runs()).isdisjoint(main.runs())


def test_a_copied_folder_is_one_worktree_to_git_and_leaves_the_original_alone(main, add, at):
    linked = add()
    linked.check()
    runs = linked.runs()
    copy(linked.path, linked.path.with_name("copied"))
    at(linked.path.with_name("copied")).check()
    assert linked.runs() == runs
    assert history(main) == {}


def test_a_nested_worktree_is_neither_checked_nor_collected_from_outside(main, add):
    main.check()
    nested = add(at=main.path / ".worktrees" / "nested")
    (nested.path / "bad.json").write_text("{")
    (nested.path / "test_bad.py").write_text("def test_bad():\n    assert False\n")
    assert main.state("check")["summary"]["findings"] == 0
    main.pytest()
    nested.git("add", ".")
    assert nested.state("check", "--all-files", check=False)["summary"]["findings"] > 0
    assert set(main.runs()).isdisjoint(nested.runs())
    main.git("worktree", "remove", "--force", nested.path)
    assert len(history(main)[str(nested.path)]) == 1
    assert (main.path / ".worktrees" / "pipeline_state.db").exists()


def test_a_submodule_has_state_and_registry_of_its_own(main, at, tmp_path):
    main.git("clone", "-q", main.path, tmp_path / "library")
    main.git("submodule", "add", "-q", tmp_path / "library", "library")
    main.git("commit", "-q", "-m", "submodule")
    library = at(main.path / "library")
    library.check()
    assert (library.path / ".worktrees" / "pipeline_state.db").is_file()
    assert len(library.runs()) == 1
    assert main.runs() == []
    assert library.git("status", "--porcelain") == ""
    assert main.git("status", "--porcelain") == ""


def test_a_bare_repository_with_worktrees(main, at, tmp_path):
    bare = tmp_path / "bare.git"
    main.git("clone", "-q", "--bare", main.path, bare)
    folders = [at(tmp_path / name) for name in ("one", "two")]
    for folder in folders:
        at(bare).git("worktree", "add", "-q", "--detach", folder.path)
    assert folders[0].check()["checked"] > 0
    assert folders[1].check()["checked"] == 0
    runs = folders[1].runs()
    at(bare).git("worktree", "remove", folders[1].path)
    assert history(at(bare)) == {str(folders[1].path): runs}


def test_a_renamed_repository_is_itself(main, at):
    main.check()
    runs = main.runs()
    main.path.rename(main.path.with_name("renamed"))
    renamed = at(main.path.with_name("renamed"))
    assert renamed.runs() == runs
    assert renamed.check()["checked"] == 0
    assert history(renamed) == {}


def test_a_copied_repository_and_its_original_are_two_after_both_were_moved(main, add, at, tmp_path):
    linked = add()
    main.check()
    linked.check()
    runs = main.runs(), linked.runs()
    both = tmp_path / "both"
    both.mkdir()
    main.path.rename(both / "project")
    linked.path.rename(both / "linked")
    copy(both, tmp_path / "copy")
    both.rename(tmp_path / "original")
    (tmp_path / "copy").rename(tmp_path / "copied")
    for name in ("copied", "original"):
        at(tmp_path / name / "project").git("worktree", "repair", tmp_path / name / "linked")
    copied = at(tmp_path / "copied" / "project"), at(tmp_path / "copied" / "linked")
    original = at(tmp_path / "original" / "project"), at(tmp_path / "original" / "linked")
    assert [folder.check()["checked"] for folder in copied] == [0, 0]
    assert [folder.runs() for folder in original] == list(runs)
    assert [len(folder.runs()) for folder in copied] == [1, 1]
    assert history(original[0]) == {}
    assert [one["state"] for one in listed(original[0]).values()] == ["present", "present"]
    tokens = {one["token"] for folder in (copied[0], original[0]) for one in listed(folder).values()}
    assert len(tokens) == 4


def test_relative_worktree_paths(main, add):
    linked = add()
    git_dir = main.path / ".git" / "worktrees" / "linked"
    (git_dir / "gitdir").write_text("../../../../linked/.git\n")  # as Git 2.48 writes it, and older ones read it
    (linked.path / ".git").write_text("gitdir: ../project/.git/worktrees/linked\n")
    linked.check()
    runs = linked.runs()
    assert linked.runs() == runs
    main.state("worktree", "sweep")
    assert history(main) == {}


def test_a_sha256_repository(at, main, tmp_path):
    root = at(tmp_path / "sha256")
    main.git("init", "-q", "--object-format=sha256", root.path)
    (root.path / "module.py").write_text("VALUE = 1\n")
    root.git("add", ".")
    root.git("commit", "-q", "-m", "one")
    root.check()
    linked = at(tmp_path / "linked")
    root.git("worktree", "add", "-q", "--detach", linked.path)
    assert linked.check()["checked"] == 0
    assert listed(root)[str(linked.path)]["last_run"]["id"] == linked.runs()[0]
    runs = linked.runs()
    root.git("worktree", "remove", linked.path)
    assert history(root) == {str(linked.path): runs}


def test_one_database_shared_by_two_worktrees(main, add, tmp_path):
    linked = add()
    shared = {"PIPELINE_DB_PATH": str(tmp_path / "shared.db")}
    main.check(**shared)
    assert linked.check(**shared)["checked"] == 0
    mine, theirs = ([run["id"] for run in each.state("runs", "list", **shared)] for each in (main, linked))
    assert (len(mine), len(theirs)) == (1, 1)
    assert mine != theirs
    assert not (linked.path / ".worktrees").exists()
    main.git("worktree", "remove", linked.path)
    assert main.state("worktree", "sweep", **shared)["databases"] == []
    assert history(main) == {str(linked.path): theirs}


def test_cleaned_it_starts_warm_again(main, add):
    main.check()
    linked = add()
    linked.check()
    linked.git("clean", "-fdxq")
    assert not (linked.path / ".worktrees").exists()
    assert linked.check()["checked"] == 0


def test_the_first_check_of_a_new_worktree_judges_nothing_and_agrees_with_one_that_stores_nothing(main, add):
    (main.path / "bad.json").write_text("{\n")
    (main.path / "unused.py").write_text("import os\n")
    main.git("add", ".")
    main.git("commit", "-q", "-m", "findings")
    first = main.state("check", "--all-files", check=False)
    linked = add()
    warm = linked.state("check", "--all-files", check=False)
    assert warm["summary"]["checked"] == 0
    assert warm["summary"]["reused"] == first["summary"]["checked"]
    assert warm["findings"] == first["findings"]
    cold = linked.state("check", "--all-files", "--no-cache", check=False)
    assert cold["findings"] == warm["findings"]
    assert cold["summary"]["reused"] == 0


def test_where_the_common_directory_can_only_be_read_everything_else_works(main, add):
    """As in a sandbox: `.git/pipeline-state` is a file here, so that nothing can be kept, for root neither."""
    (main.path / ".git" / "pipeline-state").write_text("")
    main.check()
    linked = add()
    assert linked.check()["checked"] > 0
    assert len(linked.runs()) == 1
    assert listed(main)[str(linked.path)]["last_run"] is not None
    main.git("worktree", "remove", linked.path)
    assert history(main) == {}
    assert (main.path / ".git" / "pipeline-state").read_text() == ""
