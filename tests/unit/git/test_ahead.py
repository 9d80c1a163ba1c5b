"""Git asked ahead: the answer is for who asks the same in the same folder, once, and for nobody later."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pipeline_state.cli.main import main
from pipeline_state.git import ahead
from pipeline_state.git.listing import DIFFERING, start_differing
from pipeline_state.git.plumbing import finish_git, start_git


@pytest.fixture
def repository(tmp_path, monkeypatch):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / "a.py").write_text("A = 1\n")
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    ahead.forget()


def test_what_was_asked_ahead_is_handed_out_once(repository):
    process = start_git(DIFFERING)
    ahead.keep(DIFFERING, str(repository), process)
    assert start_differing(repository) is process
    assert finish_git(process, "compare") == b""
    (repository / "a.py").write_text("A = 2\n")
    assert b"a.py" in finish_git(start_differing(repository), "compare")


def test_who_asks_in_another_folder_or_environment_gets_an_answer_of_his_own(repository):
    ahead.keep(DIFFERING, str(repository), start_git(DIFFERING))
    (repository / "below").mkdir()
    for process in (start_differing(repository / "below"), start_git(DIFFERING, environ={"PATH": "/usr/bin:/bin"})):
        assert ahead._asked
        process.communicate()


@pytest.mark.parametrize("words", [[], ["--all-files"], ["--json"]])
def test_no_answer_is_left_for_the_next_command(repository, words, capsys):
    (repository / "pipeline-state.toml").write_text('detectors = ["json"]\n')
    assert main(["check", *words]) == 0
    assert not ahead._asked
    capsys.readouterr()


def test_outside_of_a_repository_it_is_said_as_ever(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 3
    assert "is not in a Git worktree" in capsys.readouterr().err
    assert not ahead._asked


@pytest.mark.skipif(sys.platform == "win32", reason="nobody can remove the folder that a process is in")
def test_a_folder_that_is_removed_meanwhile_is_no_error_of_ours(repository):
    gone = repository / "gone"
    gone.mkdir()
    os.chdir(gone)
    ahead.keep(DIFFERING, str(gone), start_git(DIFFERING))
    gone.rmdir()
    assert ahead.take(DIFFERING, repository) is None
