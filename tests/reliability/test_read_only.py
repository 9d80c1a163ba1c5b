"""A database that this user may only read is read; nothing of it changes, and a write says why it cannot be."""

from __future__ import annotations

import os

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="permissions are POSIX")


def found_in(folder):
    return {entry.name: (entry.read_bytes(), entry.stat().st_mode) for entry in folder.iterdir() if entry.is_file()}


@pytest.mark.parametrize("meanwhile_open", [False, True])
@pytest.mark.parametrize(("file_mode", "folder_mode"), [(0o444, 0o777), (0o444, 0o555)])
def test_what_may_only_be_read_does_not_change(
    public_folder, start, output, open_whole, file_mode, folder_mode, meanwhile_open
):
    path = public_folder / "state.db"
    state = open_whole(path)
    for _ in range(3):
        state.runs.finish(state.runs.begin("check").id, 0)
    if not meanwhile_open:
        state.close()
    for entry in public_folder.iterdir():
        entry.chmod(0o777 if entry.is_dir() else file_mode)
    public_folder.chmod(folder_mode)
    before = found_in(public_folder)
    told = output(start("read_only", path)).split()
    backed_up = "done" if folder_mode & 0o002 else "ReadOnlyDatabaseError"
    assert told == ["3", "True", *["ReadOnlyDatabaseError"] * 4, backed_up]
    after = found_in(public_folder)
    assert {name: after.get(name) for name in before} == before
    added = {name for name in after.keys() - before.keys() if ".backup-" not in name}
    assert added <= {"state.db-wal", "state.db-shm", "state.db.gate"}
    state.close()


def test_a_folder_where_nothing_may_be_made_stays_empty(public_folder, start):
    public_folder.chmod(0o555)
    process = start("read_only", public_folder / ".worktrees" / "state.db")
    _, complaints = process.communicate(timeout=60)
    assert "ReadOnlyDatabaseError: cannot create" in complaints
    assert list(public_folder.iterdir()) == []
