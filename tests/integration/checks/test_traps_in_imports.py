"""Changes of what can be imported: names on disk, ignored ones too, decide how imports are sorted."""

from __future__ import annotations

import pytest

SORTED_IF_OURS = "import os\n\nimport ours\n\nprint(os, ours)\n"
SORTED_IF_NOT = "import os\n\nimport foreign\nimport ours\n\nprint(os, foreign, ours)\n"


def sorting(answer) -> list[str]:
    return [rule for rule in answer.rules("script.py") if rule == "I001"]


@pytest.fixture
def importing(project):
    """A project whose imports are sorted as long as there is no module `ours`."""
    project.write(".gitignore", "/ours*\n/elsewhere/\n/libs/\n/generated/\n")
    project.write("script.py", SORTED_IF_NOT)
    project.commit()
    return project


@pytest.mark.parametrize("name", ["ours.py", "ours.pyi", "ours/__init__.py", "src/ours.py"])
def test_an_ignored_module_that_appears_and_vanishes_is_noticed(importing, name):
    (importing.root / "src").mkdir()
    assert sorting(importing.settle()) == []
    path = importing.write(name, "")
    assert sorting(importing.agreed()) == ["I001"]
    path.unlink()
    if path.parent.name == "ours":
        path.parent.rmdir()
    assert sorting(importing.agreed()) == []


def test_an_ignored_empty_folder_that_appears_and_vanishes_is_noticed(importing):
    assert sorting(importing.settle()) == []
    (importing.root / "ours").mkdir()
    assert sorting(importing.agreed()) == ["I001"]
    assert sorting(importing.settle()) == ["I001"]
    (importing.root / "ours").rmdir()
    assert sorting(importing.agreed()) == []


def test_a_folder_for_modules_that_appears_is_noticed(importing):
    assert sorting(importing.settle()) == []
    importing.write("src/ours.py", "")
    assert sorting(importing.agreed()) == ["I001"]


def test_a_sibling_module_that_is_deleted_is_noticed(project):
    project.write("ours.py", "")
    project.write("script.py", SORTED_IF_OURS.replace("import os\n", "import os\n\nimport foreign"))
    project.commit()
    before = sorting(project.settle())
    project.git("rm", "--quiet", "ours.py")
    assert sorting(project.agreed()) != before


def test_an_edit_of_a_sibling_module_judges_nothing_but_that_module(importing):
    importing.write("other.py", "VALUE = 1\n")
    importing.commit()
    importing.settle()
    importing.write("other.py", "VALUE = 2\n")
    answer = importing.agreed()
    assert answer.checked == 4, "python-syntax, two for text, ruff"


def test_a_link_to_a_module_counts_while_it_leads_somewhere(importing):
    (importing.root / "ours.py").symlink_to("elsewhere/ours.py")
    assert sorting(importing.settle()) == []
    path = importing.write("elsewhere/ours.py", "")
    assert sorting(importing.agreed()) == ["I001"]
    assert sorting(importing.settle()) == ["I001"]
    path.unlink()
    assert sorting(importing.agreed()) == []


def test_a_link_to_a_folder_counts_while_it_leads_somewhere(importing):
    (importing.root / "ours").symlink_to("elsewhere")
    assert sorting(importing.settle()) == []
    (importing.root / "elsewhere").mkdir()
    assert sorting(importing.agreed()) == ["I001"]


def test_a_link_that_leads_to_itself_does_not_hide_the_modules_beside_it(importing):
    (importing.root / "elsewhere").symlink_to("elsewhere")
    assert sorting(importing.settle()) == []
    importing.write("ours.py", "")
    assert sorting(importing.agreed()) == ["I001"]


def test_a_module_that_is_only_imported_within_a_bracket_counts(project):
    project.write(".gitignore", "/ours*\n")
    project.write("script.py", "import os\n\nfrom foreign import (\n    one,\n)\nimport ours\n\nprint(os, one, ours)\n")
    project.commit()
    project.settle()
    project.write("ours.py", "")
    project.agreed()
    project.settle()
    (project.root / "ours.py").unlink()
    project.agreed()


def test_a_package_file_that_appears_and_vanishes_is_noticed(project):
    project.write("loose/module.py", "VALUE = 1\n")
    project.commit()
    assert project.settle().rules("loose/module.py") == ["INP001"]
    path = project.write("loose/__init__.py", "")
    assert project.agreed().rules("loose/module.py") == []
    assert project.settle().rules("loose/module.py") == []
    path.unlink()
    assert project.agreed().rules("loose/module.py") == ["INP001"]


def test_a_package_file_that_git_ignores_is_noticed(project):
    project.write(".gitignore", "loose/__init__.py\n")
    project.write("loose/module.py", "VALUE = 1\n")
    project.commit()
    assert project.settle().rules("loose/module.py") == ["INP001"]
    project.write("loose/__init__.py", "")
    assert project.agreed().rules("loose/module.py") == []


def test_a_package_file_that_is_a_link_counts_while_it_leads_somewhere(project):
    project.write(".gitignore", "elsewhere/\n")
    project.write("loose/module.py", "VALUE = 1\n")
    (project.root / "loose/__init__.py").symlink_to("../elsewhere/empty.py")
    project.commit()
    assert project.settle().rules("loose/module.py") == ["INP001"]
    project.write("elsewhere/empty.py", "")
    assert project.agreed().rules("loose/module.py") == []


def test_source_folders_named_by_a_pattern_are_watched(importing):
    importing.write("ruff.toml", 'src = ["libs/*/src"]\n[lint]\nselect = ["I"]\n')
    importing.commit()
    assert sorting(importing.settle()) == []
    importing.write("libs/first/src/ours.py", "")
    assert sorting(importing.agreed()) == ["I001"]
    importing.write("libs/second/src/foreign.py", "")
    importing.agreed()


def test_source_folders_of_a_nearer_configuration_are_watched(importing):
    importing.write("nearer/ruff.toml", 'src = ["lib"]\n[lint]\nselect = ["I"]\n')
    importing.write("nearer/script.py", SORTED_IF_NOT)
    importing.write(".gitignore", "lib/\n")
    importing.commit()
    assert importing.settle().rules("nearer/script.py") == []
    importing.write("nearer/lib/ours/__init__.py", "")
    assert importing.agreed().rules("nearer/script.py") == ["I001"]


def test_a_source_folder_outside_of_the_worktree_makes_every_run_look(importing):
    importing.write("ruff.toml", 'src = ["../beside"]\n[lint]\nselect = ["I"]\n')
    importing.commit()
    (importing.root.parent / "beside").mkdir()
    assert sorting(importing.check()) == []
    importing.write("../beside/ours.py", "")
    answer = importing.agreed()
    assert sorting(answer) == ["I001"]
    assert not answer.recalled
