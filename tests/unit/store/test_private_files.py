from __future__ import annotations

import errno
import os
import stat

import pytest

from pipeline_state.errors import DiskFullError, ReadOnlyDatabaseError, StateError
from pipeline_state.store import private_files


@pytest.mark.skipif(os.name == "nt", reason="permissions are POSIX")
def test_what_is_made_is_for_its_owner_alone(tmp_path):
    old = os.umask(0)
    try:
        private_files.prepare_folder(str(tmp_path / "a" / "b"))
        assert private_files.create_private(str(tmp_path / "a" / "b" / "file"))
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "a" / "b" / "file").stat().st_mode) == 0o600


def test_what_is_there_is_not_made_again(tmp_path):
    (tmp_path / "file").write_text("mine")
    assert not private_files.create_private(str(tmp_path / "file"))
    assert (tmp_path / "file").read_text() == "mine"


def test_a_file_in_the_place_of_the_folder_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StateError, match="cannot create"):
        private_files.prepare_folder(str(tmp_path / "file"))


@pytest.mark.parametrize(
    ("content", "expected"),
    [("*\n", True), ("# x\n*\n", True), ("*.db\n", False), ("*\n!keep\n", False), (None, False)],
)
def test_whether_everything_is_ignored(tmp_path, content, expected):
    if content is not None:
        (tmp_path / ".gitignore").write_text(content)
    assert private_files.ignores_everything(tmp_path) is expected


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.EACCES, ReadOnlyDatabaseError), (errno.EROFS, ReadOnlyDatabaseError), (errno.ENOSPC, DiskFullError)],
)
def test_what_cannot_be_made_says_why_and_what_to_do(number, kind):
    error = private_files.creation_failed("/a/b", OSError(number, os.strerror(number)))
    assert type(error) is kind
    assert "cannot create /a/b: " in str(error)
