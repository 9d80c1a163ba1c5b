"""The journal of a session: what is written survives, what is torn or damaged does no harm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import nullcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_state.store.journal import (
    Header,
    Journal,
    UnknownJournalError,
    find,
    parse,
    parse_header,
    run_of,
    spill_base,
    torn,
)
from pipeline_state.store.liveness import RunLocks

HEADER = Header(
    run="0123456789abcdef",
    database="/somewhere/state.db",
    worktree="t" * 32,
    started=1_700_000_000_000_000_000,
    selection="run",
    rootdir=".",
    arguments=["-q"],
    commit="c" * 40,
    branch="main",
    tree_digest="d" * 32,
    host="here",
    environment={"python": "3.12.1"},
)


@pytest.fixture
def base(tmp_path):
    return str(tmp_path / "state.db")


def test_the_header_comes_back_as_it_was_written(base):
    journal = Journal.create(base, HEADER)
    assert parse_header(journal.read(0).rstrip(b"\n")) == HEADER
    journal.remove()


@pytest.mark.parametrize(
    "line", [b"", b"{}", b"[]", b"null", b"\xff", b'{"version": 1}', b'{"version": 99, "run": "x"}', b"[" * 100_000]
)
def test_what_is_no_header_is_said_to_be_none(line):
    with pytest.raises(UnknownJournalError):
        parse_header(line)


def test_a_newer_format_is_named():
    with pytest.raises(UnknownJournalError, match="format 99"):
        parse_header(json.dumps({"version": 99}).encode())


def test_a_living_session_holds_its_lock_and_a_dead_one_does_not(base):
    program = (
        "import sys, os\n"
        "sys.path.insert(0, sys.argv[2])\n"
        "from test_journal import HEADER, Journal\n"
        "journal = Journal.create(sys.argv[1], HEADER)\n"
        "journal.append(b'[\"c\",1]\\n')\n"
        "print('ready', flush=True)\n"
        "sys.stdin.read()\n"
        "os.kill(os.getpid(), 9)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, base, os.path.dirname(__file__)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"ready\n"
    [path] = find(base)
    assert RunLocks(base).is_held(run_of(path))
    process.communicate()
    assert not RunLocks(base).is_held(run_of(path))
    with open(path, "rb") as file:
        assert file.read().rstrip(b"\0").endswith(b'["c",1]\n')


def test_a_journal_is_created_once(base):
    journal = Journal.create(base, HEADER)
    with pytest.raises(OSError, match="exists"):
        Journal.create(base, HEADER)
    journal.close()


def test_a_journal_that_is_removed_leaves_nothing(base):
    Journal.create(base, HEADER).remove()
    assert find(base) == []
    assert not RunLocks(base).is_held(HEADER.run)


def test_no_folder_means_no_journal(base):
    assert find(base) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_cannot_write(base):
    journal = Journal.create(base, HEADER)
    size = len(journal.read(0))
    pid = os.fork()
    if not pid:
        code = 1
        try:
            journal.append(b'["c",1]\n')
            code = int(journal.is_ours)
        finally:
            os._exit(code)
    assert os.waitpid(pid, 0)[1] == 0
    assert len(journal.read(0)) == size
    journal.remove()


def test_the_spill_folder_follows_the_platform():
    base = spill_base("token", {"XDG_STATE_HOME": "/x", "LOCALAPPDATA": "/x"})
    assert base.endswith(os.path.join("pipeline-state", "token"))


def test_a_torn_last_line_is_not_there_yet():
    assert [line.record for line in parse(b'["c",1]\n["s",0,', 10)] == [["c", 1]]


@pytest.mark.parametrize("torn", [b'["s",0,\0\0\0]\n', b'\0\0\0\0\0\0",1]\n', b'["s",0,1\0\0\0\0'])
def test_a_line_of_which_a_part_was_copied_is_not_there_yet(torn):
    lines = list(parse(b'["c",1]\n' + torn + b"\0" * 100, 10))
    assert [(line.end, line.record) for line in lines] == [(18, ["c", 1])]


@pytest.mark.parametrize("limit", [None, 10_000, 100_000], ids=["mapped", "written", "mapped, then written"])
def test_lines_go_on_whether_there_is_room_for_the_mapped_file_or_not(base, limit):
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit or before[0], before[1]))
    try:
        journal = Journal.create(base, HEADER)
        size, written = journal.size, 0
        write = journal.writer
        line = json.dumps(["c", 1, "x" * 1000]).encode() + b"\n"
        with nullcontext() if limit is None else pytest.raises(OSError, match=r"File too large|No space"):
            for _ in range(2000):
                try:
                    if write(line) != len(line):
                        raise torn()
                except ValueError:
                    journal.append(line)
                    write = journal.writer
                written += 1
        assert written == (2000 if limit is None else (limit - size) // len(line))
        assert journal.size == (limit or size + written * len(line))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    journal.close()
    [path] = find(base)
    with open(path, "rb") as file:
        content = file.read()
    assert len(content) == (limit or size + written * len(line)), "no zeros are left at its end"
    assert [one.record for one in parse(content[size:], size)] == [json.loads(line)] * written


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_the_short_way_to_write_does_not_reach_the_journal_from_a_child(base):
    journal = Journal.create(base, HEADER)
    write, size = journal.writer, journal.size
    pid = os.fork()
    if not pid:
        try:
            try:
                write(b'["c",1]\n')
            except ValueError:
                journal.append(b'["c",1]\n')
        finally:
            os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    assert journal.size == size
    assert write(b'["c",2]\n') == 8
    assert journal.read(size) == b'["c",2]\n'
    journal.remove()


def test_a_broken_line_in_the_middle_hides_no_other():
    lines = list(parse(b'["c",1]\n["s",0,1\n\n["c",2]\nnonsense\n["c",3]\n', 0))
    assert [line.record for line in lines] == [["c", 1], None, ["c", 2], None, ["c", 3]]


JSON = st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3), max_leaves=5)


@given(st.lists(st.tuples(st.sampled_from("nsrce"), JSON).map(list)), st.integers(0, 1000))
def test_every_line_comes_back_with_where_it_ends(records, start):
    lines = [json.dumps(record).encode() + b"\n" for record in records]
    found = list(parse(b"".join(lines), start))
    assert [line.record for line in found] == records
    assert [line.end for line in found] == [start + sum(map(len, lines[: n + 1])) for n in range(len(lines))]


@given(st.lists(st.binary(max_size=20)))
def test_any_bytes_can_be_read(parts):
    for line in parse(b"\n".join(parts), 0):
        assert line.record is None or line.record
