"""What files hold: those that may hold something else are looked at, and the names gone through only where needed."""

from __future__ import annotations

import os

import pytest

from pipeline_state.checks.contents import Contents, file_system_clock
from pipeline_state.checks.digests import SIZE
from pipeline_state.checks.git_watch import GitWatch
from pipeline_state.checks.looking import look_at_all, look_at_edited, looker
from pipeline_state.checks.packed_tree import pack_tree
from pipeline_state.checks.snapshot import Snapshot, SnapshotDetector
from pipeline_state.checks.tree import Entry, file_counts
from pipeline_state.checks.watch import Watch
from pipeline_state.checks.watched import Watched, pack_watched, watched_names

PYTHON, TEXT = 0b11, 0b10


def kind(path):
    return PYTHON if path.endswith(".py") else TEXT


class Folder:
    """A repository with files, of which `note.txt` is not tracked, and a snapshot of them."""

    def __init__(self, root, git, request_in):
        self.root, self._request = root, request_in(root)
        self.git = lambda *arguments: git(root, *arguments)
        for name in ("a.py", "b.py", "note.txt"):
            (root / name).write_text(name)
        (root / "link").symlink_to("a.py")
        self.git("add", "a.py", "b.py", "link")
        self.keep("note.txt", "link", "absent")

    def keep(self, *watched):
        """Take a snapshot, in which these names are watched by us."""
        tree, git = self.all().tree, GitWatch(self._request)
        detectors = tuple(SnapshotDetector(f"{number}", "1", b"", files) for number, files in file_counts(tree).items())
        stamps = {name: Watch(self.root, None, links=True).look(name) for name in watched}
        self.snapshot = Snapshot(
            detectors,
            pack_tree(tree),
            (),
            frozenset(),
            b"",
            git=git.digest(),
            entries=git.entries().pack(),
            watched=Watched(b"", pack_watched(stamps)),
        )

    def all(self, before=None, unmoved=()):
        before, names = before or {}, sorted(set(os.listdir(self.root)) - {".git"})
        return look_at_all(names, before, before, frozenset(unmoved), frozenset(), self.look(), [])

    def edited(self, look=None):
        self.watch, git = Watch(self.root, None, links=True), GitWatch(self._request)
        git.digest()
        return look_at_edited(os.fspath(self.root), self.snapshot, git, self.watch, look or self.look())

    def look(self):
        return looker(Contents(self.root, lambda _: None, file_system_clock(self.root, [self.root])), kind)


@pytest.fixture
def folder(repository, git, request_in):
    return Folder(repository, git, request_in)


def denied(path, _):
    raise PermissionError(13, "Permission denied", path)


def test_what_moved_is_what_is_new_or_holds_something_else_or_has_another_mode(folder):
    before = folder.all().tree
    (folder.root / "a.py").write_text("other")
    (folder.root / "b.py").unlink()
    (folder.root / "note.txt").chmod(0o755)
    (folder.root / "new.py").write_text("")
    found = folder.all(before, unmoved=["link"])
    assert found.moved == {"a.py", "note.txt", "new.py"}
    assert found.gone == {"b.py"}
    assert found.looked_at == {"a.py", "note.txt", "new.py"}
    assert found.tree["link"] == before["link"]
    assert found.files_of == {0: 2, 1: 4}


def test_what_is_unmoved_is_not_looked_at(folder):
    before = folder.all().tree
    (folder.root / "a.py").write_text("other")
    assert folder.all(before, unmoved=before).tree == before


def test_a_file_that_cannot_be_read_is_in_no_tree_and_told(folder):
    troubles = []
    found = look_at_all(["a.py"], folder.all().tree, {}, frozenset(), frozenset(), denied, troubles)
    assert dict(found.tree) == {}
    assert found.gone == {"a.py", "b.py", "link", "note.txt"}
    assert found.incomplete
    assert [(one.path, one.message) for one in troubles] == [("a.py", "cannot be read: Permission denied")]


def test_a_file_that_is_not_there_is_missing_unless_git_said_so(folder):
    def incomplete(*watched):
        looked = look_at_all(["a.py", "went"], {}, {}, frozenset(), frozenset(watched), folder.look(), [])
        assert set(looked.tree) == {"a.py"}
        return looked.incomplete

    assert incomplete()
    assert not incomplete("went")


