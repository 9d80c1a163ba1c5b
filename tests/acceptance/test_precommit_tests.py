"""The hook `pipeline-state-pytest`, as the real pre-commit runs it before a push and by hand."""

from __future__ import annotations

import os
import sysconfig
import venv
from pathlib import Path

import pytest

from pipeline_state import open_state

pytestmark = pytest.mark.download

COMMITS = """
import os, subprocess, sys

def test_commits_in_a_folder_of_its_own(tmp_path):
    (tmp_path / "file").write_text("of a test")
    for words in (["init", "-q"], ["add", "file"], ["commit", "-q", "-m", "from a test"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    assert os.path.basename(sys.prefix) == ".venv"
"""


def make_environment(root):
    """An environment of the project's own, which has what this one has, this project included."""
    venv.create(root / ".venv", symlinks=os.name != "nt")
    [packages] = (root / ".venv").rglob("site-packages")
    own = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), str(Path(__file__).parents[2] / "src")}
    (packages / "others.pth").write_text("".join(f"{path}\n" for path in sorted(own)))


def everything_of(repository):
    """All branches, the index and what is checked out, byte for byte."""
    git_dir = Path(repository.git("rev-parse", "--absolute-git-dir").strip())
    names = ("index", "HEAD", "config")
    common = Path(repository.git("rev-parse", "--path-format=absolute", "--git-common-dir").strip())
    files = {name: (git_dir / name).read_bytes() for name in names if (git_dir / name).exists()}
    branches = repository.git("for-each-ref", "--format=%(refname) %(objectname)")
    return files, (common / "config").read_bytes(), branches, repository.git("status", "--porcelain", "--branch")


def pushes_from(repository, remote, branch):
    return repository.run(["git", "push", "-q", str(remote), f"HEAD:refs/heads/{branch}"])


def test_a_suite_that_commits_touches_neither_main_nor_linked_worktree(repository_with_hook):
    main = repository_with_hook("pipeline-state-pytest")
    main.add("test_commits.py", COMMITS)
    main.add(".gitignore", ".venv/\n__pycache__/\n.pytest_cache/\n")
    assert main.commit().code == 0, "it runs before a push, not before a commit"
    installed = main.pre_commit("install", "--hook-type=pre-push")
    assert installed.code == 0, installed.output
    remote = main.root.parent / "remote.git"
    main.git("init", "-q", "--bare", str(remote))

    without = pushes_from(main, remote, "without")
    assert without.code != 0
    assert "exit code: 3" in without.output
    assert "make one of them, or name an interpreter with `python`" in without.output

    linked = type(main)(main.root.parent / "linked")
    main.git("worktree", "add", "-q", "-b", "side", str(linked.root))
    for number, repository in enumerate((main, linked)):
        make_environment(repository.root)
        before = everything_of(repository)
        answer = pushes_from(repository, remote, f"branch-{number}")
        assert answer.code == 0, answer.output
        assert "kept from the tests: GIT_DIR" in answer.output or repository is main
        assert everything_of(repository) == before
        with open_state(repository.root / ".worktrees" / "pipeline_state.db") as state:
            [run] = state.runs.list(kind="pytest", all_worktrees=True)
            assert (run.exit_code, state.attempts.count(run.id)) == (0, {"passed": 1})

    linked.write("test_commits.py", "def test_fails(): assert 0\n")
    by_hand = linked.pre_commit("run", "pipeline-state-pytest", "--hook-stage=manual", "--all-files")
    assert by_hand.code == 1
    assert "1 failed" in by_hand.output
    assert "exit code: 1" in by_hand.output
