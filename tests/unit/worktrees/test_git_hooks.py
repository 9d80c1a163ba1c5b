"""The Git hooks: beside whatever else there is, quiet, never in the way, and gone without a trace."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest

from pipeline_state.errors import HooksError
from pipeline_state.git.identity import TOKEN_FILE
from pipeline_state.store import registry
from pipeline_state.worktrees.git_hooks import EVENTS, Place, find_place, git_version, install, status, uninstall

pytestmark = pytest.mark.skipif(os.name == "nt", reason="hooks are run by a POSIX shell here")

COMMAND = Path(sysconfig.get_path("scripts"), "pipeline-state")
FILES, CONFIGURATION = (2, 39), (2, 54)


@pytest.fixture
def place(committed):
    return find_place(committed, FILES)


def conditions(place):
    return {hook.condition for hook in status(place)}


def hooks_of(place):
    return sorted(path.name for path in place.folder.iterdir() if not path.name.endswith(".sample"))


def run(*words, cwd, **variables):
    command = [str(word) for word in words]
    environment = {**os.environ, **variables}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def script(path, *lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
    return path


@pytest.fixture
def counting(tmp_path):
    """A command that notes each call in a file, and the calls so far."""
    calls = tmp_path / "calls"
    return script(
        tmp_path / "counting", f'echo "$@" >> {calls}'
    ), lambda: calls.read_text().splitlines() if calls.exists() else []


def test_a_new_worktree_is_begun_and_nothing_is_said(committed, place):
    assert {hook.condition for hook in install(place, COMMAND)} == {"installed"}
    linked = committed.parent / "linked"
    assert run("git", "worktree", "add", "-q", "--detach", linked, cwd=committed) == (0, "")
    assert (linked / ".worktrees" / "pipeline_state.db").is_file()
    assert len(registry.tokens(place.common_dir)) == 1


def test_a_removed_worktree_is_noticed_at_the_next_commit(committed, place, linked, used):
    token, _ = used(linked)
    install(place, COMMAND)
    run("git", "worktree", "remove", linked, cwd=committed)
    code, output = run("git", "commit", "-q", "--allow-empty", "-m", "two", cwd=committed)
    assert (code, output) == (0, "")
    assert registry.tokens(place.common_dir, registry.REMOVED) == (token,)


def test_a_merge_and_a_rebase_sweep_too(committed, place, git, counting, linked, used):
    command, calls = counting
    used(linked)
    install(place, command)
    git(committed, "checkout", "-q", "-b", "side")
    git(committed, "commit", "-q", "--allow-empty", "-m", "side")
    git(committed, "checkout", "-q", "main")
    before = len(calls())
    git(committed, "merge", "-q", "--no-ff", "-m", "merge", "side")
    assert len(calls()) > before
    before = len(calls())
    git(committed, "commit", "-q", "--amend", "-m", "again")
    assert len(calls()) > before


def test_where_there_is_nothing_to_do_no_python_is_started(committed, place, git, counting, linked, used):
    used(linked)
    used(committed)
    install(place, COMMAND)
    time.sleep(0.02)  # file systems stamp more coarsely than this goes
    git(committed, "commit", "-q", "--allow-empty", "-m", "sweeps")
    command, calls = counting
    install(place, command)
    for number in range(3):
        git(committed, "commit", "-q", "--allow-empty", "-m", str(number))
        git(linked, "commit", "-q", "--allow-empty", "-m", str(number))
    git(committed, "checkout", "-q", "-b", "other")
    git(committed, "checkout", "-q", "--", ".")
    assert calls() == []
    git(committed, "worktree", "remove", "--force", linked)  # the last one: Git removes its folder `worktrees` too
    git(committed, "commit", "-q", "--allow-empty", "-m", "removed")
    git_dir = place.common_dir
    assert calls() == [f"hooks run --git-dir={git_dir} --common-dir={git_dir}"]


def test_a_hook_imports_nothing_out_of_the_checked_out_tree(committed, place, git, linked, used, monkeypatch):
    used(linked)
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    for name in ("os", "json", "typing", "contextlib", "pipeline_state", "sitecustomize", "__future__"):
        (committed / f"{name}.py").write_text(f"open({str(committed / 'RAN')!r}, 'w')\n")
    install(place, COMMAND)
    git(committed, "worktree", "remove", linked)
    assert run("git", "commit", "-q", "--allow-empty", "-m", "two", cwd=committed) == (0, "")
    assert len(registry.tokens(place.common_dir, registry.REMOVED)) == 1  # it did its work
    assert not (committed / "RAN").exists()


def test_after_the_last_linked_worktree_is_gone_python_is_started_once(committed, place, git, counting, linked, used):
    used(linked)
    install(place, COMMAND)
    git(committed, "worktree", "remove", linked)
    git(committed, "commit", "-q", "--allow-empty", "-m", "sweeps")
    command, calls = counting
    install(place, command)
    git(committed, "commit", "-q", "--allow-empty", "-m", "nothing to do")
    assert calls() == []


def test_a_repository_that_does_not_use_us_starts_no_python(committed, place, git, counting, linked):
    command, calls = counting
    install(place, command)
    git(committed, "commit", "-q", "--allow-empty", "-m", "two")
    assert calls() == []
    assert linked.exists()


@pytest.mark.parametrize("version", [FILES, CONFIGURATION])
def test_to_install_twice_is_to_install_once(committed, version):
    place = find_place(committed, version)
    install(place, COMMAND)
    before = {path: path.read_bytes() for path in place.common_dir.rglob("*") if path.is_file()}
    install(place, COMMAND)
    assert {path: path.read_bytes() for path in place.common_dir.rglob("*") if path.is_file()} == before
    assert conditions(place) == {"installed"}


@pytest.mark.parametrize("version", [FILES, CONFIGURATION])
def test_uninstall_takes_away_what_install_put_there(committed, version):
    place = find_place(committed, version)
    config, hooks = (place.common_dir / "config").read_bytes(), hooks_of(place)
    install(place, COMMAND)
    uninstall(place)
    assert (place.common_dir / "config").read_bytes() == config
    assert hooks_of(place) == hooks
    assert conditions(place) == {"absent"}
    assert uninstall(place) == ()


def test_newer_git_gets_them_by_configuration_and_no_file_is_touched(committed, git):
    place = find_place(committed, CONFIGURATION)
    theirs = script(place.folder / "post-commit", "echo theirs")
    before = theirs.read_bytes()
    install(place, COMMAND)
    assert theirs.read_bytes() == before
    assert hooks_of(place) == ["post-commit"]
    for event in EVENTS:
        assert git(committed, "config", "--get-all", f"hook.pipeline-state-{event}.event") == event
        line = git(committed, "config", "--get", f"hook.pipeline-state-{event}.command")
        # As Git runs it: through a shell, with the arguments after it.
        assert run("sh", "-c", f'{line} "$@"', "hook", "0" * 40, "1" * 40, "0", cwd=committed) == (0, "")


def test_a_configured_hook_of_a_repository_that_was_moved_is_no_error(committed, git):
    place = find_place(committed, CONFIGURATION)
    install(place, COMMAND)
    moved = committed.with_name("moved")
    committed.rename(moved)
    line = git(moved, "config", "--get", "hook.pipeline-state-post-checkout.command")
    assert run("sh", "-c", f'{line} "$@"', "hook", "a", "b", "1", cwd=moved) == (0, "")
    assert conditions(find_place(moved, CONFIGURATION)) == {"absent"}


def test_after_an_update_of_git_the_files_give_way_to_the_configuration(committed):
    old, new = find_place(committed, FILES), find_place(committed, CONFIGURATION)
    install(old, COMMAND)
    install(new, COMMAND)
    assert hooks_of(new) == []
    assert conditions(new) == {"installed"}


@pytest.mark.skipif(git_version() < CONFIGURATION, reason="needs Git 2.54")
def test_newer_git_runs_them(committed):
    install(find_place(committed), COMMAND)
    linked = committed.parent / "linked"
    assert run("git", "worktree", "add", "-q", "--detach", linked, cwd=committed) == (0, "")
    assert (linked / ".worktrees" / "pipeline_state.db").is_file()


def test_a_hook_that_was_there_is_called_with_all_it_had_and_comes_back(committed, place, git, tmp_path):
    seen = tmp_path / "seen"
    theirs = script(place.folder / "post-rewrite", f'echo "$@" >> {seen}', f"cat >> {seen}")
    before = theirs.read_bytes()
    install(place, COMMAND)
    git(committed, "commit", "-q", "--amend", "-m", "again")
    words, line = seen.read_text().splitlines()
    assert words == "amend"
    assert line.split()[1] == git(committed, "rev-parse", "HEAD")
    uninstall(place)
    assert theirs.read_bytes() == before
    assert hooks_of(place) == ["post-rewrite"]


def test_the_exit_code_of_a_hook_that_was_there_stays(committed, place):
    script(place.folder / "post-checkout", "exit 7")
    install(place, COMMAND)
    code, _ = run("git", "checkout", "-q", "-b", "other", cwd=committed)
    assert code == 7 or code == 1  # noqa: PLR1714 - Git passes it on, or says that it failed


def test_a_hook_that_calls_us_again_does_not_loop(committed, place):
    script(place.folder / "post-commit", f"{place.folder / 'post-commit'}")
    install(place, COMMAND)
    assert run("git", "commit", "-q", "--allow-empty", "-m", "two", cwd=committed) == (0, "")


def test_a_kept_hook_is_never_overwritten(committed, place):
    install(place, COMMAND)
    kept = script(place.folder / "post-commit.before-pipeline-state", "echo kept")
    script(place.folder / "post-commit", "echo newer")
    with pytest.raises(HooksError, match="in the way"):
        install(place, COMMAND)
    assert "echo kept" in kept.read_text()
    assert "echo newer" in (place.folder / "post-commit").read_text()
    assert committed.exists()


PRE_COMMIT = """\
repos:
  - repo: local
    hooks:
      - id: note
        name: note
        entry: sh -c 'echo noted >> .git/noted'
        language: system
        always_run: true
        pass_filenames: false
        stages: [post-checkout, post-commit]
