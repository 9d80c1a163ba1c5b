"""The names in folders: each folder read once, and watched from before it was read."""

from __future__ import annotations

import os

import pytest

from pipeline_state.checks.folders import Folders, Names
from pipeline_state.checks.watch import Watch
from pipeline_state.checks.watched import unmoved


def test_folders_and_files_are_told_apart(write, folders):
    write("sub/x")
    write("a.py")
    assert folders.names("") == Names(frozenset({"sub"}), frozenset({"a.py"}))
    assert folders.names("sub") == Names(frozenset(), frozenset({"x"}))


@pytest.mark.parametrize("folder", ["gone", "a.py", "a.py/below"])
def test_where_there_is_no_folder_there_are_no_names(write, folders, folder):
    write("a.py")
    assert folders.names(folder) == Names(frozenset(), frozenset())


def test_a_name_that_appears_is_noticed(tmp_path, write, folders, watch):
    write("sub/x")
    folders.names("sub")
    folders.names("gone")
    before = watch.packed(watch)
    assert unmoved(tmp_path, before)
    write("sub/y")
    assert not unmoved(tmp_path, before)


def test_a_folder_that_appears_is_noticed(tmp_path, folders, watch):
    folders.names("gone")
    before = watch.packed(watch)
    (tmp_path / "gone").mkdir()
    assert not unmoved(tmp_path, before)


def test_a_folder_is_read_once(write, folders):
    folders.names("")
    write("a.py")
    assert folders.names("").files == frozenset()


@pytest.mark.skipif(os.name == "nt", reason="links")
def test_a_link_is_what_it_leads_to_now_and_its_target_is_watched(tmp_path, write, folders, watch):
    write("target/x")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "link").symlink_to("../target")
    (tmp_path / "sub" / "broken").symlink_to("nowhere")
    (tmp_path / "sub" / "loop").symlink_to("loop")
    assert folders.names("sub") == Names(
        frozenset({"link"}), frozenset(), frozenset({"broken", "loop"}), frozenset({"link", "broken", "loop"})
    )
    before = watch.packed(watch)
    assert unmoved(tmp_path, before)
    (tmp_path / "sub" / "nowhere").mkdir()
    assert not unmoved(tmp_path, before)


def test_how_far_packages_go_on_above_the_worktree(tmp_path, write, later):
    root = tmp_path / "one" / "two" / "root"
    root.mkdir(parents=True)
    write("one/two/__init__.py")
    write("one/__init__.pyi")
    watch = Watch(root, later)
    assert Folders(root, watch).packages_above(("__init__.py", "__init__.pyi")) == [1, 2]
    (tmp_path / "one" / "two" / "__init__.py").unlink()
    assert not unmoved(root, watch.packed(watch))
    assert Folders(root, Watch(root, later)).packages_above(("__init__.py", "__init__.pyi")) == []
