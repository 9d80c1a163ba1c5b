"""Changes of what configures a tool, wherever it lies. Each is made after the shortcut has been taken."""

from __future__ import annotations

import pytest

UNUSED = "import os\n"
LAX = '[lint]\nselect = ["E"]\n'


@pytest.fixture
def unused(project):
    """A project with one finding, which only the configuration can take away."""
    project.write("package/nested/deep.py", UNUSED)
    project.commit()
    return project


def found(answer) -> list[str]:
    return answer.rules("package/nested/deep.py")


@pytest.mark.parametrize("name", ["ruff.toml", ".ruff.toml"])
def test_a_nearer_configuration_that_appears_is_noticed(unused, name):
    assert found(unused.settle()) == ["F401"]
    unused.write(f"package/{name}", LAX)
    assert found(unused.agreed()) == []


def test_a_nearer_configuration_that_git_ignores_is_noticed_when_it_appears_and_when_it_changes(unused):
    unused.write(".gitignore", "ruff.toml\n")
    unused.commit()
    assert found(unused.settle()) == ["F401"]
    unused.write("package/nested/ruff.toml", LAX)
    assert found(unused.agreed()) == []
    assert found(unused.settle()) == []
    unused.write_unseen("package/nested/ruff.toml", LAX.replace("E", "F"))
    assert found(unused.agreed()) == ["F401"]


def test_a_nearer_pyproject_counts_once_it_configures_the_tool(unused):
    unused.write("package/pyproject.toml", "[project]\n")
    unused.commit()
    assert found(unused.settle()) == ["F401"]
    unused.write("package/pyproject.toml", '[tool.ruff.lint]\nselect = ["E"]\n')
    assert found(unused.agreed()) == []


def test_a_nearer_configuration_that_is_deleted_is_noticed(unused):
    unused.write("package/ruff.toml", LAX)
    unused.commit()
    assert found(unused.settle()) == []
    (unused.root / "package/ruff.toml").unlink()
    assert found(unused.agreed()) == ["F401"]


def test_a_configuration_edited_unseen_is_noticed(unused):
    assert found(unused.settle()) == ["F401"]
    unused.write_unseen("ruff.toml", '[lint]\nselect = ["E", "W", "I", "INP"]\n')
    assert found(unused.agreed()) == []


def test_a_configuration_that_changes_only_through_extend_is_noticed(unused):
    base = "ignored/base.toml"
    unused.write(".gitignore", "ignored/\n")
    unused.write(base, LAX)
    unused.write("middle.toml", f'extend = "{base}"\n')
    unused.write("ruff.toml", 'extend = "middle.toml"\n')
    unused.commit()
    assert found(unused.settle()) == []
    unused.write_unseen(base, LAX.replace("E", "F"))
    assert found(unused.agreed()) == ["F401"]
    (unused.root / base).unlink()
    assert unused.agreed().code == 3, "ruff refuses to run without it"
    unused.write(base, LAX)
    assert found(unused.agreed()) == []


def test_a_configuration_outside_of_the_worktree_is_noticed_through_extend(unused):
    unused.write("../base.toml", LAX)
    unused.write("ruff.toml", 'extend = "../base.toml"\n')
    unused.commit()
    assert found(unused.check()) == []
    unused.write_unseen("../base.toml", LAX.replace("E", "F"))
    assert found(unused.agreed()) == ["F401"]


def test_a_configuration_reached_through_a_link_is_watched_where_it_is(unused):
    unused.write(".gitignore", "elsewhere/\n")
    unused.write("elsewhere/strict.toml", LAX.replace("E", "F"))
    unused.write("elsewhere/lax.toml", LAX)
    link = unused.root / "package/ruff.toml"
    link.symlink_to("../elsewhere/strict.toml")
    unused.commit()
    assert found(unused.settle()) == ["F401"]
    unused.write_unseen("elsewhere/strict.toml", LAX)
    assert found(unused.agreed()) == []
    unused.write("elsewhere/strict.toml", LAX.replace("E", "F"))
    assert found(unused.settle()) == ["F401"]
    link.unlink()
    link.symlink_to("../elsewhere/lax.toml")
    assert found(unused.agreed()) == []


