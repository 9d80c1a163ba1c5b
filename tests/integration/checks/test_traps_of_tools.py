"""What the verdicts of single tools rest on, and nobody would think of. Each was found by watching the tool."""

from __future__ import annotations

import pytest

ASSERTS = "assert x\n"


@pytest.fixture
def bandit(empty_project):
    empty_project.write("pipeline-state.toml", 'detectors = ["bandit"]\n')
    return empty_project


@pytest.mark.parametrize("ini", [None, "[bandit]\nexclude = CVS\n"])
def test_a_folder_with_the_name_of_an_exclusion_that_appears_is_noticed_by_bandit(bandit, ini):
    bandit.write("in/readCVS.py", ASSERTS)
    if ini is not None:
        bandit.write(".bandit", ini)
    bandit.commit()
    assert bandit.settle().said == []  # "CVS" is somewhere in its name
    (bandit.root / "CVS").mkdir()
    assert bandit.agreed().rules("in/readCVS.py", "bandit") == ["B101"]  # and now "CVS/*" is not
    (bandit.root / "CVS").rmdir()
    bandit.write("CVS", "a file\n")
    assert bandit.agreed().said == []


def test_bandit_judges_the_same_in_every_worktree(bandit):
    bandit.write(".github/script.py", ASSERTS)
    bandit.commit()
    assert bandit.check().rules(".github/script.py", "bandit") == ["B101"]
    bandit.git("worktree", "add", "-q", "../linked")
    bandit.root = bandit.root.parent / "linked"  # where .git is a file
    assert bandit.agreed().rules(".github/script.py", "bandit") == ["B101"]


def test_a_link_to_itself_that_makes_a_package_is_noticed_by_mypy(empty_project):
    empty_project.write("pipeline-state.toml", 'detectors = ["mypy"]\n')
    empty_project.write("a.py", "x: int = ''\n")
    empty_project.commit()
    assert empty_project.settle().rules("a.py", "mypy") == ["assignment"]
    (empty_project.root / "__init__.py").symlink_to("__init__.py")
    assert empty_project.agreed().errors  # it stops there, and judges nothing
