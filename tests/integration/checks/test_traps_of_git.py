"""Settings and states of Git that make it see less than there is. Each edit comes after the shortcut has been taken."""

from __future__ import annotations

import os

import pytest

UNUSED = "import os\n"
MODULE = "package/module.py"


@pytest.mark.parametrize(
    "settings",
    [
        ["core.trustctime=false", "core.checkStat=minimal", "status.showUntrackedFiles=no"],
        ["feature.manyFiles=true", "index.skipHash=true", "index.version=4", "core.untrackedCache=true"],
        ["core.splitIndex=true", "core.preloadIndex=false", "diff.ignoreSubmodules=all", "diff.autoRefreshIndex=false"],
        ["core.ignoreStat=true"],
    ],
    ids=["times", "many files", "split index", "ignored"],
)
def test_no_setting_hides_an_edit(project, settings):
    for setting in settings:
        project.git("config", *setting.split("="))
    project.rest()  # an index that is written in a later second than a file lets Git believe the times
    project.git("update-index", "--force-write-index", "-q", "--refresh")
    project.write("other.py", "VALUE = 1\n")
    project.git("add", "other.py")
    assert project.settle().code == 0
    project.write_unseen(MODULE, UNUSED)
    assert project.agreed().rules(MODULE) == ["F401"]
    project.settle()
    project.write("untracked/appeared.py", UNUSED)
    assert project.agreed().rules("untracked/appeared.py") == ["F401", "INP001"]


def test_a_split_index_without_a_hash_hides_no_edit(project):
    for setting in ("feature.manyFiles", "index.skipHash", "core.splitIndex"):
        project.git("config", setting, "true")
    project.git("update-index", "--split-index")
    project.write("other.py", "VALUE = 1\n")
    project.git("add", "other.py")
    assert project.settle().code == 0
    project.write_unseen(MODULE, UNUSED)
    assert project.agreed().rules(MODULE) == ["F401"]
    assert project.settle().rules(MODULE) == ["F401"]
    project.git("add", MODULE)
    project.write_unseen(MODULE, "VALUE = 1\n")
    assert project.agreed().rules(MODULE) == []


@pytest.mark.skipif(os.name == "nt", reason="a hook as a script")
def test_a_file_system_monitor_that_says_nothing_hides_no_edit(project, tmp_path):
    monitor = tmp_path / "monitor"
    monitor.write_text("#!/bin/sh\nprintf 'token\\0'\n")
    monitor.chmod(0o755)
    project.git("config", "core.fsmonitor", str(monitor))
    project.git("config", "core.fsmonitorHookVersion", "2")
    project.git("update-index", "--fsmonitor")
    project.git("status")
    assert project.settle().code == 0
    project.write(MODULE, UNUSED)
    assert MODULE not in project.git("status", "--porcelain"), "the monitor hides it from Git"
    assert project.agreed().rules(MODULE) == ["F401"]


def test_a_mode_that_git_is_told_to_overlook_is_noticed(project):
    project.git("config", "core.fileMode", "false")
    project.git("config", "core.trustctime", "false")
    project.write("ruff.toml", '[lint]\nselect = ["EXE"]\n')
    project.write(MODULE, "#!/usr/bin/env python3\n")
    project.rest()
    project.commit()
    assert project.settle().rules(MODULE) == ["EXE001"]
    (project.root / MODULE).chmod(0o755)
    assert project.agreed().rules(MODULE) == []
    assert project.settle().rules(MODULE) == []
    (project.root / MODULE).chmod(0o644)
    assert project.agreed().rules(MODULE) == ["EXE001"]


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_an_edit_of_a_file_that_git_does_not_look_at_is_noticed(project, flag):
    project.git("update-index", flag, MODULE)
    assert project.settle().code == 0
    project.write_unseen(MODULE, UNUSED)
    assert project.git("status", "--porcelain") == ""
    assert project.agreed().rules(MODULE) == ["F401"]


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_a_file_that_git_does_not_look_at_is_noticed_when_it_goes_and_comes(project, flag):
    project.git("update-index", flag, MODULE)
    project.settle()
    (project.root / MODULE).unlink()
    files = project.agreed().report["summary"]["files"]
    project.settle()
    project.write(MODULE, UNUSED)
    answer = project.agreed()
    assert answer.rules(MODULE) == ["F401"]
    assert answer.report["summary"]["files"] == files + 1


def test_a_sparse_checkout_is_judged_as_far_as_it_is_there(project):
    project.write("package/nested/deep.py", UNUSED)
    project.commit()
    assert project.settle().code == 1
    project.git("sparse-checkout", "set", "--cone", "other")
    assert project.agreed().code == 0
    project.settle()
    project.git("sparse-checkout", "disable")
    assert project.agreed().rules("package/nested/deep.py") == ["F401"]


def test_a_sparse_index_hides_no_edit(project):
    project.git("sparse-checkout", "set", "--cone", "--sparse-index", "package/nested")
    assert project.settle().code == 0
    project.write_unseen("script.py", "import json\n\nprint(John)\n")
    assert project.agreed().rules("script.py") == ["F401", "F821"]