"""


@pytest.fixture
def with_pre_commit(committed, git, tmp_path, monkeypatch):
    """Runs pre-commit in the repository, which has a configuration that notes each checkout."""
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    (committed / ".pre-commit-config.yaml").write_text(PRE_COMMIT)
    git(committed, "add", ".")
    git(committed, "commit", "-q", "-m", "configuration")

    def pre_commit(*words):
        code, output = run(sys.executable, "-m", "pre_commit", *words, cwd=committed)
        assert code == 0, output

    return pre_commit


@pytest.mark.parametrize("order", ["ours first", "theirs first", "ours, theirs, ours", "theirs, ours, theirs"])
def test_beside_pre_commit_both_run_in_either_order_of_installation(committed, place, with_pre_commit, order):
    for who in order.removesuffix(" first").split(", "):
        if who == "ours":
            install(place, COMMAND)
        else:
            with_pre_commit("install", "-t", "post-checkout", "-t", "post-commit")
    if order == "ours first":
        with_pre_commit("install", "-t", "post-checkout", "-t", "post-commit")
    if order == "theirs first":
        install(place, COMMAND)
    assert conditions(place) == {"installed"}
    linked = committed.parent / "linked"
    code, _ = run("git", "checkout", "-q", "-b", "other", cwd=committed)
    assert code == 0
    assert (committed / ".git" / "noted").exists()
    assert (committed / ".git" / TOKEN_FILE).exists()
    uninstall(place)
    assert conditions(place) == {"absent"}
    assert b"pre-commit" in (place.folder / "post-checkout").read_bytes()
    assert not list(place.folder.glob("*.legacy"))
    assert not linked.exists()


def test_what_pre_commit_displaced_stays_when_pre_commit_goes(place, with_pre_commit):
    install(place, COMMAND)
    with_pre_commit("install", "-t", "post-commit")
    with_pre_commit("uninstall", "-t", "post-commit")
    assert conditions(place) == {"installed"}


def test_a_branch_without_a_configuration_does_not_stop_ours(committed, place, with_pre_commit, git):
    """pre-commit's own script fails there, unless it is installed with --allow-missing-config."""
    with_pre_commit("install", "-t", "post-checkout", "--allow-missing-config")
    install(place, COMMAND)
    linked = committed.parent / "linked"
    code, _ = run("git", "worktree", "add", "-q", "--detach", linked, "HEAD~1", cwd=committed)
    assert code == 0
    assert (linked / ".worktrees" / "pipeline_state.db").is_file()
    assert git(committed, "status", "--porcelain") == ""


