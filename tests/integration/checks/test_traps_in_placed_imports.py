"""Changes of what decides where isort places an import: names on disk, and what makes a package, in all its forms."""

from __future__ import annotations

import pytest

PLACED_IF_NOT_OURS = "import os\n\nimport ours.part\nimport zebra\n\nprint(os, ours, zebra)\n"
"""Sorted as long as `ours` belongs to others, as `zebra` does."""

NAMESPACE = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"


def unsorted(answer, path="script.py") -> bool:
    return answer.rules(path, "isort") == ["unsorted"]


@pytest.fixture
def placing(empty_project):
    """A project that imports `ours`, which is not there; Git ignores all of that name."""
    empty_project.write("pipeline-state.toml", 'detectors = ["isort"]\n')
    empty_project.write(".gitignore", "ours*\n")
    empty_project.write("script.py", PLACED_IF_NOT_OURS)
    empty_project.write("other.py", "import os\n\nimport elsewhere\n\nprint(os, elsewhere)\n")
    empty_project.write("src/readme.txt", "")
    empty_project.commit()
    return empty_project


def remove(path) -> None:
    while path.name != path.parent.name and path.is_relative_to(path.parents[1]):
        path.rmdir() if path.is_dir() else path.unlink()
        path = path.parent
        if not path.name.startswith("ours"):
            break


@pytest.mark.parametrize("name", ["src/ours.py", "ours/__init__.py", "src/ours/setup.cfg", "ours.abi3.so"])
def test_a_module_or_package_that_appears_and_vanishes_is_noticed(placing, name):
    assert not unsorted(placing.settle())
    path = placing.write(name, "")
    assert unsorted(placing.agreed())
    assert unsorted(placing.settle())
    remove(path)
    answer = placing.agreed()
    assert not unsorted(answer)
    assert answer.checked == 0, "its verdict of before is proven"


def test_a_folder_without_sources_is_a_namespace_package_until_it_has_one(placing):
    (placing.root / "ours").mkdir()
    assert not unsorted(placing.settle()), "and nothing of it is imported"
    path = placing.write("ours/deep/module.txt", "")
    assert not unsorted(placing.agreed())
    path = placing.write("ours/module.py", "")
    assert unsorted(placing.agreed())
    path.unlink()
    assert not unsorted(placing.agreed())
    (placing.root / "ours/part").mkdir()
    assert unsorted(placing.agreed())


@pytest.mark.parametrize("folder", ["", "src/"])
def test_what_a_package_begins_with_is_noticed_where_it_makes_a_namespace_package(placing, folder):
    path = placing.write(f"{folder}ours/__init__.py", "")
    assert unsorted(placing.settle())
    path.write_text(NAMESPACE)
    assert not unsorted(placing.agreed())
    assert not unsorted(placing.settle())
    path.write_text("#" * 4096 + "\n" + NAMESPACE)
    assert unsorted(placing.agreed())
    assert unsorted(placing.settle())
    placing.write_unseen(f"{folder}ours/__init__.py", NAMESPACE + "#" * 4096 + "\n")
    assert not unsorted(placing.agreed())


def test_of_another_change_of_a_package_its_own_verdict_alone_is_made_again(placing):
    placing.write(".gitignore", "")
    placing.write("ours/__init__.py", "x = 1\n")
    placing.commit()
    placing.settle()
    placing.write("ours/__init__.py", "x = 2\n")
    assert placing.agreed().checked == 1


def test_an_unrelated_module_judges_nothing_again_and_a_related_one_what_imports_it(placing):
    placing.write(".gitignore", "unrelated.py\nours*\nelsewhere.py\n")
    placing.commit()
    placing.settle()
    placing.write("unrelated.py", "")
    assert placing.agreed().checked == 0
    placing.settle()
    placing.write("elsewhere.py", "")
    assert placing.agreed().checked == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("setup.cfg", "[isort]\nsrc_paths = lib\n"),
        (".isort.cfg", "[settings]\nsrc_paths =\n  .\n  lib\n"),
        ("pyproject.toml", "[tool.isort]\nsrc_paths = ['deep/lib']\n"),
        (".editorconfig", "[*.py]\nsrc_paths = lib\n"),
    ],
)
def test_other_source_folders_are_looked_into_as_soon_as_they_are_set(placing, name, text):
    place = "deep/lib" if "deep" in text else "lib"
    placing.write(f"{place}/ours.py", "")
    assert not unsorted(placing.settle())
    path = placing.write(name, text)
    assert unsorted(placing.agreed())
    path.unlink()
    assert not unsorted(placing.agreed())


