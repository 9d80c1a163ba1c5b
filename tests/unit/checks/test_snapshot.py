"""Snapshots: the unchanged case is recalled only if nothing moved, by Git's word and by our own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from pipeline_state.checks.digests import SIZE
from pipeline_state.checks.git_watch import INDEX, NAMES, GitWatch
from pipeline_state.checks.packed_tree import pack_tree
from pipeline_state.checks.selection import Selection
from pipeline_state.checks.snapshot import Snapshot, SnapshotDetector, is_settled, load, recall, snapshot_row
from pipeline_state.checks.tree import Entry, Reported
from pipeline_state.checks.watched import Watched, pack_watched
from pipeline_state.checks.weights import Telling
from pipeline_state.git import ahead, listing
from pipeline_state.git.commands import DIFFERING
from pipeline_state.store.stat_cache import Stamp

REQUEST = b"r" * SIZE
KEY = b"k" * SIZE
TREE = {"a.py": Entry(0o100644, b"a" * SIZE, 0b11), "caf\udce9\n.py": Entry(0o100755, b"b" * SIZE, 0b01)}
SNAPSHOT = Snapshot(
    detectors=(SnapshotDetector("json", "1.0", b"s" * SIZE, 1), SnapshotDetector("ruff", "0.17.5", b"", 2)),
    tree=pack_tree(TREE),
    reported=(Reported(0, "caf\udce9\n.py", False, KEY), Reported(1, "a.py", True, KEY)),
    asked=frozenset({"", "src", "caf\udce9"}),
    kinds=b"kinds",
    telling=Telling("warning", '{"ruff": [{"E\\t": "note"}, []]}'),
)


def as_given(snapshot):
    """Return a snapshot without what is known of it when it is loaded."""
    return snapshot._replace(git=b"", entries=b"", watched=Watched())


@pytest.fixture
def recalled(state):
    """What is recalled now, and stands because Git says that nothing has moved."""

    def recalled(asked, request_digest=REQUEST):
        git = GitWatch(asked).digest()
        answer = recall(state, asked, request_digest)
        return answer if answer is not None and answer.git == git else None

    return recalled


@pytest.fixture
def stored(state, committed, request_in):
    """A request of which a snapshot is stored that rests on the file `watched`."""
    asked = request_in(committed)
    (committed / "watched").write_text("x")
    stamp = Stamp.of(os.stat(committed / "watched"))
    watched = Watched(pack_watched({"watched": stamp, "absent": None}), pack_watched({}))
    git = GitWatch(asked)
    snapshot = SNAPSHOT._replace(git=git.digest(), entries=git.entries().pack(), watched=watched)
    row = snapshot_row(asked, REQUEST, snapshot)
    state.database.write(lambda: state.snapshots.put(row))
    return asked


def test_a_snapshot_comes_back_as_it_was(state, stored):
    assert as_given(load(state, stored, REQUEST)) == SNAPSHOT


def test_what_nothing_moved_under_is_recalled(stored, recalled):
    answer = recalled(stored)
    assert answer.detectors == SNAPSHOT.detectors
    assert answer.telling == SNAPSHOT.telling
    assert answer.files == 2
    assert answer.keys == ((0, False, KEY), (1, True, KEY))


def edit(root):
    (root / "a.py").write_text("a = 3\n")


def add(root):
    (root / "new.py").write_text("")


def touch_watched(root):
    os.utime(root / "watched")


def make_absent(root):
    (root / "absent").mkdir()


@pytest.mark.parametrize(("move", "stands"), [(edit, True), (touch_watched, False), (make_absent, False)])
def test_what_surrounds_the_files_stands_as_long_as_none_of_it_moved(state, stored, committed, move, stands):
    move(committed)
    assert (recall(state, stored, REQUEST) is not None) == stands


def test_a_file_that_we_watch_is_nothing_that_surrounds_the_others(state, stored, committed):
    stamp = Stamp.of(os.stat(committed / "a.py"))
    row = state.snapshots.get("all")
    watched = Watched.part(row.watched)._replace(files=pack_watched({"a.py": stamp}))
    state.database.write(lambda: state.snapshots.put(row._replace(watched=watched.join())))
    assert recall(state, stored, REQUEST).git == row.git
    edit(committed)
    assert recall(state, stored, REQUEST).git == b""


def test_nothing_stands_around_the_files_of_which_a_later_change_need_not_show(state, stored):
    row = state.snapshots.get("all")
    watched = Watched.part(row.watched)._replace(around=b"")
    state.database.write(lambda: state.snapshots.put(row._replace(watched=watched.join())))
    assert recall(state, stored, REQUEST) is None


@pytest.mark.parametrize("move", [edit, add, touch_watched, make_absent])
def test_what_moved_is_not_recalled_and_can_be_compared_with(state, stored, committed, recalled, move):
    move(committed)
    assert recalled(stored) is None
    assert as_given(load(state, stored, REQUEST)) == SNAPSHOT


def test_another_request_has_another_snapshot(state, stored, recalled):
    assert recalled(stored, b"x" * SIZE) is None
    assert load(state, stored, b"x" * SIZE) is None
    tracked = stored._replace(selection=Selection("tracked"))
    assert load(state, tracked, REQUEST) is None


def test_a_snapshot_without_the_word_of_git_is_not_recalled(state, stored, recalled):
    row = state.snapshots.get("all")
    state.database.write(lambda: state.snapshots.put(row._replace(git=b"")))
    assert recalled(stored) is None
    assert as_given(load(state, stored, REQUEST)) == SNAPSHOT


def test_an_empty_snapshot_comes_back_as_it_was(state, committed, request_in):
    empty = Snapshot((), pack_tree({}), (), frozenset(), b"")
    row = snapshot_row(request_in(committed), REQUEST, empty)
    state.database.write(lambda: state.snapshots.put(row))
    assert load(state, request_in(committed), REQUEST) == empty


# Git's word --------------------------------------------------------------------------------------------------------


def test_git_says_the_same_until_something_moves(committed, git, request_in):
    def says():
        return GitWatch(request_in(committed)).digest()

    seen = [says()]
    assert says() == seen[0]
    for step in (
        lambda: edit(committed),
        lambda: git(committed, "add", "."),
        lambda: git(committed, "commit", "-q", "-m", "two"),
        lambda: add(committed),
        (committed / "a.py").unlink,
    ):
        step()
        seen.append(says())
    assert len(set(seen)) == 6


@pytest.mark.skipif(sys.platform == "win32", reason="nobody asks ahead there")
def test_git_that_was_asked_before_the_index_was_written_is_asked_again(committed, git, request_in, monkeypatch):
    monkeypatch.chdir(committed)
    edit(committed)
    ahead.ask(DIFFERING)
    git(committed, "add", ".")
    watching = GitWatch(request_in(committed))
    digest = watching.digest()
    assert watching.answers[0] == b"", "of the index that the digest is of, nothing differs"
    assert GitWatch(request_in(committed)).digest() == digest


def test_an_index_that_is_written_while_git_compares_is_compared_again(committed, git, request_in):
    edit(committed)
    watching = GitWatch(request_in(committed))
    git(committed, "add", ".")
    watching.digest()
    assert watching.answers[0] == b""


def test_only_who_asks_for_untracked_files_is_told_of_them(committed, request_in):
    before = GitWatch(request_in(committed, "tracked")).digest()
    add(committed)
    assert GitWatch(request_in(committed, "tracked")).digest() == before


def test_what_is_ignored_is_not_told(committed, git, request_in):
    (committed / ".gitignore").write_text("*.log\n")
    git(committed, "add", ".")
    before = GitWatch(request_in(committed)).digest()
    (committed / "x.log").write_text("")
    assert GitWatch(request_in(committed)).digest() == before


def test_a_repository_without_an_index_has_a_word_too(repository, request_in):
    before = GitWatch(request_in(repository)).digest()
    assert GitWatch(request_in(repository)).digest() == before
    add(repository)
    assert GitWatch(request_in(repository)).digest() != before


def test_what_git_tracks_is_asked_for_early_and_counts_if_it_is_of_the_index_that_was_compared(committed, request_in):
    watching = GitWatch(request_in(committed))
    watching.start_listing()
    watching.digest()
    assert listing.read_tracked(watching.tracking()).paths == ("a.py",)
    assert watching.untracked() == b""


def test_a_file_that_is_added_while_git_is_asked_is_in_no_answer_of_before(committed, request_in, git):
    """It would be neither tracked, by the older answer, nor untracked, by the newer one."""
    watching = GitWatch(request_in(committed))
    watching.start_listing()
    add(committed)
    git(committed, "add", "new.py")
    watching.digest()
    assert watching.tracking() is None
    git(committed, "rm", "--quiet", "--cached", "new.py")
    assert watching.untracked() is None


@pytest.mark.filterwarnings("error")
def test_a_listing_that_nobody_takes_is_waited_for(committed, request_in):
    watching = GitWatch(request_in(committed))
    watching.start_listing()
    watching.digest()
    watching.end_listing()
    assert watching.tracking() is None


@pytest.mark.parametrize(
    ("newest_ns", "now_ns", "settled"),
    [
        (1_999_999_999, 2_000_000_000, True),
        (2_000_000_000, 2_999_999_999, False),
        (2_000_000_000, 3_000_000_000, True),
        (3_000_000_000, 2_000_000_000, False),
    ],
)
def test_git_can_be_relied_on_from_the_next_whole_second_on(newest_ns, now_ns, settled):
    assert is_settled(newest_ns, now_ns) == settled


def answered(request):
    git = GitWatch(request)
    git.digest()
    return git


@pytest.fixture
def kept(committed, git, request_in):
    """A snapshot of two files, of which one is not tracked and watched by us."""
    (committed / "b.py").write_text("b = 1\n")
    git(committed, "add", "b.py")
    (committed / "watched.py").write_text("")
    said = answered(request_in(committed))
    return SNAPSHOT._replace(
        tree=pack_tree(dict.fromkeys(("a.py", "b.py", "watched.py"), Entry(0, KEY, 1))),
        git=said.digest(),
        entries=said.entries().pack(),
        watched=Watched(files=pack_watched({"watched.py": None})),
    )


def add_the_edit(root, git):
    edit(root)
    git(root, "add", "a.py")


MOVES = {
    "nothing": (lambda _root, _git: None, {"a.py", "b.py"}, True),
    "an edit": (lambda root, _git: edit(root), {"b.py"}, True),
    "a new file": (lambda root, _git: add(root), {"a.py", "b.py"}, False),
    "an edit that is added": (add_the_edit, {"b.py"}, True),
    "a commit": (lambda root, git: git(root, "commit", "-q", "-m", "two"), {"a.py", "b.py"}, True),
    "another flag": (lambda root, git: git(root, "update-index", "--assume-unchanged", "a.py"), {"b.py"}, False),
    "another form": (lambda root, git: git(root, "update-index", "--split-index"), set(), False),
}


@pytest.mark.parametrize(("move", "unmoved", "same_names"), MOVES.values(), ids=MOVES)
def test_of_files_of_which_the_index_says_the_same_git_is_believed(
    kept, committed, git, request_in, move, unmoved, same_names
):
    move(committed, git)
    now = answered(request_in(committed))
    assert kept.unmoved(now, now.differing()) == unmoved
    assert kept.same_names(now) == same_names


@pytest.mark.parametrize(
    ("proven", "unmoved", "same_names"),
    [(NAMES, True, True), (INDEX, True, False), (0, False, False)],
    ids=["not what differs", "nor the names", "nothing"],
)
def test_git_is_believed_of_what_was_proven_then(kept, committed, request_in, proven, unmoved, same_names):
    now = answered(request_in(committed))
    snapshot = kept._replace(git=kept.git[:proven])
    assert bool(snapshot.unmoved(now, [])) == unmoved
    assert snapshot.same_names(now) == same_names


@pytest.mark.parametrize("entries", [b"", b"damaged"], ids=["not known", "damaged"])
def test_without_the_entries_of_then_another_index_says_nothing(kept, committed, git, request_in, entries):
    git(committed, "commit", "-q", "-m", "two")
    now = answered(request_in(committed))
    snapshot = kept._replace(entries=entries)
    assert snapshot.unmoved(now, []) == set()
    assert not snapshot.same_names(now)


def test_a_worktree_in_another_folder_recalls_nothing_without_a_look(committed, request_in):
    before = request_in(committed).digest()
    assert request_in(committed).digest() == before
    moved = Path(committed).rename(Path(committed).with_name("moved"))
    assert request_in(moved).digest() != before
