from __future__ import annotations

import os

import pytest

from pipeline_state.store.stat_cache import Content, Stamp, StatCache

STAMP = Stamp(12, 34, 1_700_000_000_123_456_789, 1_700_000_001_987_654_321, 0o100644)
CONTENT = Content(STAMP, b"d" * 16)


@pytest.fixture
def learn(memory):
    return lambda **contents: memory.database.write(lambda: memory.stat_cache.learn(contents))


def test_what_was_learnt_is_known_to_the_nanosecond(memory, learn):
    learn(a=CONTENT)
    assert memory.stat_cache.get("a") == CONTENT
    assert memory.stat_cache.get("b") is None
    assert memory.stat_cache.all() == {"a": CONTENT}


@pytest.mark.parametrize(
    "stamp",
    [
        STAMP._replace(inode=2**64 - 1),
        STAMP._replace(inode=2**63),
        STAMP._replace(inode=2**63 - 1),
        STAMP._replace(mtime_ns=-1, ctime_ns=0),
        STAMP._replace(size=2**40),
    ],
)
def test_numbers_of_any_size_are_kept(memory, learn, stamp):
    learn(a=Content(stamp, b"d"))
    assert memory.stat_cache.get("a").stamp == memory.stat_cache.all()["a"].stamp == stamp


def test_what_is_learnt_later_replaces_what_was_known(memory, learn):
    learn(a=CONTENT, b=CONTENT)
    newer = Content(STAMP._replace(size=35), b"e" * 16)
    learn(a=newer)
    assert memory.stat_cache.all() == {"a": newer, "b": CONTENT}


def test_what_is_forgotten_is_not_known(memory, learn):
    learn(a=CONTENT, b=CONTENT)
    memory.database.write(lambda: memory.stat_cache.forget(["a", "gone"]))
    assert memory.stat_cache.all() == {"b": CONTENT}


def test_another_worktree_knows_nothing_of_it(memory, learn):
    learn(a=CONTENT)
    with memory.database.transaction():
        memory.database.execute("INSERT INTO worktrees (token, first_seen_at) VALUES ('other', '')")
    row = memory.database.one("SELECT id FROM worktrees WHERE token = 'other'")
    elsewhere = StatCache(memory.database, row["id"])
    assert (elsewhere.get("a"), elsewhere.all()) == (None, {})
    memory.database.write(lambda: elsewhere.forget(["a"]))
    assert memory.stat_cache.get("a") == CONTENT


def test_a_stamp_is_what_the_system_says_without_the_device(tmp_path):
    file = tmp_path / "a"
    file.write_bytes(b"xyz")
    status = os.stat(file)
    assert Stamp.of(status) == (status.st_ino, 3, status.st_mtime_ns, status.st_ctime_ns, status.st_mode)
    assert STAMP.newest_ns == STAMP.ctime_ns
    assert STAMP._replace(ctime_ns=0).newest_ns == STAMP.mtime_ns
