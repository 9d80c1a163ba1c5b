"""Changes of files that times, sizes or names hide. Each is made after the shortcut has been taken."""

from __future__ import annotations

import os
import shutil
import time

import pytest

UNUSED = "import os\n"
"""As long as `VALUE = 1\\n`."""


def test_an_edit_of_the_same_size_with_its_time_restored_is_noticed(project):
    assert project.settle().code == 0
    project.write_unseen("package/module.py", UNUSED)
    assert project.agreed().rules("package/module.py") == ["F401"]


def test_an_edit_right_after_a_run_within_the_same_second_is_noticed(project):
    for content in (UNUSED, "VALUE = 2\n", "import re\n", "VALUE = 3\n", "import io\n"):
        project.write("package/module.py", content)
        assert project.check().rules("package/module.py") == (["F401"] if "import" in content else [])
        project.write_unseen("package/module.py", "import  a\n" if "import" not in content else "VALUE = 4\n")
        assert bool(project.check().rules("package/module.py")) == ("import" not in content)


def test_an_edit_that_is_hard_to_see_is_noticed_beside_one_that_is_plain(project):
    """The plain one has all files compared with what is known, and Git is believed of those it does not tell apart."""
    project.write("package/other.py", "VALUE = 1\n")
    project.git("add", "package/other.py")
    assert project.settle().recalled
    for number, content in enumerate((UNUSED, "VALUE = 2\n", UNUSED, "VALUE = 3\n")):
        project.write("package/other.py", f"VALUE = {number}0\n")
        project.write_unseen("package/module.py", content)
        assert bool(project.agreed().rules("package/module.py")) == (content == UNUSED)
        if number == 1:
            project.rest()
            project.git("add", "package/module.py")
            project.rest()
            assert project.check().code == 0


def test_an_edit_right_after_the_shortcut_was_taken_is_noticed(project):
    for content in (UNUSED, "VALUE = 2\n"):
        assert project.settle().recalled
        project.write_unseen("package/module.py", content)
        assert bool(project.check().rules("package/module.py")) == (content == UNUSED)


def test_an_edit_within_the_second_that_git_cannot_tell_apart_is_noticed(project):
    """The file is old by its time, and Git sees change times in whole seconds."""
    path = project.root / "package/module.py"
    for content in (UNUSED, "VALUE = 1\n", UNUSED):
        project.rest()
        time.sleep(1.01 - time.time() % 1)
        os.utime(path, (1_000_000_000, 1_000_000_000))
        project.git("add", "package/module.py")
        project.check()
        project.write_unseen("package/module.py", content)
        assert bool(project.check().rules("package/module.py")) == (content == UNUSED)


def test_an_edit_whose_time_is_set_back_is_noticed(project):
    project.settle()
    path = project.write("package/module.py", UNUSED)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    assert project.agreed().rules("package/module.py") == ["F401"]


def test_a_file_replaced_by_another_one_of_the_same_size_and_time_is_noticed(project):
    project.settle()
    path = project.root / "package/module.py"
    before = path.stat()
    other = project.write("package/other", UNUSED)
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)
    assert project.agreed().rules("package/module.py") == ["F401"]


def test_an_edit_of_a_file_whose_time_lies_in_the_future_is_noticed(project):
    path = project.root / "package/module.py"
    future = time.time_ns() + 3_600_000_000_000
    os.utime(path, ns=(future, future))
    project.git("status")
    assert not project.check().recalled
    assert not project.check().recalled, "nothing can be proven by a time that has not come"
    project.write_unseen("package/module.py", UNUSED)
    assert project.agreed().rules("package/module.py") == ["F401"]


def test_a_file_that_was_only_touched_is_not_judged_again(project):
    project.settle()
    os.utime(project.root / "package/module.py")
    answer = project.agreed()
    assert (answer.code, answer.checked, answer.recalled) == (0, 0, False)


def test_an_untracked_file_that_is_edited_unseen_is_noticed(project):
    project.write("untracked.py", "VALUE = 1\n")
    project.settle()
    project.write_unseen("untracked.py", UNUSED)
    assert project.agreed().rules("untracked.py") == ["F401"]