def test_what_appears_in_another_source_folder_is_noticed(placing):
    placing.write("setup.cfg", "[isort]\nsrc_paths = lib\n")
    path = placing.write("lib/ours.py", "")
    assert unsorted(placing.settle())
    path.unlink()
    assert not unsorted(placing.agreed())
    placing.write("lib/ours/part/x.py", "")
    assert unsorted(placing.agreed())


def test_a_source_folder_counts_by_its_name_too(placing):
    placing.write("setup.cfg", "[isort]\nsrc_paths = deep/ours\n")
    assert not unsorted(placing.settle())
    placing.write("deep/ours/setup.cfg", "")
    assert unsorted(placing.agreed())


def test_what_the_root_is_called_is_noticed_when_it_is_renamed(placing):
    assert not unsorted(placing.settle())
    root, placing.root = placing.root, placing.root.with_name("ours")
    root.rename(placing.root)
    answer = placing.agreed()
    assert (unsorted(answer), answer.checked) == (True, 1)
    assert unsorted(placing.settle())
    placing.root.rename(root)
    placing.root = root
    assert not unsorted(placing.agreed())


def test_a_link_to_a_package_counts_while_it_leads_to_one(placing):
    (placing.root / "ours").symlink_to("elsewhere/package")
    assert not unsorted(placing.settle())
    path = placing.write("elsewhere/package.py", "")
    assert unsorted(placing.agreed()), "isort looks beside the target"
    path.unlink()
    path = placing.write("../beside/part.py", "")
    (placing.root / "ours").unlink()
    (placing.root / "ours").symlink_to("../beside")
    assert unsorted(placing.settle())
    path.unlink()
    assert not unsorted(placing.agreed())


@pytest.mark.parametrize("setting", ["src_paths = li*", "src_paths = ../beside", "known_first_party = lib/"])
def test_where_more_is_looked_at_than_is_watched_every_run_looks(placing, setting):
    placing.write("setup.cfg", f"[isort]\n{setting}\n")
    (placing.root / "lib").mkdir()
    placing.write("../beside/x.txt", "")
    placing.commit()
    assert not unsorted(placing.check())
    placing.write("lib/ours/x.py", "")
    placing.write("../beside/ours.py", "")
    answer = placing.agreed()
    assert unsorted(answer)
    assert answer.checked == 2


def test_settings_above_count_where_the_root_has_none_and_no_longer_when_it_has(placing):
    placing.write("../setup.cfg", "[isort]\nsrc_paths = x\n")
    assert placing.check().checked == 2
    assert placing.agreed().checked == 2, "older versions would look there from a linked worktree"
    placing.write("setup.cfg", "[isort]\nline_length = 99\n")
    placing.settle()
    placing.write("../setup.cfg", "[isort]\nsrc_paths = y\n")
    placing.agreed()


def test_an_argument_that_names_the_settings_is_followed(placing):
    placing.write("pipeline-state.toml", 'detectors = ["isort"]\n[detector.isort]\nargs = ["--sp", "in/deep"]\n')
    placing.write("in/deep/x.txt", "")
    placing.write("in/lib/ours.py", "")
    assert not unsorted(placing.settle())
    path = placing.write("in/setup.cfg", "[isort]\nsrc_paths = lib\n")
    assert unsorted(placing.agreed())
    assert unsorted(placing.settle())
    placing.write("in/deep/.isort.cfg", "[settings]\nline_length = 80\n")
    assert not unsorted(placing.agreed())
    path.unlink()
    assert not unsorted(placing.agreed())