def test_a_broken_link_in_the_place_of_a_configuration_is_noticed_when_it_leads_somewhere(unused):
    unused.write(".gitignore", "elsewhere/\n")
    (unused.root / "package/ruff.toml").symlink_to("../elsewhere/lax.toml")
    unused.commit()
    assert found(unused.settle()) == ["F401"]
    unused.write("elsewhere/lax.toml", LAX)
    assert found(unused.agreed()) == []


def test_a_link_that_leads_to_itself_does_not_hide_the_configuration_beside_it(unused):
    unused.write(".gitignore", "loop\n")
    unused.write("package/ruff.toml", LAX)
    (unused.root / "package/loop").symlink_to("loop")
    unused.commit()
    assert found(unused.settle()) == []
    unused.write_unseen("package/ruff.toml", LAX.replace("E", "F"))
    assert found(unused.agreed()) == ["F401"]


@pytest.mark.parametrize("place", [".config/ruff/ruff.toml", ".config/ruff/pyproject.toml"])
def test_a_users_configuration_in_the_home_folder_is_noticed(unused, place):
    (unused.root / "ruff.toml").unlink()
    unused.commit()
    assert found(unused.settle()) == ["F401"]
    content = '[tool.ruff.lint]\nselect = ["E"]\n' if "pyproject" in place else LAX
    path = unused.home / place
    path.parent.mkdir(parents=True)
    path.write_text(content)
    assert found(unused.agreed()) == []
    assert found(unused.settle()) == []
    path.unlink()
    assert found(unused.agreed()) == ["F401"]


def test_a_users_configuration_in_the_folder_for_configurations_is_noticed(unused, tmp_path):
    (unused.root / "ruff.toml").unlink()
    unused.commit()
    unused.environ["XDG_CONFIG_HOME"] = str(tmp_path / "xdg")
    assert found(unused.settle()) == ["F401"]
    (tmp_path / "xdg/ruff").mkdir(parents=True)
    (tmp_path / "xdg/ruff/ruff.toml").write_text(LAX)
    assert found(unused.agreed()) == []
    (tmp_path / "other/ruff").mkdir(parents=True)
    (tmp_path / "other/ruff/ruff.toml").write_text(LAX.replace("E", "F"))
    assert found(unused.agreed(XDG_CONFIG_HOME=str(tmp_path / "other"))) == ["F401"]


@pytest.mark.parametrize("folder", [".", ".."])
def test_a_configuration_above_the_worktree_is_noticed(unused, folder):
    (unused.root / "ruff.toml").unlink()
    unused.commit()
    assert found(unused.settle()) == ["F401"]
    path = unused.root.parent / folder / "ruff.toml"
    path.write_text(LAX)
    assert found(unused.agreed()) == []
    path.write_text(LAX.replace("E", "F"))
    assert found(unused.agreed()) == ["F401"]
    path.unlink()
    assert found(unused.agreed()) == ["F401"]


def test_the_python_version_that_a_project_requires_is_noticed_above_the_configuration_of_the_tool(unused):
    unused.write("ruff.toml", '[lint]\nselect = ["UP"]\n')
    unused.write("package/module.py", "from typing import Optional\n\nX = Optional[int]\n")
    unused.write("pyproject.toml", '[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.8"\n')
    unused.commit()
    before = unused.settle()
    unused.write("pyproject.toml", '[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.12"\n')
    assert unused.agreed().said != before.said


def test_a_configuration_named_in_the_arguments_is_followed(unused):
    unused.write("pipeline-state.toml", 'detectors = ["ruff"]\n[detector.ruff]\nargs = ["--config", "ours.toml"]\n')
    unused.write(".gitignore", "*.toml\n")
    unused.write("ours.toml", 'extend = "base.toml"\n')
    unused.write("base.toml", LAX)
    unused.commit()
    assert found(unused.settle()) == []
    unused.write_unseen("base.toml", LAX.replace("E", "F"))
    assert found(unused.agreed()) == ["F401"]


def test_other_arguments_are_another_question(unused):
    unused.write("pipeline-state.toml", 'detectors = ["ruff"]\n')
    assert found(unused.settle()) == ["F401"]
    unused.write("pipeline-state.toml", 'detectors = ["ruff"]\n[detector.ruff]\nargs = ["--ignore=F401"]\n')
    assert found(unused.agreed()) == []


