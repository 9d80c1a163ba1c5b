"""What is installed for an interpreter: lists of files where there are some, the files themselves where not."""

from __future__ import annotations

import os

import pytest

from pipeline_state.checks.contents import Contents
from pipeline_state.checks.folders import Folders
from pipeline_state.checks.installed import packages_of, script_interpreter
from pipeline_state.checks.sources import Sources
from pipeline_state.checks.watch import Watch

PACKAGES = "env/lib/python3.11/site-packages"
PYTHON = (".py", ".pyi", "py.typed")


@pytest.fixture
def look(tmp_path, later, write):
    """Looks at the environment anew; the worktree is `tree`, beside it."""
    write("env/bin/python", b"\x7fELF interpreter")
    write("env/pyvenv.cfg", "include-system-site-packages = false\n")
    write(f"{PACKAGES}/listed-1.dist-info/RECORD", "listed/__init__.py,sha256=abc,3\nlisted-1.dist-info/METADATA,,\n")
    write(f"{PACKAGES}/listed/__init__.py", "1")
    (tmp_path / "tree").mkdir()

    def look():
        root = tmp_path / "tree"
        watch = Watch(root, later)
        contents = Contents(root, lambda _: None, later)
        sources = Sources(root, Folders(root, watch), contents, later, lambda _: False)
        return packages_of(tmp_path / "env/bin/python", root, PYTHON, sources, contents, watch)

    return look


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("env/bin/python", b"\x7fELF another"),
        (f"{PACKAGES}/listed-1.dist-info/RECORD", "listed/__init__.py,sha256=def,3\n"),
        (f"{PACKAGES}/more-1.dist-info/RECORD", "more/__init__.py,sha256=def,3\n"),
        (f"{PACKAGES}/loose/deep/module.py", "1"),
        (f"{PACKAGES}/loose-stubs/__init__.pyi", ""),
        (f"{PACKAGES}/single.py", "1"),
        (f"{PACKAGES}/other.pth", "import sys\n"),
    ],
)
def test_whatever_can_be_imported_moves_it(look, write, name, content):
    before = look()
    assert before.unknown is None
    write(name, content)
    assert look().digest != before.digest


def test_a_loose_file_counts_by_its_content_and_a_compiled_one_not_at_all(look, write):
    write(f"{PACKAGES}/loose/module.py", "1")
    before = look().digest
    write(f"{PACKAGES}/loose/__pycache__/module.cpython-311.pyc", "1")
    write(f"{PACKAGES}/__pycache__/single.cpython-311.pyc", "1")
    assert look().digest == before
    write(f"{PACKAGES}/loose/module.py", "2")
    assert look().digest != before


@pytest.mark.parametrize("how", ["pth", "url"])
def test_what_is_developed_elsewhere_counts_by_its_sources(look, write, tmp_path, how):
    source = write("elsewhere/module.py", "1")
    if how == "pth":
        write(f"{PACKAGES}/dev.pth", f"{source.parent}\n")
    else:
        write(f"{PACKAGES}/dev-1.dist-info/RECORD", "__editable___dev.py,,\n")
        url = (tmp_path / "elsewhere").as_uri()
        write(f"{PACKAGES}/dev-1.dist-info/direct_url.json", f'{{"url": "{url}", "dir_info": {{"editable": true}}}}')
    before = look().digest
    write("elsewhere/module.py", "2")
    assert look().digest != before


def test_what_is_developed_in_the_worktree_is_counted_there(look, write, tmp_path):
    write("tree/src/module.py", "1")
    write(f"{PACKAGES}/dev.pth", f"{tmp_path}/tree/src\n")
    before = look().digest
    write("tree/src/module.py", "2")
    assert look().digest == before


def test_what_is_developed_at_an_unknown_place_is_not_known(look, write):
    write(f"{PACKAGES}/dev-1.dist-info/direct_url.json", '{"url": "ssh://x", "dir_info": {"editable": true}}')
    assert "dev" in look().unknown


def test_an_interpreter_that_is_not_there_has_nothing(look, tmp_path):
    os.unlink(tmp_path / "env/bin/python")
    assert look().digest == bytes(16)


def test_the_interpreter_of_a_console_script_is_in_its_first_line(write, tmp_path):
    assert script_interpreter(write("script", "#!/env/bin/python3\n")).name == "python3"
    assert script_interpreter(write("other", "#!/bin/sh\n")) is None
    assert script_interpreter(tmp_path / "absent") is None
