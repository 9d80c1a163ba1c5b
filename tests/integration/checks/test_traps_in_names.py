"""Verdicts that rest on names: of other files, and of what a link leads to."""

from __future__ import annotations

import os

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has links for administrators, and one case")

DETECTORS = 'detectors = ["case-conflict", "broken-link", "python-syntax"]\n'


@pytest.fixture
def project(empty_project):
    """A file, a link to it, and one out of the worktree."""
    empty_project.write("pipeline-state.toml", DETECTORS)
    empty_project.write("in/target.py", "x = 1\n")
    (empty_project.root / "link.py").symlink_to("in/target.py")
    (empty_project.root.parent / "outside").write_text("x")
    (empty_project.root / "out").symlink_to("../outside")
    (empty_project.root / "folder").symlink_to("in")
    empty_project.commit()
    return empty_project


def broken(answer):
    return sorted(path for detector, _, path in answer.said if detector == "broken-link")


def in_conflict(answer):
    return sorted(path for detector, _, path in answer.said if detector == "case-conflict")


def test_a_target_that_vanishes_and_comes_back_is_noticed_by_the_shortcut(project):
    assert project.settle().code == 0
    path = project.root / "../outside"
    path.rename(path.with_name("elsewhere"))
    assert broken(project.agreed()) == ["out"]
    assert broken(project.settle()) == ["out"]
    path.with_name("elsewhere").rename(path)
    assert project.agreed().code == 0


def test_a_link_that_is_retargeted_or_whose_target_is_renamed_is_judged_again(project):
    project.settle()
    (project.root / "in/target.py").rename(project.root / "in/other.py")
    assert broken(project.agreed()) == ["link.py"]
    (project.root / "in/other.py").rename(project.root / "in/target.py")
    link = project.root / "link.py"
    link.unlink()
    link.symlink_to("in/absent.py")
    assert broken(project.agreed()) == ["link.py"]
    link.unlink()
    link.symlink_to("in/target.py")
    assert project.agreed().code == 0


def test_a_file_turned_into_a_link_and_back_is_judged_as_what_it_is(project):
    project.settle()
    path = project.root / "in/target.py"
    path.unlink()
    path.symlink_to("absent.py")
    assert broken(project.agreed()) == ["in/target.py", "link.py"]
    path.unlink()
    path.write_text("x = (\n")
    answer = project.agreed()
    assert (broken(answer), answer.rules("in/target.py", "python-syntax")) == ([], ["syntax-error"])


def test_a_link_to_itself_is_broken(project):
    (project.root / "self").symlink_to("self")
    assert broken(project.agreed()) == ["self"]


def test_what_a_link_leads_to_may_change_without_its_verdict(project):
    project.settle()
    project.write("../outside", "changed")
    answer = project.check()
    assert (answer.code, answer.checked) == (0, 0)


def test_another_name_that_appears_and_goes_is_noticed_in_the_file_that_did_not_change(project):
    project.settle()
    project.write("in/TARGET.py", "x = 1\n")
    assert in_conflict(project.agreed()) == ["in/TARGET.py", "in/target.py"]
    project.commit()
    assert in_conflict(project.settle()) == ["in/TARGET.py", "in/target.py"]
    (project.root / "in/TARGET.py").unlink()
    assert project.agreed().code == 0


def test_a_rename_in_case_only_is_no_conflict(project):
    project.settle()
    (project.root / "in/target.py").rename(project.root / "in/Target.py")
    assert in_conflict(project.agreed()) == []
    project.git("add", "--all")
    assert in_conflict(project.agreed()) == in_conflict(project.agreed("--staged")) == []


def test_a_staged_name_in_conflict_with_one_that_is_not_selected_is_found(project):
    project.write("IN/new.py", "x = 1\n")
    project.git("add", "IN/new.py")
    assert in_conflict(project.agreed("--staged")) == ["IN/new.py"]
    assert in_conflict(project.agreed("IN/new.py")) == ["IN/new.py"]


def test_an_ignored_name_is_in_conflict_with_nobody(project):
    project.write(".gitignore", "/IN/\n")
    project.write("IN/x", "x\n")
    assert project.agreed().code == 0
