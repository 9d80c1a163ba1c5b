"""What files hold: nothing is believed of the stat cache that a later edit would not have changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline_state.checks.contents import Clock, Contents, file_system_clock, judged_bytes
from pipeline_state.checks.digests import content_digest
from pipeline_state.store.stat_cache import Content, Stamp

SHARED_MEMORY = Path("/dev/shm")

pytestmark = pytest.mark.skipif(os.name == "nt", reason="no times prove anything on Windows")


def nothing(_path):
    return None


def clock_at(file, nanoseconds):
    """A clock that stands so far from the newest time of a file."""
    status = os.lstat(file)
    return Clock(max(status.st_mtime_ns, status.st_ctime_ns) + nanoseconds, status.st_dev)


def stale(file):
    """What a stat cache would say that knows this file by its stamp, with another content."""
    return Content(Stamp.of(os.lstat(file)), content_digest(b"stale"))


@pytest.mark.parametrize(("distance", "learnt"), [(-1, False), (0, False), (1, True)])
def test_only_a_file_stamped_before_the_clock_is_learnt(tmp_path, write, distance, learnt):
    file = write("a", b"content")
    contents = Contents(tmp_path, nothing, clock_at(file, distance))
    assert contents.of("a").digest == content_digest(b"content")
    assert contents.is_proven("a") == ("a" in contents.learnt) == learnt


@pytest.mark.parametrize(("distance", "believed"), [(-1, False), (0, False), (1, True)])
def test_only_of_a_file_stamped_before_the_clock_the_cache_is_believed(tmp_path, write, distance, believed):
    file = write("a", b"content")
    contents = Contents(tmp_path, lambda _: stale(file), clock_at(file, distance))
    assert contents.of("a").digest == content_digest(b"stale" if believed else b"content")
    assert contents.hashed == (not believed)


def test_a_change_time_counts_as_much_as_a_modification_time(tmp_path, write):
    file = write("a", b"content")
    os.utime(file, ns=(1, 1))  # the modification time says long ago; the change time says now
    contents = Contents(tmp_path, nothing, clock_at(file, 0))
    contents.of("a")
    assert contents.learnt == {}


@pytest.mark.parametrize("field", Stamp._fields)
def test_a_stamp_that_differs_in_anything_is_not_believed(tmp_path, write, later, field):
    file = write("a", b"content")
    known = stale(file)
    known = known._replace(stamp=known.stamp._replace(**{field: getattr(known.stamp, field) + 1}))
    assert Contents(tmp_path, lambda _: known, later).of("a").digest == content_digest(b"content")


def test_without_a_clock_nothing_is_believed_and_nothing_learnt(tmp_path, write):
    file = write("a", b"content")
    contents = Contents(tmp_path, lambda _: stale(file), None)
    assert contents.of("a").digest == content_digest(b"content")
    assert (contents.learnt, contents.is_proven("a")) == ({}, False)


def test_the_clock_of_another_device_proves_nothing_in_the_worktree(tmp_path, write, later):
    file = write("a", b"content")
    elsewhere = later._replace(device=later.device + 1)
    contents = Contents(tmp_path, lambda _: stale(file), elsewhere)
    assert contents.of("a").digest == content_digest(b"content")
    assert contents.learnt == {}


@pytest.mark.parametrize(("distance_s", "learnt"), [(2, False), (2.1, True)])
def test_outside_of_the_worktree_another_device_is_believed_after_two_seconds(tmp_path, write, distance_s, learnt):
    file = write("a", b"content")
    clock = clock_at(file, int(distance_s * 1e9))
    contents = Contents(tmp_path, nothing, clock._replace(device=clock.device + 1))
    contents.of(str(file))
    assert (str(file) in contents.learnt) == learnt


def test_a_file_that_the_clock_has_not_passed_is_read_again_after_the_judging(tmp_path, write):
    file = write("a", b"content")
    contents = Contents(tmp_path, nothing, clock_at(file, 0))
    content = contents.of("a")
    assert contents.still("a", content)
    before = os.stat(file)
    file.write_bytes(b"CONTENT")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert not contents.still("a", content)


def test_still_is_told_by_times_where_they_prove_and_by_bytes_elsewhere(tmp_path, write, later):
    file = write("a", b"content")
    contents = Contents(tmp_path, nothing, later)
    content = contents.of("a")
    os.utime(file)
    assert contents.still("a", content)
    file.unlink()
    assert not contents.still("a", content)


def test_a_link_counts_as_its_target_unless_it_is_followed(tmp_path, write, later):
    write("a", b"content")
    (tmp_path / "link").symlink_to("a")
    contents = Contents(tmp_path, nothing, later)
    assert contents.of("link").digest == content_digest(b"a")
    assert contents.of("link", follow=True).digest == content_digest(b"content")
    (tmp_path / "link").unlink()
    (tmp_path / "link").symlink_to("b")
    contents.forget("link")
    assert contents.of("link").digest == content_digest(b"b")
    assert contents.of("link", follow=True) is None


def test_a_link_to_nothing_and_one_to_itself_are_links(tmp_path, later):
    (tmp_path / "loop").symlink_to("loop")
    assert Contents(tmp_path, nothing, later).of("loop").digest == content_digest(b"loop")


def test_what_is_neither_a_file_nor_a_link_holds_nothing(tmp_path, write, later):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    write("a")
    contents = Contents(tmp_path, nothing, later)
    assert [contents.of(name) for name in ("folder", "pipe", "gone", "a/below")] == [None] * 4


def test_a_file_is_looked_at_once_until_it_is_forgotten(tmp_path, write, later):
    file = write("a", b"one")
    contents = Contents(tmp_path, nothing, later)
    contents.of("a")
    file.write_bytes(b"two")
    assert contents.of("a").digest == content_digest(b"one")
    contents.forget("a")
    assert contents.learnt == {}
    assert contents.of("a").digest == content_digest(b"two")


def test_a_large_file_is_hashed_whole(write):
    content = os.urandom(3 << 20)
    file = write("a", content)
    assert judged_bytes(str(file), os.stat(file)) == content_digest(content)


def test_the_clock_is_that_of_the_file_system_and_leaves_nothing_behind(tmp_path, write):
    file = write("a")
    clock = file_system_clock(tmp_path, [tmp_path / "gone", tmp_path])
    assert clock.device == file.stat().st_dev
    assert clock.now_ns >= file.stat().st_mtime_ns
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


def test_where_no_file_can_be_created_there_is_no_clock(tmp_path):
    assert file_system_clock(tmp_path, [tmp_path / "gone"]) is None


@pytest.mark.skipif(not SHARED_MEMORY.is_dir(), reason="needs a second file system")
def test_a_folder_on_another_file_system_is_no_clock(tmp_path):
    if SHARED_MEMORY.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("the same file system")
    assert file_system_clock(tmp_path, [SHARED_MEMORY]) is None


def test_a_file_that_was_written_was_not_left_alone_though_it_holds_the_same(write, tmp_path, later):
    file = write("a", b"content")
    contents = Contents(tmp_path, nothing, later)
    content = contents.of("a")
    assert contents.was_left_alone("a", content)
    file.write_bytes(b"other")
    file.write_bytes(b"content")
    assert contents.still("a", content)
    assert not contents.was_left_alone("a", content)
    file.unlink()
    assert not contents.was_left_alone("a", content)
