"""The environment guard: what Git and we left in the environment does not reach the tests."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from pipeline_state import open_state

COMMITS = """
import subprocess

def test_commits_in_a_folder_of_its_own(tmp_path):
    for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "from a test"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
"""


@pytest.mark.parametrize("linked", [True, False], ids=["linked worktree", "main worktree"])
def test_a_test_that_commits_cannot_reach_the_repository_whose_hook_runs_it(project, linked):
    project.write(test_commits=COMMITS)
    project.git("add", ".")
    project.git("commit", "-qm", "a test that commits")
    if linked:
        project.git("worktree", "add", "-q", str(project.root.parent / "linked"))
    hook = project.root / ".git" / "hooks" / "pre-commit"
    hook.write_text(f"#!/bin/sh\nexec '{sys.executable}' -m pytest -q --pipeline-state test_commits.py\n")
    hook.chmod(0o755)
    root = project.root.parent / "linked" if linked else project.root
    (root / "new.txt").write_text("new\n")
    subprocess.run(["git", "add", "."], cwd=root, check=True)
    done = subprocess.run(
        ["git", "commit", "-m", "mine"],
        cwd=root,
        env=project.environ,
        check=False,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    log = subprocess.run(["git", "log", "--format=%s"], cwd=root, check=True, capture_output=True, encoding="utf-8")
    assert log.stdout.split("\n")[:2] == ["mine", "a test that commits"]
    with open_state(root / ".worktrees" / "pipeline_state.db") as state:
        [run] = state.runs.list(all_worktrees=True)
    assert run.exit_code == 0
    status = subprocess.run(["git", "status", "--porcelain"], cwd=root, check=True, capture_output=True)
    assert status.stdout == b""


def test_what_the_guard_took_out_it_says_and_puts_back(project):
    project.variables |= {"GIT_DIR": str(project.root / ".git"), "GIT_INDEX_FILE": "nowhere", "GIT_CONFIG_COUNT": "0"}
    project.write(
        test_x="import os\n"
        "def test_1():\n"
        "    assert 'GIT_DIR' not in os.environ and 'GIT_INDEX_FILE' not in os.environ\n"
        "    assert os.environ['GIT_CONFIG_COUNT'] == '0'\n"
    )
    program = "import os, pytest\nassert pytest.main([]) == 0\nprint('after:', os.environ['GIT_INDEX_FILE'])\n"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=project.root,
        env=project.environ,
        check=False,
        capture_output=True,
        text=True,
    )
    assert "pipeline-state: kept from the tests: GIT_DIR, GIT_INDEX_FILE" in done.stdout
    assert "after: nowhere" in done.stdout


def test_conftest_files_are_guarded_too(project):
    project.variables["GIT_DIR"] = "nowhere"
    project.write(conftest="import os\nassert 'GIT_DIR' not in os.environ\n", test_x="def test_1(): pass\n")
    assert project.pytest().returncode == 0


def test_an_ini_option_turns_the_guard_off(project):
    project.variables["GIT_DIR"] = "nowhere"
    (project.root / "pytest.ini").write_text("[pytest]\npipeline_state_guard = false\n")
    project.write(test_x="import os\ndef test_1(): assert os.environ['GIT_DIR'] == 'nowhere'\n")
    done = project.pytest()
    assert done.returncode == 0
    assert "kept from the tests" not in done.stdout


@pytest.mark.parametrize("options", [(), ("-n2",)], ids=["plain", "xdist"])
def test_the_real_state_is_recorded_in_and_kept_from_the_tests(project, tmp_path, options):
    if options:
        pytest.importorskip("xdist")
    real = tmp_path / "real.db"
    project.variables["PIPELINE_DB_PATH"] = str(real)
    project.write(
        test_x="import os\nfrom pipeline_state import open_state\n"
        "def test_1(state_db):\n"
        "    assert 'PIPELINE_DB_PATH' not in os.environ\n"
        "    with open_state() as state:\n"
        "        state.runs.begin('check')\n"
        "    assert len(state_db.runs.list()) == 1\n"
    )
    assert project.record(*options).returncode == 0
    with open_state(real) as state:
        assert [run.kind for run in state.runs.list(all_worktrees=True)] == ["pytest"]


@pytest.mark.parametrize("fixture", ["state_db", "tmp_path"])
def test_a_test_that_opens_the_state_leaves_the_real_one_untouched(project, tmp_path, fixture):
    real = tmp_path / "real.db"
    with open_state(real) as state:
        state.runs.begin("check")
    before = (real.read_bytes(), real.stat().st_mtime_ns, sorted(path.name for path in tmp_path.iterdir()))
    project.variables["PIPELINE_DB_PATH"] = str(real)
    project.write(
        test_x="from pipeline_state import open_state\n"
        f"def test_1({fixture}):\n"
        "    with open_state() as state:\n"
        "        assert state.runs.list(all_worktrees=True) == ()\n"
        "        state.runs.begin('check')\n"
    )
    done = project.pytest()
    assert done.returncode == 0, done.stdout
    assert (real.read_bytes(), real.stat().st_mtime_ns, sorted(path.name for path in tmp_path.iterdir())) == before


def test_inside_a_nested_run_nothing_is_left_to_guard(pytester, monkeypatch):
    monkeypatch.setenv("GIT_DIR", "nowhere")
    pytester.makepyfile("import os\ndef test_1(): assert 'GIT_DIR' not in os.environ\n")
    pytester.runpytest_inprocess().assert_outcomes(passed=1)
    assert os.environ["GIT_DIR"] == "nowhere"


def test_a_worktree_below_the_root_is_not_collected(project):
    project.write(test_x="def test_1(): pass\n")
    project.git("add", ".")
    project.git("commit", "-qm", "tests")
    project.git("worktree", "add", "-q", "trees/other", "-b", "other")
    assert "1 passed" in project.pytest("--import-mode=importlib").stdout
    assert "1 passed" in project.pytest("--import-mode=importlib", "trees/other/test_x.py").stdout
    assert "1 passed" in project.pytest("--import-mode=importlib", "--rootdir=.", "trees/other").stdout
    off = project.pytest("--import-mode=importlib", "-o", "pipeline_state_guard=false")
    assert "2 passed" in off.stdout


def test_a_submodule_below_the_root_is_collected(project):
    project.write(test_x="def test_1(): pass\n")
    (project.root / "part").mkdir()
    (project.root / "part" / ".git").write_text("gitdir: ../.git/modules/part\n")
    (project.root / "part" / "test_part.py").write_text("def test_1(): pass\n")
    assert "2 passed" in project.pytest().stdout