def test_a_hooks_path_elsewhere_is_written_to_only_by_force(committed, git, tmp_path):
    theirs = tmp_path / "everybody's hooks"
    theirs.mkdir()
    git(committed, "config", "core.hooksPath", theirs)
    place = find_place(committed, FILES)
    with pytest.raises(HooksError) as refused:
        install(place, COMMAND)
    assert list(theirs.iterdir()) == []
    assert conditions(place) == {"absent"}
    _, _, line = str(refused.value).partition("--force: ")
    for event in EVENTS:  # the line that it told us
        script(theirs / event, line)
    assert {hook.condition for hook in install(place, COMMAND)} == {"installed"}
    linked = committed.parent / "linked"
    assert run("git", "worktree", "add", "-q", "--detach", linked, cwd=committed) == (0, "")
    assert (linked / ".worktrees" / "pipeline_state.db").is_file()
    for path in theirs.iterdir():
        path.unlink()
    install(place, COMMAND, force=True)
    assert conditions(place) == {"installed"}
    uninstall(place)
    assert list(theirs.iterdir()) == []


def test_a_hooks_path_inside_of_git_is_as_good_as_the_default(committed, git):
    git(committed, "config", "core.hooksPath", ".git/other-hooks")
    place = find_place(committed, FILES)
    install(place, COMMAND)
    assert conditions(place) == {"installed"}
    assert not list((committed / ".git" / "hooks").glob("post-c*t"))


