"""The scope of a file whose imports are placed: equal only if the real isort places all of them as before."""

from __future__ import annotations

import os
import random
import shutil

import pytest
from isort import place, utils
from isort.settings import Config

from pipeline_state.checks.folders import Folders
from pipeline_state.checks.placement import Placement
from pipeline_state.checks.watch import Watch

SOURCE = b"import thing.part\nfrom other import some\nimport tree.deep, os\n"
NAMESPACE = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "tree").mkdir()
    return tmp_path / "tree"


@pytest.fixture
def look(tree, later):
    """Looks at the disk now: the scope of a file, the digest of all names that were asked for, and those folders."""

    def look(source=SOURCE, roots=("", "src"), asked=()):
        watch = Watch(tree, later)
        asked = set(asked)
        placement = Placement(tree, Folders(tree, watch), watch, asked)
        return placement.scope(source, roots), placement.names_digest(), frozenset(asked)

    return look


@pytest.mark.parametrize(
    "name",
    [
        "thing.py", "thing/", "src/thing.py", "src/thing/", "thing/part.py", "other.py", "thing.so", "other.abi3.so",
        "src/thing.cpython-311-x86_64-linux-gnu.so", "thing.cp311-win_amd64.pyd", "tree.py", "src/tree/", "deep.py",
        "os/",
    ],
)  # fmt: skip
def test_a_name_that_decides_where_an_import_belongs_moves_the_scope(tree, write, look, name):
    write("tree/a.py")
    if name == "thing/part.py":
        write("tree/thing/x.txt")
    scope, names, asked = look()
    if name.endswith("/"):
        (tree / name).mkdir(parents=True)
    else:
        write(f"tree/{name}")
    again, names_again, _ = look(asked=asked)
    assert (again != scope, names_again != names) == (True, True)


@pytest.mark.parametrize(
    "name", ["unrelated.py", "thing.txt", "thing.pyi", "elsewhere/thing.py", "pkg/thing.py", "some.py"]
)
def test_a_name_that_decides_nothing_leaves_the_scope(write, look, name):
    write("tree/a.py")
    scope, _, _ = look()
    write(f"tree/{name}")
    assert look()[0] == scope


@pytest.mark.parametrize("name", ["readme.txt", "src/__pycache__/x", ".cache/x", ".coverage.host.1", "thing/notes.md"])
def test_what_is_no_module_leaves_all_names(write, look, name):
    write("tree/src/a.py")
    write("tree/thing/part.py")
    _, names, asked = look()
    write(f"tree/{name}")
    assert look(asked=asked)[1] == names


@pytest.mark.parametrize("name", ["x.py", "x.pyi", "x.pyx", "Setup.cfg", "pyproject.toml", "__init__.py"])
def test_what_makes_a_folder_no_namespace_package_moves_the_scope(write, look, name):
    write("tree/thing/part/x.txt")
    scope, names, asked = look()
    write(f"tree/thing/{name}")
    again, names_again, _ = look(asked=asked)
    assert (again != scope, names_again != names) == (True, True)


def test_of_the_beginning_of_a_package_only_what_makes_it_a_namespace_package_counts(write, look):
    write("tree/thing/__init__.py", "x = 1\n")
    scope, names, _ = look()
    write("tree/thing/__init__.py", "x = 2\n")
    assert look()[:2] == (scope, names)
    write("tree/thing/__init__.py", "#" * 4096 + "\n" + NAMESPACE)
    assert look()[:2] == (scope, names), "isort looks at its beginning alone"
    write("tree/thing/__init__.py", NAMESPACE)
    assert look()[0] != scope
    assert look()[1] != names


def test_what_the_root_is_called_counts_for_those_that_import_it(tree, write, tmp_path, later):
    write("tree/a.py")

    def scope(source):
        root = next(path for path in tmp_path.iterdir() if path.is_dir())
        watch = Watch(root, later)
        return Placement(root, Folders(root, watch), watch, set()).scope(source, ("", "src"))

    named, unnamed = scope(SOURCE), scope(b"import other\n")
    tree.rename(tmp_path / "moved")
    assert scope(SOURCE) != named
    assert scope(b"import other\n") == unnamed


