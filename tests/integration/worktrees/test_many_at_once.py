"""Worktrees that are made, used and removed by many at once: no error, no cross-talk, nothing left over.

PIPELINE_STATE_WORKTREES sets how many, 6 by default:

    PIPELINE_STATE_WORKTREES=50 pytest tests/integration/worktrees/test_many_at_once.py
"""

from __future__ import annotations

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="hooks are run by a POSIX shell here")

MANY = int(os.environ.get("PIPELINE_STATE_WORKTREES", "6"))
AT_ONCE = 10


def patiently(main, *words):
    """Run `git worktree`: it does not wait where two of it add, remove or prune at the same instant."""
    for attempt in range(1, 20):
        done = main.run("git", "worktree", *words, check=False)
        if done.returncode == 0:
            return
        time.sleep(0.05 * attempt)
    raise AssertionError(done.stderr)


def live(main, number):
    """The life of one worktree; returns its path and the runs that it recorded."""
    linked = type(main)(main.path.parent / f"linked-{number}")
    patiently(main, "add", "-q", "-B", f"b{number}", linked.path)
    (linked.path / f"own_{number}.py").write_text(f'"""Number {number}."""\n\nVALUE = {number}\n')
    linked.git("add", ".")
    summary = linked.state("check", "--all-files", check=False)
    assert "summary" in summary, summary
    assert summary["summary"]["errors"] == 0
    linked.pytest()
    assert linked.state("check", "--all-files")["summary"]["checked"] == 0
    runs = linked.state("runs", "list")
    assert [run["kind"] for run in runs] == ["check", "pytest", "check"]
    assert {run["branch"] for run in runs} == {linked.git("branch", "--show-current")}
    how = number % 3
    if how == 0:
        main.state("worktree", "remove", linked.path, "--force")
    elif how == 1:
        patiently(main, "remove", "--force", linked.path)
    else:
        patiently(main, "remove", "--force", linked.path)
        main.state("worktree", "sweep")
    return str(linked.path), {run["id"] for run in runs}


def test_many_worktrees_live_side_by_side(main, tmp_path):
    main.run(Path(sys.executable).with_name("pipeline-state"), "hooks", "install")
    main.check()
    before = main.git("status", "--porcelain", "--ignored"), (main.path / ".git" / "index").read_bytes(), main.runs()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        lives = list(pool.map(lambda number: live(main, number), range(MANY)))
    history = {one["path"]: {run["id"] for run in one["runs"]} for one in main.state("worktree", "history")}
    assert history == dict(lives)
    assert len(set().union(*history.values())) == 3 * MANY
    assert [one["path"] for one in main.state("worktree", "list")] == [str(main.path)]
    assert (main.git("status", "--porcelain", "--ignored"), main.runs()) == (before[0], before[2])
    assert [path.name for path in (main.path / ".git" / "pipeline-state" / "worktrees").iterdir()] == [
        f"{main.state('worktree', 'list')[0]['token']}.jsonl"
    ]
    assert not (main.path / ".git" / "worktrees").exists()
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "user") == ["project"]
