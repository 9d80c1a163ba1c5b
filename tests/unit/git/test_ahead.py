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
    ahead.ask(DIFFERING)
    process = start_differing(repository)
    assert isinstance(process, ahead.Asked)
    assert finish_git(process, "compare") == b""
    (repository / "a.py").write_text("A = 2\n")
    assert b"a.py" in finish_git(start_differing(repository), "compare")


def test_who_asks_in_another_folder_or_environment_gets_an_answer_of_his_own(repository):
    ahead.ask(DIFFERING)
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
    ahead.ask(DIFFERING)
    gone.rmdir()
    assert ahead.take(DIFFERING, repository) is None


def test_the_answer_is_that_of_any_other_git(repository):
    (repository / "a.py").write_text("A = 2\n")
    for command in (DIFFERING, ("rev-parse", "--no-such-thing", "nothing"), ("cat-file", "--bogus")):
        asked, other = ahead.Asked(command), subprocess.run(["git", *command], capture_output=True, check=False)
        assert asked.communicate() == (other.stdout, other.stderr)
        assert asked.returncode == other.returncode


def test_much_is_read_from_both_ends_at_once(repository):
    names = [f"file-{number:05}" for number in range(20_000)]
    for name in names:
        (repository / name).touch()
    script = "alias.both=!git ls-files -o; git ls-files -o >&2"
    said, complained = ahead.Asked(["-c", script, "both"]).communicate()
    assert said == complained == "".join(f"{name}\n" for name in names).encode()


def test_no_git_is_no_error_of_the_head_start(repository, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(repository))
    with pytest.raises(FileNotFoundError):
        ahead.ask(DIFFERING)
    assert main(["check"]) == 3
    assert "cannot run git" in capsys.readouterr().err


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_closed_standard_stream_is_not_mistaken_for_a_pipe_to_git(repository, closed):
    (repository / "pipeline-state.toml").write_text('detectors = ["json"]\n')
    words = "sys.argv[1:] = ['check', '--json']"
    program = f"import sys; sys.path[:0] = {sys.path!r}; {words}; from pipeline_state.cli.main import run; run()"
    done = subprocess.run(["sh", "-c", f'exec "$0" -c "$1" {closed}', sys.executable, program], check=False)
    assert done.returncode == 0


@pytest.mark.usefixtures("repository")
def test_what_is_not_asked_for_is_ended_and_leaves_no_descriptor():
    before = len(os.listdir("/dev/fd"))
    for command in (DIFFERING, ("cat-file", "--batch")):
        ahead.ask(command)
    ahead.forget()
    assert len(os.listdir("/dev/fd")) == before