def test_hooks_that_git_is_led_past_are_shadowed(committed, place, git, tmp_path):
    install(place, COMMAND)
    git(committed, "config", "core.hooksPath", tmp_path)
    assert conditions(find_place(committed, FILES)) == {"shadowed"}


def test_a_deleted_environment_is_said_once_and_stops_nothing(committed, place, git, tmp_path, linked, used):
    used(linked)
    command = script(tmp_path / "environment" / "bin" / "pipeline-state", "exit 0")
    install(place, command)
    shutil.rmtree(tmp_path / "environment")
    assert conditions(place) == {"outdated"}
    told = [run("git", "commit", "-q", "--allow-empty", "-m", "x", cwd=committed) for _ in range(3)]
    assert [code for code, _ in told] == [0, 0, 0]
    assert str(command) in told[0][1]
    assert [text for _, text in told[1:]] == ["", ""]
    code, _ = run("git", "worktree", "add", "-q", "--detach", tmp_path / "new", cwd=committed)
    assert code == 0
    assert git(committed, "status", "--porcelain") == ""


def test_a_deleted_interpreter_is_said_once_too(committed, place, tmp_path, linked, used):
    used(linked)
    command = tmp_path / "pipeline-state"
    command.write_text(f"#!{tmp_path}/gone/bin/python\n")
    command.chmod(0o755)
    install(place, command)
    told = [run("git", "commit", "-q", "--allow-empty", "-m", "x", cwd=committed) for _ in range(2)]
    assert [(code, bool(text)) for code, text in told] == [(0, True), (0, False)]


def test_nothing_out_of_the_checked_out_tree_is_run(committed, place, tmp_path):
    install(place, COMMAND)
    for name in ("pipeline_state.py", "sqlite3.py", "argparse.py", "sitecustomize.py", "json.py"):
        (committed / name).write_text(f"open({str(tmp_path / 'executed')!r}, 'w')\n")
    for name in ("git", "pipeline-state", "python"):
        script(committed / name, f"touch {tmp_path / 'executed'}")
    assert run("git", "checkout", "-q", "-b", "other", cwd=committed) == (0, "")
    assert (committed / ".git" / TOKEN_FILE).exists()
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize("path", ["with space", "it's", "$HOME", "a;b", "ünï", "-x"])
def test_any_name_of_a_folder_will_do(tmp_path, git, path):
    root = tmp_path / path / "repository"
    root.parent.mkdir()
    git(tmp_path, "init", "-q", root)
    git(root, "commit", "-q", "--allow-empty", "-m", "one")
    command = script(tmp_path / path / "bin" / "pipeline-state", f'exec {COMMAND} "$@"')
    install(find_place(root, FILES), command)
    assert run("git", "worktree", "add", "-q", "--detach", tmp_path / path / "linked", cwd=root) == (0, "")
    assert (tmp_path / path / "linked" / ".worktrees" / "pipeline_state.db").is_file()
    assert conditions(find_place(root, FILES)) == {"installed"}


@pytest.mark.parametrize("trouble", ["a link out of the worktree", "a refused path", "a damaged database"])
def test_whatever_goes_wrong_the_checkout_succeeds(committed, place, git, tmp_path, trouble):
    install(place, COMMAND)
    variables = {}
    if trouble == "a refused path":
        variables = {"PIPELINE_DB_PATH": str(tmp_path)}
    elif trouble == "a damaged database":
        (tmp_path / "damaged").write_bytes(b"no database" * 100)
        variables = {"PIPELINE_DB_PATH": str(tmp_path / "damaged")}
    else:
        (committed / ".worktrees").symlink_to(tmp_path)
    code, output = run("git", "checkout", "-q", "-b", "other", cwd=committed, **variables)
    assert code == 0
    assert output.startswith("pipeline-state: ")
    assert git(committed, "branch", "--show-current") == "other"


def test_the_place_is_the_same_from_every_worktree(committed, linked):
    assert find_place(linked, FILES) == find_place(committed, FILES) == Place(
        committed / ".git", committed / ".git" / "hooks", FILES
    )  # fmt: skip
