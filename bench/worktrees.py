"""What worktrees cost: the sweep, the hooks, the line that a finished run leaves.

    python bench/worktrees.py [WORKTREES]

Makes a repository with that many linked worktrees (100 by default), all of them known. Medians, from outside: of whole
processes, and what they take beyond the start of the interpreter.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from pipeline_state.location import Location, locate
from pipeline_state.store import registry
from pipeline_state.worktrees.begin import begin
from pipeline_state.worktrees.git_hooks import console_script, find_place, install
from pipeline_state.worktrees.sweep import sweep

TIMES = 20


def median_ms(function: Callable[[], object], times: int = TIMES) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        function()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1000


def cpu_ms(function: Callable[[], object]) -> float:
    """The same, of the processor's time that its processes take: what others do meanwhile counts less."""
    taken = []
    for _ in range(TIMES):
        before = getrusage(RUSAGE_CHILDREN)
        function()
        after = getrusage(RUSAGE_CHILDREN)
        taken.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    return statistics.median(taken) * 1000


def run(*words: str | Path, cwd: Path) -> None:
    subprocess.run([str(word) for word in words], cwd=cwd, check=True, stdout=subprocess.DEVNULL)


def make(root: Path, number: int) -> Location:
    run("git", "init", "-q", str(root), cwd=root.parent)
    run("git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "one", cwd=root)
    summary = {"id": "0" * 16, "kind": "check", "status": "finished", "counts": {"files": 1}, "branch": "main" * 10}
    for each in range(number):
        path = root.parent / f"linked-{each}"
        run("git", "worktree", "add", "-q", "--detach", path, cwd=root)
        begun = begin(path)
        for _ in range(20):
            registry.record(begun.location, begun.token, summary)
    return locate(cwd=root)


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "repository")
        location = make(root, number)
        worktree = location.worktree
        assert worktree is not None
        command = console_script()
        install(find_place(root, (2, 39)), command)
        hook = root / ".git" / "hooks" / "post-commit"
        begin(root)
        assert sweep(worktree.common_dir).standing == number + 1
        called = "from pipeline_state.cli.hook_run import main; main()"  # as the hook does it
        start = (sys.executable, "-c", called, f"--git-dir={root}/.git", f"--common-dir={root}/.git")
        bare = median_ms(lambda: run(sys.executable, "-c", "pass", cwd=root))
        cpu = cpu_ms(lambda: run(*start, cwd=root)) - cpu_ms(lambda: run(sys.executable, "-c", "pass", cwd=root))
        swept = median_ms(lambda: run(*start, cwd=root))
        listed = median_ms(lambda: run(command, "worktree", "list", cwd=root), 5)
        rows = [
            ("the interpreter alone", bare),
            (f"what a hook starts, a sweep of {number} worktrees with nothing to set apart", swept),
            ("  beyond the interpreter", swept - bare),
            ("  the same in processor time", cpu),
            ("  the sweep itself, in a process that runs", median_ms(lambda: sweep(worktree.common_dir))),
            ("a hook that has nothing to do", median_ms(lambda: run(hook, cwd=root))),
            ("  of which `git rev-parse`", median_ms(lambda: run("git", "rev-parse", "--git-dir", cwd=root))),
            ("the line that a finished run leaves", median_ms(lambda: registry.record(location, "0" * 32), 1000)),
            (f"`worktree list` of {number}", listed),
        ]
    for name, value in rows:
        print(f"{name:<72} {value:8.2f} ms")


if __name__ == "__main__":
    sys.argv[0] = str(Path(sys.executable).with_name("pipeline-state"))
    main()
