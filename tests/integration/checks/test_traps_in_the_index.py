"""What moves while the index does: it is another one after `git add`, and of most files it says the same."""

from __future__ import annotations

import os

import pytest

UNUSED = "import os\n"
"""As long as `VALUE = 1\\n`."""
MODULE, DEEP, SCRIPT = "package/module.py", "package/nested/deep.py", "script.py"


def add(project):
    project.git("add", "--all")


def commit(project):
    project.commit()


def touch_and_refresh(project):
    os.utime(project.root / "data.json")
    project.git("status")


@pytest.fixture(params=["2"])
def settled(project, request):
    """A project in which nothing moved since it was checked, with an index of this version."""
    project.git("update-index", "--index-version", request.param)
    assert project.settle().said == []
    return project


@pytest.mark.parametrize("settled", ["2", "4"], indirect=True)
@pytest.mark.parametrize("write_index", [add, commit])
def test_an_edit_that_was_added_is_judged(settled, write_index):
    settled.write(MODULE, UNUSED)
    write_index(settled)
    assert settled.agreed().rules(MODULE) == ["F401"]
    assert settled.settle().rules(MODULE) == ["F401"]
    settled.write(MODULE, "VALUE = 2\n")
    write_index(settled)
    assert settled.agreed().said == []


def test_an_edit_of_the_same_size_with_its_time_restored_is_judged_when_it_was_added(settled):
    settled.write_unseen(MODULE, UNUSED)
    add(settled)
    assert settled.agreed().rules(MODULE) == ["F401"]


@pytest.mark.parametrize("write_index", [add, commit, touch_and_refresh])
def test_an_edit_beside_another_index_is_judged(settled, write_index):
    settled.write(SCRIPT, "import json\n\nprint(json, 1)\n")
    write_index(settled)
    settled.write_unseen(MODULE, UNUSED)
    assert settled.agreed().rules(MODULE) == ["F401"]


def test_an_edit_is_judged_that_was_made_before_and_added_later(settled):
    settled.write(MODULE, UNUSED)
    assert settled.check().rules(MODULE) == ["F401"]
    add(settled)
    assert settled.agreed().rules(MODULE) == ["F401"]
    settled.write(MODULE, "VALUE = 3\n")
    assert settled.agreed().said == []
    add(settled)
    assert settled.settle().said == []
    settled.write_unseen(MODULE, "import re\n")
    assert settled.agreed().rules(MODULE) == ["F401"]


def test_what_was_staged_and_is_another_one_on_disk_is_judged_as_it_is_on_disk(settled):
    settled.write(MODULE, UNUSED)
    add(settled)
    settled.write(MODULE, "VALUE = 3\n")
    assert settled.agreed().said == []
    settled.git("checkout", "--quiet", MODULE)
    assert settled.agreed().rules(MODULE) == ["F401"]


@pytest.mark.parametrize("assumed", ["--assume-unchanged", "--skip-worktree"])
def test_a_file_that_git_is_told_not_to_look_at_is_looked_at_beside_another_index(settled, assumed):
    settled.git("update-index", assumed, MODULE)
    assert settled.settle().said == []
    settled.write(SCRIPT, "import json\n\nprint(json, 1)\n")
    add(settled)
    assert settled.settle().said == []
    settled.write(SCRIPT, "import json\n\nprint(json, 2)\n")
    add(settled)
    settled.write_unseen(MODULE, UNUSED)
    assert settled.agreed().rules(MODULE) == ["F401"]


def test_an_untracked_file_is_looked_at_beside_another_index(settled):
    settled.write("new.py", "VALUE = 1\n")
    assert settled.settle().said == []
    for number in range(2):
        settled.write(SCRIPT, f"import json\n\nprint(json, {number})\n")
        settled.git("add", SCRIPT)
        assert settled.settle().said == []
    settled.write_unseen("new.py", UNUSED)
    settled.write(SCRIPT, "import json\n\nprint(json, 3)\n")
    settled.git("add", SCRIPT)
    assert settled.agreed().rules("new.py") == ["F401"]


def test_a_configuration_that_was_added_counts(settled):
    settled.write("ruff.toml", 'lint.select = ["D100"]\n')
    commit(settled)
    assert settled.agreed().rules(MODULE) == ["D100"]


def test_a_checkout_of_another_commit_is_judged(settled):
    settled.write(MODULE, UNUSED)
    settled.write(DEEP, UNUSED)
    commit(settled)
    assert settled.settle().rules(MODULE) == ["F401"]
    settled.git("checkout", "--quiet", "HEAD~1")
    assert settled.agreed().said == []
    settled.git("checkout", "--quiet", "-")
    assert settled.agreed().rules(DEEP) == ["F401"]


def test_a_file_that_was_deleted_before_and_is_back_is_judged(settled):
    (settled.root / MODULE).unlink()
    assert settled.settle().said == []
    settled.write(SCRIPT, "import json\n\nprint(json, 1)\n")
    settled.git("add", SCRIPT)
    assert settled.agreed().said == []
    settled.write(MODULE, UNUSED)
    settled.git("add", MODULE)
    assert settled.agreed().rules(MODULE) == ["F401"]


def test_a_file_is_not_judged_any_more_that_was_removed_from_disk_and_index(settled):
    settled.write(MODULE, UNUSED)
    assert settled.settle().rules(MODULE) == ["F401"]
    settled.git("rm", "--quiet", "--force", MODULE)
    assert settled.agreed().said == []


def test_files_in_conflict_are_judged_as_they_are(settled):
    settled.git("checkout", "--quiet", "-b", "other")
    settled.write(MODULE, UNUSED)
    commit(settled)
    settled.git("checkout", "--quiet", "-")
    settled.write(MODULE, "VALUE = 3\n")
    commit(settled)
    assert settled.settle().said == []
    with pytest.raises(AssertionError):
        settled.git("merge", "--quiet", "other")
    assert settled.agreed().rules(MODULE, "python-syntax")
    settled.write(MODULE, UNUSED)
    assert settled.agreed().rules(MODULE) == ["F401"]
    add(settled)
    assert settled.agreed().rules(MODULE) == ["F401"]


def test_a_file_that_is_edited_while_it_is_young_is_judged_after_it_was_added(settled):
    for number in range(3):
        settled.write(MODULE, UNUSED)
        add(settled)
        assert settled.check().rules(MODULE) == ["F401"]
        settled.write_unseen(MODULE, f"VALUE = {number}\n")
        assert settled.check().said == []