def test_a_file_that_others_judge_has_moved(folder):
    before = folder.all().tree
    other = {**before, "a.py": before["a.py"]._replace(mask=TEXT)}
    found = look_at_all(["a.py", "b.py"], other, {}, frozenset(), frozenset(), folder.look(), [])
    assert found.moved == {"a.py"}


def test_an_edit_is_found_as_who_goes_through_every_name_finds_it(folder):
    (folder.root / "a.py").write_text("other")
    found = folder.edited()
    assert (dict(found.tree.items()), found.files_of) == (folder.all().tree, {0: 2, 1: 4})
    assert (found.moved, found.gone) == ({"a.py"}, ())
    assert found.looked_at == {"a.py", "note.txt", "link"}


def test_what_is_watched_is_looked_at_without_the_word_of_git(folder):
    (folder.root / "note.txt").write_text("other")
    found = folder.edited()
    assert found.moved == {"note.txt"}
    assert found.tree["note.txt"] == folder.all().tree["note.txt"]


def test_what_was_watched_goes_on_being_watched(folder):
    (folder.root / "a.py").write_text("other")
    assert folder.edited() is not None
    assert watched_names(folder.watch.packed()) == {"a.py", "note.txt", "link", "absent"}


def test_a_second_edit_rests_on_the_same_packed_tree(folder):
    for name in ("a.py", "b.py"):
        (folder.root / name).write_text("other")
        found = folder.edited()
        assert found.moved == {name}
        folder.snapshot = folder.snapshot._replace(tree=found.tree)
    assert dict(found.tree.items()) == folder.all().tree
    assert set(found.tree.edited) == {"a.py", "b.py"}
    assert folder.edited().moved == frozenset()


def remove(path):
    path.unlink()


def make_executable(path):
    path.chmod(0o755)


def make_a_link(path):
    path.unlink()
    path.symlink_to("b.py")


def make_a_folder(path):
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("name", ["a.py", "note.txt"], ids=["differs", "watched"])
@pytest.mark.parametrize("move", [remove, make_executable, make_a_link, make_a_folder])
def test_if_more_has_moved_than_what_files_hold_every_name_is_gone_through(folder, name, move):
    move(folder.root / name)
    assert folder.edited() is None


def test_if_others_judge_a_file_every_name_is_gone_through(folder):
    (folder.root / "a.py").write_text("other")
    tree = folder.snapshot.tree.with_edited({"a.py": folder.snapshot.tree["a.py"]._replace(mask=TEXT)})
    folder.snapshot = folder.snapshot._replace(tree=tree)
    assert folder.edited() is None


def test_if_something_appears_where_nothing_was_every_name_is_gone_through(folder):
    (folder.root / "absent").mkdir()
    assert folder.edited() is None


def test_if_git_tells_of_what_was_no_file_every_name_is_gone_through(folder):
    tree = folder.all().tree
    del tree["b.py"]
    folder.snapshot = folder.snapshot._replace(tree=pack_tree(tree))
    assert folder.edited() is not None
    (folder.root / "b.py").write_text("other")
    assert folder.edited() is None


def test_a_file_that_cannot_be_read_any_more_is_told_by_who_goes_through_every_name(folder):
    assert folder.edited(denied) is None


def test_of_another_index_the_files_are_looked_at_of_which_it_says_something_else(folder):
    (folder.root / "a.py").write_text("other")
    folder.git("add", "a.py")
    found = folder.edited()
    assert dict(found.tree.items()) == folder.all().tree
    assert found.moved == {"a.py"}
    assert found.looked_at == {"a.py", "note.txt", "link"}


def test_of_another_index_git_watches_what_was_added(folder):
    folder.git("update-index", "--assume-unchanged", "b.py")
    folder.keep("note.txt", "link", "absent", "a.py", "b.py")
    (folder.root / "a.py").write_text("other")
    folder.git("add", "a.py")
    assert folder.edited().looked_at == {"a.py", "b.py", "note.txt", "link"}
    assert watched_names(folder.watch.packed()) == {"b.py", "note.txt", "absent"}


def test_of_an_index_that_cannot_be_read_every_name_is_gone_through(folder):
    folder.git("update-index", "--split-index")
    assert folder.edited() is None


def test_who_judges_a_file_is_asked_again_only_if_it_holds_something_else(folder):
    known = Entry(0o100000, bytes(SIZE), 0b100)
    look = folder.look()
    now = look("a.py", known)
    assert now.mask == PYTHON
    assert look("a.py", now._replace(mask=0b100)).mask == 0b100
    assert look("absent", known) is None
