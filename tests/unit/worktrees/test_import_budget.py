"""What runs in Git hooks is paid by every commit: it loads nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest

from pipeline_state.location import find_worktree

HEAVY = {"git", "identify", "pluggy", "pre_commit", "rich", "yaml", "importlib.metadata"}


def loaded_by(statement, cwd):
    program = f"import sys\n{statement}\nprint('\\n' + ' '.join(sorted(sys.modules)))\n"
    done = subprocess.run([sys.executable, "-I", "-c", program], cwd=cwd, check=True, capture_output=True, text=True)
    return set(done.stdout.splitlines()[-1].split())


def loaded(words, cwd):
    return loaded_by(f"from pipeline_state.cli.main import main; assert main({words!r}) == 0", cwd)


@pytest.mark.parametrize("new", [True, False])
def test_a_hook_loads_nothing_heavy(linked, used, new):
    if not new:
        used(linked)
    worktree = find_worktree(linked)
    known = [f"--git-dir={worktree.git_dir}", f"--common-dir={worktree.common_dir}"]
    modules = loaded(["hooks", "run", *known], linked)
    assert {name for name in modules for heavy in HEAVY if name == heavy or name.startswith(f"{heavy}.")} == set()
    if not new:
        assert not modules & {"sqlite3", "subprocess"}


def test_a_sweep_with_nothing_to_set_apart_loads_neither_typing_nor_json_nor_re(committed, linked, used):
    for worktree in (committed, linked):
        used(worktree)
    common = find_worktree(linked).common_dir
    run = f"from pipeline_state.cli.hook_run import run_hook; assert run_hook({str(common)!r}, {str(common)!r}) == 0"
    modules = loaded_by(run, linked)
    assert "pipeline_state.worktrees.sweep" in modules
    assert not modules & {"typing", "json", "re", "enum", "pathlib", "argparse", "pipeline_state.cli.main"}


def test_a_check_in_a_new_worktree_does_not_load_gitpython(committed, linked, used):
    used(committed)
    assert "git" not in loaded(["check"], linked)