def test_line_ends_that_git_calls_equal_are_not_the_same_bytes(project):
    project.write("ruff.toml", '[format]\nline-ending = "lf"\n')
    project.write("pipeline-state.toml", 'detectors = ["ruff-format"]\n')
    project.write(".gitattributes", "* text=auto\n")
    project.commit()
    assert project.settle().code == 0
    project.write(MODULE, "VALUE = 1\r\n")
    project.git("status")
    assert MODULE not in project.git("diff", "--name-only").splitlines(), "Git calls it unchanged"
    assert project.agreed().rules(MODULE, "ruff-format") == ["unformatted"]
    assert project.settle().rules(MODULE, "ruff-format") == ["unformatted"]
    project.write(MODULE, "VALUE = 1\n")
    project.git("status")
    assert project.agreed().code == 0


def test_line_ends_converted_on_the_way_out_are_judged_as_they_lie_there(project):
    project.write("pipeline-state.toml", 'detectors = ["ruff-format"]\n')
    project.write("ruff.toml", '[format]\nline-ending = "lf"\n')
    project.commit()
    assert project.settle().code == 0
    project.git("config", "core.autocrlf", "true")
    (project.root / MODULE).unlink()
    project.git("checkout", "--", MODULE)
    assert (project.root / MODULE).read_bytes().endswith(b"\r\n")
    assert project.agreed().rules(MODULE, "ruff-format") == ["unformatted"]


@pytest.mark.skipif(os.name == "nt", reason="filters as shell commands")
def test_a_filter_that_makes_contents_equal_does_not_make_them_the_same(project):
    project.git("config", "filter.clean-up.clean", "grep -v unused || true")
    project.git("config", "filter.clean-up.smudge", "cat")
    project.write(".gitattributes", "*.py filter=clean-up\n")
    project.commit()
    project.git("add", "--renormalize", ".")
    assert project.settle().code == 0
    project.write(MODULE, "VALUE = 1\nimport unused\n")
    project.git("status")
    assert project.git("diff", "--name-only") == ""
    assert project.agreed().rules(MODULE) == ["E402", "F401"]
    assert project.settle().rules(MODULE) == ["E402", "F401"]


def test_a_submodule_is_not_ours_to_judge_and_its_edits_disturb_nothing(project, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "inner.py").write_text(UNUSED)
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        project.git("-C", str(other), *command)
    project.git("submodule", "--quiet", "add", str(other), "sub")
    project.commit()
    assert project.settle().code == 0
    (project.root / "sub/inner.py").write_text("import re\n")
    assert project.agreed().code == 0
    answer = project.agreed("sub/inner.py")
    assert answer.rules("sub/inner.py") == ["F401", "INP001"]


def test_a_module_that_appears_in_a_submodule_counts_for_imports(project, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "x"]):
        project.git("-C", str(other), *command)
    project.git("submodule", "--quiet", "add", str(other), "libs/sub")
    project.write("ruff.toml", 'src = ["libs/sub"]\n[lint]\nselect = ["I"]\n')
    project.write("script.py", "import os\n\nimport foreign\nimport ours\n\nprint(os, foreign, ours)\n")
    project.commit()
    assert project.settle().code == 0
    project.write("libs/sub/ours.py", "")
    assert project.agreed().rules("script.py") == ["I001"]


def test_a_name_that_is_only_intended_to_be_added_is_judged(project):
    project.write("new.py", UNUSED)
    project.git("add", "--intent-to-add", "new.py")
    assert project.settle().rules("new.py") == ["F401"]
    project.write_unseen("new.py", "VALUE = 1\n")
    assert project.agreed().rules("new.py") == []


def test_a_merge_in_conflict_is_judged_as_it_lies_there(project):
    project.git("checkout", "-q", "-b", "side")
    project.write(MODULE, "VALUE = 2\n")
    project.commit()
    project.git("checkout", "-q", "main")
    project.write(MODULE, "VALUE = 3\n")
    project.commit()
    assert project.settle().code == 0
    with pytest.raises(AssertionError, match="CONFLICT"):
        project.git("merge", "side")
    answer = project.agreed()
    assert answer.rules(MODULE, "python-syntax") == ["syntax-error"]
    assert project.settle().code == 1
    project.write(MODULE, "VALUE = 4\n")
    assert project.agreed().code == 0
    project.git("add", MODULE)
    assert project.agreed().code == 0


def test_switching_branches_reuses_what_was_judged_on_each(project):
    project.check()
    project.git("checkout", "-q", "-b", "side")
    project.write(MODULE, UNUSED)
    project.commit()
    assert project.check().rules(MODULE) == ["F401"]
    project.git("checkout", "-q", "main")
    answer = project.agreed()
    assert (answer.code, answer.checked) == (0, 0)
    project.git("checkout", "-q", "side")
    answer = project.agreed()
    assert (answer.rules(MODULE), answer.checked) == (["F401"], 0)


def test_a_file_that_becomes_ignored_or_is_no_longer_ignored_is_noticed(project):
    project.write("loose.py", UNUSED)
    assert project.settle().rules("loose.py") == ["F401"]
    project.write(".git/info/exclude", "loose.py\n")
    assert project.agreed().code == 0
    project.settle()
    project.write(".git/info/exclude", "")
    assert project.agreed().rules("loose.py") == ["F401"]


def test_an_index_that_was_removed_is_noticed(project):
    project.settle("--all-files")
    (project.root / ".git/index").unlink()
    assert project.agreed("--all-files").report["summary"]["files"] == 0