def test_our_own_configuration_that_git_ignores_is_noticed(project):
    project.write(".gitignore", "pipeline-state.toml\n")
    project.git("rm", "--cached", "-q", "pipeline-state.toml")
    project.write("package/module.py", "VALUE = 1 \n")
    project.commit()
    assert project.settle().rules("package/module.py", "trailing-whitespace") == ["trailing-whitespace"]
    project.write("pipeline-state.toml", 'detectors = ["trailing-whitespace"]\nexclude = ["package"]\n')
    assert project.agreed().code == 0
    (project.root / "pipeline-state.toml").unlink()
    assert project.agreed().rules("package/module.py", "trailing-whitespace") == ["trailing-whitespace"]


def test_a_file_that_the_tool_leaves_out_is_excluded_and_never_clean(unused):
    unused.write("ruff.toml", 'extend-exclude = ["nested"]\n')
    unused.write("pipeline-state.toml", 'detectors = ["ruff"]\n')
    unused.commit()
    assert unused.settle().code == 0
    answer = unused.agreed("package/nested")
    assert (answer.code, answer.outcomes) == (0, {"ruff": "excluded"})
    unused.write("ruff.toml", "")
    assert found(unused.agreed()) == ["F401"]


def test_a_file_excluded_everywhere_is_excluded_by_the_shortcut_too(unused):
    unused.write("ruff.toml", 'exclude = ["*"]\n')
    unused.commit()
    assert unused.settle().outcomes["ruff"] == "excluded"


def test_what_lies_above_counts_for_the_folder_that_it_names(unused):
    """The formatter, because it looks for no modules above: the linter's verdicts are not reused there at all."""
    (unused.root / "ruff.toml").unlink()
    unused.write("pipeline-state.toml", 'detectors = ["ruff-format"]\n')
    unused.write("package/module.py", "VALUE  =  1\n")
    (unused.root.parent / "ruff.toml").write_text('exclude = ["moved"]\n')
    unused.commit()
    assert unused.settle().rules("package/module.py", "ruff-format") == ["unformatted"]
    unused.root = unused.root.rename(unused.root.parent / "moved")
    assert unused.agreed().outcomes == {"ruff-format": "excluded"}


def test_the_worktrees_own_name_counts_where_the_configuration_names_it(unused):
    unused.write("pipeline-state.toml", 'detectors = ["ruff"]\n')
    unused.write("ruff.toml", 'extend-exclude = ["moved"]\n')
    unused.commit()
    assert found(unused.settle()) == ["F401"]
    unused.root = unused.root.rename(unused.root.parent / "moved")
    assert unused.agreed().outcomes == {"ruff": "excluded"}


def test_the_worktrees_own_place_counts_where_the_configuration_names_it(unused):
    unused.write("pipeline-state.toml", 'detectors = ["ruff"]\n')
    place = unused.root.parent / "moved/package/*/*.py"
    unused.write("ruff.toml", f'[lint.per-file-ignores]\n"{place}" = ["F401"]\n')
    unused.commit()
    assert found(unused.settle()) == ["F401"]
    unused.root = unused.root.rename(unused.root.parent / "moved")
    assert found(unused.agreed()) == []


def test_verdicts_are_kept_when_a_worktree_is_moved_that_no_configuration_names(unused):
    unused.write("package/ruff.toml", 'extend-exclude = ["*_pb2.py"]\n[lint.per-file-ignores]\n"tests/*" = ["S101"]\n')
    unused.commit()
    unused.settle()
    unused.root = unused.root.rename(unused.root.parent / "moved")
    assert unused.agreed().checked == 0


def test_a_configuration_above_that_is_not_asked_any_more_keeps_no_verdict_from_being_reused(unused):
    """As in a worktree that lies inside of another one: the configuration at its own root is the one that counts."""
    (unused.root.parent / "ruff.toml").write_text('src = ["elsewhere"]\n' + LAX)
    assert found(unused.settle()) == ["F401"]
    (unused.root / "ruff.toml").unlink()
    assert found(unused.agreed()) == []
    (unused.root.parent / "ruff.toml").write_text(LAX.replace("E", "F"))
    assert found(unused.agreed()) == ["F401"]
