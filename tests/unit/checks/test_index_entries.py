"""Entries of the index: as Git writes them, in each form that it has; what is of another form is not read."""

from __future__ import annotations

import os
import subprocess

import pytest

from pipeline_state.checks.digests import SIZE
from pipeline_state.checks.index_entries import read_entries

LONGEST = "/".join(["f" * 200] * 21)
"""Longer than what an entry has room for to say how long it is."""
NAMES = ["a.py", "b.py", "folder/a.py", "folder/b.txt", "folder.py", "z", "caf\udce9", "new\nline", LONGEST]


class Index:
    """An index of many names, without the files: Git does not look at them."""

    def __init__(self, root, git):
        self.path, self._root, self._git = root / ".git" / "index", root, git
        blob = git(root, "hash-object", "-w", "--stdin", input=b"1")
        self.blobs = [blob, git(root, "hash-object", "-w", "--stdin", input=b"2")]
        self.put(*NAMES)

    def put(self, *names, blob=0, mode="100644", stage=0):
        lines = b"".join(
            b"%s %s %d\t%s\0" % (mode.encode(), self.blobs[blob].encode(), stage, os.fsencode(name)) for name in names
        )
        subprocess.run(["git", "update-index", "-z", "--index-info"], cwd=self._root, input=lines, check=True)

    def git(self, *arguments):
        return self._git(self._root, *arguments)

    def read(self):
        return read_entries(self.path.read_bytes())


@pytest.fixture
def index(repository, git):
    return Index(repository, git)


def test_the_same_is_read_of_each_version(index):
    entries = index.read()
    index.git("update-index", "--index-version", "4")
    assert index.path.read_bytes()[7] == 4
    assert index.read() == entries
    index.git("update-index", "--index-version", "2")
    assert index.read() == entries


@pytest.mark.parametrize("version", ["2", "4"])
@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_another_entry_of_a_file_moves_that_one_and_few_others(index, version, name):
    index.git("update-index", "--index-version", version)
    before = index.read().pack()
    index.put(name, blob=1)
    entries = index.read()
    assert entries.same_names(before)
    moved = entries.moved(before, NAMES)
    assert name in moved
    assert len(moved) < len(NAMES) / 2
    assert entries.moved(entries.pack(), NAMES) == set()


def test_what_is_kept_of_entries_has_one_size(index):
    entries = index.read()
    assert (len(entries.names), len(entries.buckets), len(entries.pack())) == (SIZE, 256 * SIZE, 257 * SIZE)
    assert entries.moved(b"", NAMES) == set(NAMES)
    assert entries.moved(entries.pack()[:-1], NAMES) == set(NAMES)


def test_a_commit_moves_no_entry(committed, git):
    (committed / "new.py").write_text("")
    git(committed, "add", ".")
    index = committed / ".git" / "index"
    before, added = index.read_bytes(), read_entries(index.read_bytes())
    git(committed, "commit", "-q", "-m", "two")
    assert index.read_bytes() != before
    assert read_entries(index.read_bytes()) == added


def test_an_edit_that_is_added_moves_its_entry_and_no_name(committed, git):
    index = committed / ".git" / "index"
    before = read_entries(index.read_bytes())
    (committed / "a.py").write_text("a = 2\n")
    git(committed, "add", ".")
    entries = read_entries(index.read_bytes())
    assert entries.same_names(before.pack())
    assert entries.moved(before.pack(), ["a.py"]) == {"a.py"}


@pytest.mark.parametrize(
    "move",
    [
        lambda index: index.put("new"),
        lambda index: index.git("rm", "-q", "--cached", "z"),
        lambda index: index.put("z", mode="100755"),
        lambda index: index.put("z", mode="120000"),
        lambda index: index.git("update-index", "--assume-unchanged", "z"),
        lambda index: index.git("update-index", "--skip-worktree", "z"),
    ],
    ids=["added", "removed", "executable", "a link", "assumed to be unchanged", "skipped"],
)
@pytest.mark.parametrize("version", ["2", "4"])
def test_other_names_or_modes_or_flags_are_other_names(index, version, move):
    index.git("update-index", "--index-version", version)
    before = index.read().pack()
    move(index)
    assert not index.read().same_names(before)


def test_what_git_does_not_compare_with_its_entry_is_special(index):
    assert index.read().special == frozenset()
    index.git("update-index", "--assume-unchanged", "a.py")
    index.git("update-index", "--skip-worktree", "folder/b.txt")
    index.put("new\nline", mode="0")
    for stage in (1, 2, 3):
        index.put("z", stage=stage)
    (index.path.parent.parent / "intended").write_text("")
    index.git("add", "-N", "intended")
    assert index.path.read_bytes()[7] == 3
    assert index.read().special == {"a.py", "folder/b.txt", "z", "intended"}


def test_other_stages_of_a_merge_are_other_flags(index):
    def of_stages(*stages):
        index.put("z", mode="0")
        for stage in stages:
            index.put("z", stage=stage)
        return index.read()

    assert not of_stages(1, 3).same_names(of_stages(2, 3).pack())


def test_what_need_not_be_understood_is_passed_over(index):
    entries = index.read()
    index.git("update-index", "--untracked-cache")
    index.git("status")
    assert b"UNTR" in index.path.read_bytes()
    assert index.read() == entries


def test_a_split_index_is_not_read(index):
    index.git("update-index", "--split-index")
    assert index.read() is None


def test_a_sparse_index_is_not_read(committed, git):
    (committed / "folder").mkdir()
    (committed / "folder" / "a.py").write_text("")
    git(committed, "add", ".")
    git(committed, "commit", "-q", "-m", "two")
    assert read_entries((committed / ".git" / "index").read_bytes()) is not None
    git(committed, "sparse-checkout", "set", "--cone", "--sparse-index")
    assert read_entries((committed / ".git" / "index").read_bytes()) is None


def test_an_index_of_longer_digests_is_not_read(tmp_path, git):
    git(tmp_path, "init", "-q", "--object-format=sha256", "longer")
    (tmp_path / "longer" / "a.py").write_text("")
    git(tmp_path / "longer", "add", ".")
    assert read_entries((tmp_path / "longer" / ".git" / "index").read_bytes()) is None


@pytest.mark.parametrize("version", ["2", "4"])
def test_of_an_index_that_ends_too_early_nothing_is_read(index, version):
    index.git("update-index", "--index-version", version)
    content = index.path.read_bytes()
    assert read_entries(content) is not None
    for end in range(0, len(content), 3):
        assert read_entries(content[:end]) is None
    assert read_entries(content + b"\0") is None
    assert read_entries(content[:-20] + b"link" + bytes(4) + content[-20:]) is None
    assert read_entries(content[:-20] + b"LINK" + bytes(4) + content[-20:]) is not None
