"""A tool's own cache starts empty whenever it could be believed wrongly."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass

import pytest

from pipeline_state.checks.tool_cache import ToolCache
from pipeline_state.store.stat_cache import Content, Stamp

SECOND = 1_000_000_000


def content(digest, size=1, second=5, part=0):
    return Content(Stamp(1, size, second * SECOND + part, 1, 0o100644), digest * 16)


@dataclass
class Worktree:
    root: object

    def run(self, identity=b"tool", *, believable=True, write=None, **seen):
        """Run a tool once; return what was in its cache when it began. It leaves a file there for each run."""
        files = {f"{name}.py": held for name, held in seen.items()} or {"a.py": content(b"1")}
        cache = ToolCache(self.root, "tool", identity, files)
        folder = cache.open()
        if folder is None:
            return None
        found = sorted(os.listdir(folder))
        with open(os.path.join(folder, f"run {len(found)}"), "w") as file:
            file.write(write or "x")
        cache.close(believable=believable)
        return len(found)


@pytest.fixture
def worktree(tmp_path):
    return Worktree(tmp_path)


def test_a_cache_is_kept_from_run_to_run(worktree):
    assert [worktree.run() for _ in range(3)] == [0, 1, 2]
    assert (worktree.root / ".worktrees/.gitignore").is_file()


def test_it_starts_empty_when_two_states_of_a_file_look_the_same(worktree):
    assert worktree.run(a=content(b"1")) == 0
    assert worktree.run(a=content(b"2", size=2)) == 1
    assert worktree.run(a=content(b"3", second=6)) == 2
    assert worktree.run(a=content(b"2", size=2, part=7)) == 3, "the same again"
    assert worktree.run(a=content(b"9", part=7)) == 0, "the size and the second of the first state"


def test_a_state_counts_after_the_file_was_gone(worktree):
    assert worktree.run(a=content(b"1"), b=content(b"1")) == 0
    assert worktree.run(b=content(b"1")) == 1
    assert worktree.run(a=content(b"2"), b=content(b"1")) == 0


@pytest.mark.parametrize("believable", [True, False])
def test_it_starts_empty_after_a_run_that_did_not_end_well(worktree, believable):
    worktree.run()
    assert worktree.run(believable=believable) == 1
    assert worktree.run() == (2 if believable else 0)


def test_it_starts_empty_after_a_run_that_never_ended(worktree):
    worktree.run()
    cache = ToolCache(worktree.root, "tool", b"tool", {})
    cache.open()
    os.close(cache._lock)  # as when it is killed
    assert worktree.run() == 0


def test_it_starts_empty_for_another_tool(worktree):
    assert [worktree.run(b"old"), worktree.run(b"new"), worktree.run(b"new")] == [0, 0, 1]


@pytest.mark.parametrize(
    "hurt",
    [
        lambda place: (place / "tool/run 0").write_text("y"),
        lambda place: (place / "tool/run 0").unlink(),
        lambda place: (place / "tool/more").write_text(""),
        lambda place: (place / "tool.ledger.json").write_text("{"),
        lambda place: (place / "tool.ledger.json").write_text('{"format": 1, "identity": "746f6f6c"}'),
        lambda place: (place / "tool.ledger.json").unlink(),
    ],
    ids=["written", "gone", "more", "half a ledger", "another ledger", "no ledger"],
)
def test_it_starts_empty_after_anybody_else_laid_hands_on_it(worktree, hurt):
    worktree.run()
    worktree.run()
    hurt(worktree.root / ".worktrees/cache")
    assert worktree.run() == 0


def test_nobody_uses_it_twice_at_once(worktree):
    cache = ToolCache(worktree.root, "tool", b"tool", {})
    cache.open()
    program = (
        "import sys; from pathlib import Path; from pipeline_state.checks.tool_cache import ToolCache;"
        "cache = ToolCache(Path(sys.argv[1]), 'tool', b'tool', {}); print(cache.open())"
    )
    done = subprocess.run([sys.executable, "-c", program, worktree.root], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "None"
    cache.close(believable=True)
    assert worktree.run() == 0


def test_a_cache_that_leads_elsewhere_is_not_used(worktree, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (worktree.root / ".worktrees").mkdir()
    (worktree.root / ".worktrees/cache").symlink_to(elsewhere)
    assert worktree.run() is None
    assert not os.listdir(elsewhere)


def test_without_a_place_for_it_the_tool_goes_without(worktree):
    (worktree.root / ".worktrees").write_text("a file")
    assert worktree.run() is None