def test_an_untracked_file_that_appears_in_a_folder_with_its_time_restored_is_noticed(project):
    project.settle()
    folder = project.root / "package"
    before = folder.stat()
    project.write("package/appeared.py", UNUSED)
    os.utime(folder, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert project.agreed().rules("package/appeared.py") == ["F401"]


def test_a_deleted_file_takes_its_findings_with_it(project):
    project.write("package/module.py", UNUSED)
    assert project.settle().code == 1
    (project.root / "package/module.py").unlink()
    answer = project.agreed()
    assert (answer.code, answer.said) == (0, [])


def test_a_file_that_goes_back_to_older_content_is_reused_at_once(project):
    project.check()
    project.write("package/module.py", UNUSED)
    assert project.check().code == 1
    project.write("package/module.py", "VALUE = 1\n")
    answer = project.agreed()
    assert (answer.code, answer.checked) == (0, 0)


def test_a_change_of_the_mode_alone_is_noticed(project):
    project.write("ruff.toml", '[lint]\nselect = ["EXE"]\n')
    project.write("package/module.py", "#!/usr/bin/env python3\n")
    assert project.settle().rules("package/module.py") == ["EXE001"]
    (project.root / "package/module.py").chmod(0o755)
    assert project.agreed().rules("package/module.py") == []


def test_a_script_without_a_suffix_is_judged_once_it_may_be_executed(project):
    path = project.write("tool", "#!/usr/bin/env python3\nimport os\n")
    assert project.settle().code == 0
    path.chmod(0o755)
    assert project.agreed().rules("tool") == ["F401"]


def test_a_file_that_becomes_a_link_is_not_judged_and_its_target_is(project):
    project.write("package/module.py", UNUSED)
    assert project.settle().rules("package/module.py") == ["F401"]
    (project.root / "package/module.py").unlink()
    (project.root / "package/module.py").symlink_to("../script.py")
    answer = project.agreed()
    assert (answer.code, answer.said) == (0, [])


def test_a_link_that_becomes_a_file_is_judged(project):
    (project.root / "link.py").symlink_to("script.py")
    project.commit()
    project.settle()
    (project.root / "link.py").unlink()
    project.write("link.py", UNUSED)
    assert project.agreed().rules("link.py") == ["F401"]


def test_a_retargeted_link_is_no_reason_to_judge_anything(project):
    (project.root / "link.py").symlink_to("script.py")
    project.commit()
    project.settle()
    (project.root / "link.py").unlink()
    (project.root / "link.py").symlink_to("broken")
    answer = project.agreed()
    assert (answer.code, answer.checked) == (0, 0)


def test_a_file_renamed_in_case_only_is_judged_under_its_new_name(project):
    project.write("package/module.py", UNUSED)
    project.commit()
    assert project.settle().rules("package/module.py") == ["F401"]
    project.git("mv", "package/module.py", "package/Module.py")
    answer = project.agreed()
    assert answer.rules("package/Module.py") == ["F401"]
    assert answer.rules("package/module.py") == []


def test_a_file_moved_to_a_folder_with_other_rules_is_judged_by_them(project):
    project.write("lax/ruff.toml", '[lint]\nselect = ["E"]\n')
    project.write("package/module.py", UNUSED)
    project.commit()
    assert project.settle().rules("package/module.py") == ["F401"]
    project.git("mv", "package/module.py", "lax/module.py")
    assert project.agreed().code == 0


def forbid(project, path):
    """Let no check read a file or look into a folder; root is to run them without what makes it read everything."""
    path.chmod(0)
    if os.access(path, os.R_OK):
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            pytest.skip("root may read everything, and nothing is here that takes that from it")
        rights = "-dac_override,-dac_read_search"
        project.launcher = (setpriv, f"--bounding-set={rights}", f"--inh-caps={rights}")


def test_a_file_that_cannot_be_read_is_an_error_and_never_clean(project):
    project.settle()
    forbid(project, project.root / "package/module.py")
    answer = project.agreed()
    assert answer.code == 3
    assert "cannot be read" in answer.errors[0]


def test_a_file_that_cannot_be_read_stays_an_error_when_another_one_is_edited(project):
    project.settle()
    forbid(project, project.root / "package/module.py")
    for number in range(3):
        project.write("package/nested/deep.py", f"VALUE = {number}\n")
        assert not project.rest()
        answer = project.check()
        assert answer.code == 3
        assert [(one["path"], "cannot be read" in one["message"]) for one in answer.report["errors"]] == [
            ("package/module.py", True)
        ]


@pytest.mark.parametrize("edited", [False, True], ids=["alone", "with an edit"])
def test_a_folder_that_was_closed_is_an_error_and_never_clean(project, edited):
    project.write("pipeline-state.toml", 'detectors = ["python-syntax"]\n')  # which watches no folder
    project.commit()
    assert project.settle().code == 0
    forbid(project, project.root / "package/nested")
    try:
        for number in range(2):
            if edited:
                project.write("script.py", f"VALUE = {number}\n")
            answer = project.agreed()
            assert answer.code == 3
            assert "cannot be read" in answer.errors[0]
    finally:
        (project.root / "package/nested").chmod(0o755)
    assert project.agreed().code == 0