def test_a_link_counts_as_what_it_leads_to(tree, write, look):
    (tree / "thing").symlink_to("elsewhere/part")
    (tree / "elsewhere").mkdir()
    scope, _, _ = look()
    write("tree/elsewhere/part.py")
    beside, _, asked = look()
    assert beside != scope, "isort asks for what stands beside the target"
    (tree / "thing").unlink()
    (tree / "thing").symlink_to("other/part")
    assert look(asked=asked)[0] != beside


def test_a_link_out_of_the_worktree_is_followed(tree, write, look):
    write("beside/part/x.py")
    (tree / "thing").symlink_to("../beside")
    scope, names, asked = look()
    assert os.path.realpath(tree.parent / "beside") in asked
    write("beside/x.py")
    assert look()[0] != scope
    assert look(asked=asked)[1] != names


class Disk:
    """Changes a small tree at random, with names that isort looks for."""

    def __init__(self, root, seed):
        self.root, self.random = root, random.Random(seed)  # noqa: S311 - changes are no secrets

    def folder(self):
        found = [folder for folder, _, _ in os.walk(self.root)]
        return self.random.choice(found)

    def change(self):
        one = self.random
        if one.random() < 0.02:
            for name in os.listdir(self.root):
                path = os.path.join(self.root, name)
                (shutil.rmtree if os.path.isdir(path) and not os.path.islink(path) else os.unlink)(path)
        name = one.choice(["a", "b", "tree", "src", "__init__"])
        path = os.path.join(
            self.folder(), name + one.choice(["", "", "", "", "", ".py", ".py", ".so", ".abi3.so", ".txt", ".pyi"])
        )
        if os.path.islink(path) or os.path.isfile(path):
            os.unlink(path)
        elif os.path.isdir(path):
            if path != os.fspath(self.root):
                shutil.rmtree(path)
        elif one.random() < 0.15:
            os.symlink(one.choice(["../a", "a", "../b.py", self.folder(), "nowhere", ".."]), path)
        elif one.random() < 0.45 and path.count(os.sep) - os.fspath(self.root).count(os.sep) < 3:
            os.mkdir(path)
        else:
            with open(path, "w") as file:
                file.write(one.choice(["", NAMESPACE, "# extend_path\n"]))


MODULES = (
    *("a", "b", "a.b", "a.b.a", "a.a", "tree", "tree.a", "tree.a.b", "tree.tree.b", "tree.src.a", "b.a.src"),
    *("src", "src.a", "src.src.b", "src.a.b"),
)
ROUNDS = int(os.environ.get("PIPELINE_STATE_ROUNDS", "8")) * 25


def placed_by_isort(module, config):
    try:
        return place.module(module, config)
    except (OSError, RuntimeError):  # a folder called __init__.py, a link to itself: isort breaks down on them
        return "broken"


@pytest.mark.parametrize("roots", [("", "src"), ("", "src", "a/b"), ("src/a", "", "src", "b")])
@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_an_equal_scope_means_that_isort_places_all_as_before(tree, later, roots):
    disk = Disk(tree, 7)
    seen: dict[tuple[str, bytes], str] = {}
    digests: dict[tuple[bytes, frozenset[str]], tuple[bytes, ...]] = {}
    asked: set[str] = set()
    paths = {} if roots == ("", "src") else {"src_paths": roots}
    for number in range(ROUNDS):
        disk.change()
        utils.exists_case_sensitive.cache_clear()
        place.module_with_reason.cache_clear()
        config = Config(directory=os.fspath(tree), **paths)
        watch = Watch(tree, later)
        placement = Placement(tree, Folders(tree, watch), watch, asked)
        before, names = frozenset(asked), placement.names_digest()
        scopes = tuple(placement.scope(f"import {module}\n".encode(), roots) for module in MODULES)
        for module, scope in zip(MODULES, scopes, strict=True):
            placed = placed_by_isort(module, config)
            assert seen.setdefault((module, scope), placed) == placed, (number, module)
        assert digests.setdefault((names, before), scopes) == scopes or before != asked, number
    assert set(seen.values()) >= {"FIRSTPARTY", "THIRDPARTY"}
    assert len(seen) < ROUNDS * len(MODULES) / 3, "most scopes are equal to one before"
