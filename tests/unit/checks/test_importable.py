"""The scope of a file: it moves with every name on disk that an import could find, and with nothing else."""

from __future__ import annotations

import os

import pytest

from pipeline_state.checks.folders import Folders
from pipeline_state.checks.importable import Importable
from pipeline_state.checks.watch import Watch

SOURCE = b"import thing.part\nfrom other import some\nimport os\n"


@pytest.fixture
def look(tmp_path, later):
    """Looks at the disk now: the scope of a file, and the digest of all names that were asked for."""

    def look(path="pkg/a.py", source=SOURCE, roots=("", "src"), asked=()):
        importable = Importable(Folders(tmp_path, Watch(tmp_path, later)), asked)
        scope = importable.scope(path, source, roots)
        return scope, importable.names_digest(), frozenset(importable.asked)

    return look


@pytest.mark.parametrize(
    "name",
    [
        "thing.py", "thing.pyi", "thing/", "src/thing.py", "src/thing/", "thing/part.py", "src/thing/part/", "other.py",
        "other/some.py", "other/some/", "pkg/__init__.py", "os.py",
    ],
)  # fmt: skip
def test_a_name_that_an_import_could_find_moves_the_scope(tmp_path, write, look, name):
    write("pkg/a.py")
    if name.startswith(("thing/part", "other/some", "src/thing/part")):
        (tmp_path / name).parent.mkdir(parents=True)  # what is not a folder is not looked into
    scope, names, asked = look()
    if name.endswith("/"):
        (tmp_path / name).mkdir(parents=True)  # an empty, ignored folder is enough
    else:
        write(name)
    again, names_again, _ = look(asked=asked)
    assert again != scope
    assert names_again != names


@pytest.mark.parametrize("name", ["unrelated.py", "thing.txt", "elsewhere/thing.py", "pkg/thing.py", "other.pyc"])
def test_a_name_that_no_import_could_find_leaves_the_scope(write, look, name):
    write("pkg/a.py")
    scope, _, _ = look()
    write(name)
    assert look()[0] == scope


@pytest.mark.parametrize("name", ["readme.txt", "src/__pycache__/x", "build-1/x", ".cache/x"])
def test_what_is_no_module_leaves_all_names(write, look, name):
    write("src/a.py")
    _, names, asked = look()
    write(name)
    assert look(asked=asked)[1] == names


def test_what_a_found_thing_holds_does_not_matter_and_what_it_is_does(tmp_path, write, look):
    file = write("thing.py", b"one")
    scope, names, _ = look()
    file.write_bytes(b"two")
    assert look()[:2] == (scope, names)
    file.unlink()
    (tmp_path / "thing").mkdir()
    assert look()[0] != scope


def test_the_roots_below_which_modules_are_looked_for_count(write, look):
    write("lib/thing.py")
    assert look(roots=("", "lib"))[0] != look(roots=("",))[0]
    assert look(roots=("lib", ""))[0] == look(roots=("", "lib", ""))[0]


def test_where_a_module_was_found_counts(tmp_path, write, look):
    file = write("src/thing.py")
    scope = look()[0]
    file.rename(tmp_path / "thing.py")
    assert look()[0] != scope


def test_the_packages_that_a_file_is_in_count_up_to_the_first_folder_that_is_none(write, look):
    write("one/two/a.py")
    write("one/__init__.py")
    scope = look("one/two/a.py")[0]
    write("one/two/__init__.py")
    assert look("one/two/a.py")[0] != scope


def test_a_package_goes_on_above_the_worktree(tmp_path, write, later):
    root = tmp_path / "root"
    write("root/__init__.py")

    def scope():
        return Importable(Folders(root, Watch(root, later)), ()).scope("a.py", b"", ())

    before = scope()
    write("__init__.py")
    assert scope() != before


def test_what_a_file_asks_for_is_asked_of_the_disk_in_later_runs(write, look):
    write("thing/x.py")
    _, names, asked = look()
    assert {"", "src", "thing", "pkg"} <= asked
    assert look("a.py", b"", asked=asked)[1] == names
    write("thing/part.py")
    assert look("a.py", b"", asked=asked)[1] != names


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_any_name_does_no_harm(write, look):
    for name in (b"caf\xe9.py", b"two\nlines.py", b"caf\xe9/x.py"):
        write(name)
    assert look(source=b"import caf\xe9\n")[0]
