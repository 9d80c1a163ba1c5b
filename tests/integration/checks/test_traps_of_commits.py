"""What the next commit holds, and what lies in the worktree beside it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

UNUSED = "import os\n"
MODULE = "package/module.py"


def test_staged_files_are_judged_and_others_are_not(project):
    project.write(MODULE, UNUSED)
    project.write("script.py", UNUSED)
    project.git("add", MODULE)
    answer = project.agreed("--staged")
    assert (answer.code, answer.report["summary"]["files"]) == (1, 1)
    assert answer.rules(MODULE) == ["F401"]
    answer = project.check("--staged")
    assert (answer.code, answer.checked, answer.rules(MODULE)) == (1, 0, ["F401"])


def test_a_partially_staged_file_is_not_judged_and_that_is_said(project):
    project.write(MODULE, UNUSED)
    project.git("add", MODULE)
    project.write(MODULE, "VALUE = 2\n")
    answer = project.agreed("--staged")
    assert (answer.code, answer.said) == (3, [])
    assert "working copy differs" in answer.stderr


def test_a_file_staged_and_then_deleted_is_not_judged_and_that_is_said(project):
    project.write(MODULE, UNUSED)
    project.git("add", MODULE)
    (project.root / MODULE).unlink()
    assert project.agreed("--staged").code == 3


def test_a_staged_deletion_is_nothing_to_judge(project):
    project.git("rm", "--quiet", MODULE)
    answer = project.agreed("--staged")
    assert (answer.code, answer.report["summary"]["files"]) == (0, 0)


def test_a_staged_file_that_was_only_touched_is_judged(project):
    path = project.write(MODULE, UNUSED)
    project.git("add", MODULE)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    assert MODULE in project.git("diff-files", "--name-only")
    assert project.agreed("--staged").rules(MODULE) == ["F401"]


def test_a_staged_file_whose_mode_git_is_told_to_overlook_is_judged(project):
    project.git("config", "core.fileMode", "false")
    path = project.write(MODULE, UNUSED)
    project.git("add", MODULE)
    path.chmod(0o755)
    assert project.agreed("--staged").rules(MODULE) == ["F401"]


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_a_staged_file_that_git_does_not_look_at_is_not_judged_in_its_place(project, flag):
    project.write(MODULE, UNUSED)
    project.git("add", MODULE)
    project.git("update-index", flag, MODULE)
    project.write(MODULE, "VALUE = 2\n")
    assert project.agreed("--staged").code == 3


def test_a_staged_file_edited_unseen_within_the_second_is_not_judged_in_its_place(project):
    project.write(MODULE, UNUSED)
    project.git("add", MODULE)
    project.write_unseen(MODULE, "VALUE = 2\n")
    assert project.agreed("--staged").code == 3


def test_under_pre_commit_which_stashes_every_staged_file_is_judged(project):
    project.write(MODULE, UNUSED)
    project.git("add", MODULE)
    project.write(MODULE, "import re\nimport os\n")
    answer = project.agreed("--staged", PRE_COMMIT="1")
    assert answer.rules(MODULE) == ["F401", "F401", "I001"]


def test_a_name_that_is_only_intended_to_be_added_is_not_staged(project):
    project.write("new.py", UNUSED)
    project.git("add", "--intent-to-add", "new.py")
    answer = project.agreed("--staged")
    assert answer.report["summary"]["files"] == 0


@pytest.fixture
def hooked(project, tmp_path) -> Path:
    """A project whose commits are checked by a hook of a person's own; what it said is in the file returned."""
    said = tmp_path / "said"
    program = tmp_path / "program.py"
    source = Path(__file__).with_name("conftest.py").read_text(encoding="utf-8")
    command = source.split('COMMAND = """\\\n')[1].split('"""')[0]
    program.write_text(command.replace("sys.argv.pop(1)", "''"))
    hook = project.write(
        ".git/hooks/pre-commit",
        f"#!/bin/sh\nexec '{sys.executable}' -I '{program}' check --staged >>'{said}' 2>&1\n",
    )
    hook.chmod(0o755)
    return said


def test_a_commit_of_everything_is_judged_by_the_index_that_it_makes(project, hooked):
    project.write(MODULE, UNUSED)
    project.write("script.py", "VALUE = 1\n")
    with pytest.raises(AssertionError):
        project.git("commit", "-a", "-m", "broken")
    assert f"{MODULE}:1:8" in hooked.read_text()
    project.write(MODULE, "VALUE = 2\n")
    project.git("commit", "-a", "-m", "repaired")
    assert project.git("status", "--porcelain") == ""


def test_a_commit_of_one_path_is_judged_for_that_path_alone(project, hooked):
    project.write("script.py", UNUSED)
    project.git("add", "script.py")
    project.write(MODULE, "VALUE = 2\n")
    project.git("commit", "-m", "one", "--", MODULE)
    project.write(MODULE, UNUSED)
    with pytest.raises(AssertionError):
        project.git("commit", "-m", "two", "--", MODULE)
    assert "script.py:" not in hooked.read_text()
    assert project.git("diff", "--cached", "--name-only").split() == ["script.py"]


def test_a_commit_leaves_no_shortcut_that_belongs_to_its_own_index(project, hooked):
    assert project.settle().code == 0
    project.write(MODULE, "VALUE = 2\n")
    project.git("commit", "-a", "-m", "good")
    assert project.settle().code == 0
    project.write_unseen(MODULE, "VALUE = 3 \n"[:9] + "\n")
    project.write_unseen("script.py", "import json\n\nprint(John)\n")
    assert project.agreed().rules("script.py") == ["F401", "F821"]
    assert hooked.exists()


def test_what_lies_between_two_commits_is_judged_and_nothing_else(project):
    project.git("tag", "before")
    project.git("checkout", "-q", "-b", "side")
    project.write(MODULE, UNUSED)
    project.commit()
    project.git("checkout", "-q", "main")
    project.write("script.py", UNUSED)
    project.commit()
    project.git("checkout", "-q", "side")
    answer = project.agreed("--from-ref", "main", "--to-ref", "side")
    assert answer.said == [("ruff", "F401", MODULE)]
    assert answer.report["summary"]["files"] == 1
    assert project.check("--from-ref", "nowhere", "--to-ref", "side").code == 3
    assert project.check("--from-ref=--output=x", "--to-ref", "side").code == 2
    assert project.check("--from-ref", "main").code == 2


def test_all_files_leaves_out_what_is_not_tracked(project):
    project.write("untracked.py", UNUSED)
    assert project.settle("--all-files").code == 0
    project.git("add", "untracked.py")
    assert project.agreed("--all-files").rules("untracked.py") == ["F401"]


def test_both_ways_to_select_all_files_have_a_shortcut_of_their_own(project):
    project.write("untracked.py", UNUSED)
    assert project.settle().code == 1
    assert project.settle("--all-files").code == 0
    assert (project.check().recalled, project.check("--all-files").recalled) == (True, True)
    project.write_unseen(MODULE, UNUSED)
    assert project.agreed("--all-files").rules(MODULE) == ["F401"]
    assert project.agreed().rules(MODULE) == ["F401"]
