"""What a worker process may import: what was installed, and nothing that somebody put in the way."""

from __future__ import annotations

from pathlib import Path

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
