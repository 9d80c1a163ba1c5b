"""What a worker process may import: what was installed, and nothing that somebody put in the way."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import pipeline_state
from pipeline_state.checks.worker_process import import_path


def test_what_pythonpath_names_is_not_imported(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(str(tmp_path))
    assert str(tmp_path) not in import_path(tmp_path.parent)


def test_our_own_package_is_imported_from_wherever_it_was(tmp_path: Path, monkeypatch) -> None:
    home = str(Path(pipeline_state.__file__).parent.parent)
    monkeypatch.setenv("PYTHONPATH", home)
    monkeypatch.syspath_prepend(home)
    assert home in import_path(tmp_path)


def test_the_tree_that_is_checked_is_not_imported(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    assert str(tmp_path) not in import_path(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="nobody can remove the folder that a process is in")
def test_a_worktree_that_is_removed_under_us_is_left_to_whoever_writes_to_it(tmp_path: Path, monkeypatch) -> None:
    removed = tmp_path / "removed"
    removed.mkdir()
    monkeypatch.chdir(removed)
    removed.rmdir()
    assert import_path(removed)
