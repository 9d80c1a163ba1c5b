"""A fixed file is whole, keeps its mode, and never overwrites what somebody else wrote."""

from __future__ import annotations

import os
import stat

import pytest

from pipeline_state.checks.detectors import end_of_file
from pipeline_state.checks.fixing import ChangedMeanwhileError, fix_file


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"a")
    return path


def test_a_file_is_replaced_by_what_the_fixer_makes_of_it(file):
    assert fix_file(file, end_of_file.fix)
    assert file.read_bytes() == b"a\n"
    assert not fix_file(file, end_of_file.fix)


def test_a_file_with_nothing_to_fix_is_not_touched(file):
    before = os.stat(file)
    assert not fix_file(file, lambda content: content)
    after = os.stat(file)
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.skipif(os.name == "nt", reason="modes")
@pytest.mark.parametrize("mode", [0o755, 0o640, 0o600])
def test_the_mode_stays(file, mode):
    file.chmod(mode)
    assert fix_file(file, end_of_file.fix)
    assert stat.S_IMODE(file.stat().st_mode) == mode


def test_what_was_written_meanwhile_is_kept(file):
    def edits(content):
        before = os.stat(file)
        file.write_bytes(b"b")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        return content + b"\n"

    with pytest.raises(ChangedMeanwhileError):
        fix_file(file, edits)
    assert file.read_bytes() == b"b"


def test_a_file_removed_meanwhile_stays_removed(file):
    def removes(content):
        file.unlink()
        return content + b"\n"

    with pytest.raises(FileNotFoundError):
        fix_file(file, removes)
    assert not file.exists()


def test_a_fixer_that_fails_leaves_the_file_and_nothing_beside_it(file):
    def fails(_content):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fix_file(file, fails)
    with pytest.raises(TypeError):
        fix_file(file, lambda _content: "text")
    assert file.read_bytes() == b"a"
    assert [path.name for path in file.parent.iterdir()] == ["a.txt"]


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links")
def test_a_link_is_refused_and_its_target_kept(file):
    link = file.with_name("link")
    link.symlink_to(file)
    with pytest.raises(OSError, match="not a regular file"):
        fix_file(link, end_of_file.fix)
    assert link.is_symlink()
    assert file.read_bytes() == b"a"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write anything")
def test_a_read_only_file_is_refused(file):
    file.chmod(0o444)
    with pytest.raises(PermissionError):
        fix_file(file, end_of_file.fix)
    assert file.read_bytes() == b"a"


@pytest.mark.skipif(os.name == "nt", reason="hard links")
def test_another_hard_link_goes_on_naming_the_old_content(file):
    other = file.with_name("other")
    os.link(file, other)
    assert fix_file(file, end_of_file.fix)
    assert (file.read_bytes(), other.read_bytes()) == (b"a\n", b"a")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_any_name_can_be_fixed(tmp_path):
    path = os.path.join(os.fsencode(tmp_path), b"a\n\xff" + b"x" * 240)
    with open(path, "wb") as file:
        file.write(b"a")
    name = os.fsdecode(path)
    assert fix_file(type(tmp_path)(name), end_of_file.fix)
    with open(path, "rb") as file:
        assert file.read() == b"a\n"
