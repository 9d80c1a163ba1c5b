"""What a snapshot rests on: whatever moves is noticed, and what is too fresh to tell is said."""

from __future__ import annotations

import os

import pytest

from pipeline_state.checks.contents import Clock
from pipeline_state.checks.watch import Watch
from pipeline_state.checks.watched import Watched, pack_watched, unmoved, watched_names
from pipeline_state.store.stat_cache import Stamp

posix = pytest.mark.skipif(os.name == "nt", reason="no times prove anything on Windows")


@pytest.fixture
def looked(tmp_path, write, watch):
    """A watch that has looked at a file, a folder, a link, and two things that are absent."""
    write("file", b"x")
    write("folder/in it", b"x")
    (tmp_path / "link").symlink_to("file")
    for path in ("file", "folder", "link", "absent", str(tmp_path / "absent too")):
        watch.look(path)
    return watch


def packed(watch):
    return watch.packed(watch)


def test_what_nobody_touched_is_unmoved(tmp_path, looked):
    assert unmoved(tmp_path, packed(looked))
    assert unmoved(tmp_path, packed(looked))


def rewrite(root):
    before = os.stat(root / "file")
    (root / "file").write_bytes(b"y")
    os.utime(root / "file", ns=(before.st_atime_ns, before.st_mtime_ns))


def replace(root):
    (root / "new").write_bytes(b"x")
    os.utime(root / "new", ns=(1, os.stat(root / "file").st_mtime_ns))
    (root / "new").replace(root / "file")


@posix
@pytest.mark.parametrize(
    "move",
    [
        rewrite,
        replace,
        lambda root: (root / "file").unlink(),
        lambda root: (root / "file").chmod(0o755),
        lambda root: (root / "folder" / "new").touch(),
        lambda root: (root / "folder" / "in it").unlink(),
        lambda root: (root / "absent").touch(),
        lambda root: (root / "absent").mkdir(),
        lambda root: (root / "absent too").touch(),
    ],
)
def test_whatever_moves_is_noticed(tmp_path, looked, move):
    before = packed(looked)
    move(tmp_path)
    assert not unmoved(tmp_path, before)


@posix
def test_a_link_is_watched_by_what_it_leads_to(tmp_path, write, watch):
    write("one", b"1")
    write("two", b"2")
    (tmp_path / "link").symlink_to("one")
    watch.look("link")
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to("two")
    assert not unmoved(tmp_path, packed(watch))


def test_what_lies_below_a_file_is_absent(tmp_path, write, watch):
    write("file")
    assert watch.look("file/below") is None
    assert unmoved(tmp_path, packed(watch))


@posix
@pytest.mark.parametrize(("distance", "settled"), [(-1, False), (0, False), (1, True)])
def test_what_is_as_new_as_the_clock_is_not_settled(tmp_path, write, distance, settled):
    status = os.stat(write("file"))
    newest = max(status.st_mtime_ns, status.st_ctime_ns)
    watch = Watch(tmp_path, Clock(newest + distance, status.st_dev))
    watch.look("file")
    assert watch.settled == settled


def test_without_a_clock_nothing_is_settled(tmp_path):
    assert not Watch(tmp_path, None).settled


def test_what_is_absent_is_settled(tmp_path, later):
    watch = Watch(tmp_path, later)
    watch.look("gone")
    assert watch.settled


def test_the_stamp_is_the_one_from_before_the_reading(tmp_path, write, watch):
    write("file", b"one")
    first = watch.look("file")
    write("file", b"three")
    assert watch.look("file") == first
    assert not unmoved(tmp_path, packed(watch))


def test_two_watches_are_packed_into_one(tmp_path, write, later):
    write("one")
    write("two")
    watches = [Watch(tmp_path, later) for _ in range(2)]
    watches[0].look("one")
    watches[1].look("two")
    together = watches[0].packed(watches[1])
    assert unmoved(tmp_path, together)
    write("two", b"longer")
    assert not unmoved(tmp_path, together)


def test_of_what_was_watched_before_the_stamp_from_then_stands(tmp_path, write, later):
    write("one")
    earlier = Watch(tmp_path, later)
    earlier.look("one")
    before = earlier.packed()
    write("one", b"longer")
    write("two")
    now = Watch(tmp_path, later)
    for name in ("one", "two", "absent"):
        now.look(name)
    assert unmoved(tmp_path, now.packed())
    assert not unmoved(tmp_path, now.packed(before=before))
    assert watched_names(now.packed(before=before)) == {"one", "two", "absent"}


def test_both_parts_of_what_is_watched_come_back(write, watch):
    write("one")
    watch.look("one")
    for parts in (Watched(watch.packed(), b""), Watched(b"", watch.packed()), Watched(watch.packed(), watch.packed())):
        assert Watched.part(parts.join()) == parts


def test_nothing_watched_is_unmoved(tmp_path):
    assert unmoved(tmp_path, pack_watched({}))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_any_name_can_be_watched(tmp_path, write, watch):
    for name in (b"two\nlines", b"caf\xe9", b"\xe2\x98\x83"):
        write(name)
        watch.look(os.fsdecode(name))
    before = packed(watch)
    assert unmoved(tmp_path, before)
    write(b"caf\xe9", b"longer")
    assert not unmoved(tmp_path, before)


def test_numbers_of_any_size_can_be_packed():
    stamp = Stamp(2**64 - 1, 2**63, -1, 0, 0o100644)  # a time before 1970, an inode of 64 bits
    assert pack_watched({"a": stamp}) != pack_watched({"a": stamp._replace(inode=2**64 - 2)})
