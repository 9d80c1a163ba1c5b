"""For any sequence of edits: what a check says with all that is stored equals what it says without.

The edits are drawn from a seed. PIPELINE_STATE_ROUNDS sets how many there are, PIPELINE_STATE_SEED which. For thousands
of them, over real source trees: bench/soundness.py.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.append(os.path.dirname(__file__))

from random_configurations import RULES
from random_edits import Editor

ROUNDS = int(os.environ.get("PIPELINE_STATE_ROUNDS", "8"))
SEED = int(os.environ.get("PIPELINE_STATE_SEED", "7"))

QUICK = ("built-in", "ruff", "ruff-format")
ALL = (*QUICK, "flake8", "black", "isort", "codespell", "yamllint", "bandit", "shellcheck")


@pytest.fixture
def tree(empty_project):
    """A dozen real files and some more, tracked."""
    site = Path(pytest.__file__).parents[1]
    for package in ("pluggy", "identify", "iniconfig"):
        for path in sorted((site / package).rglob("*.py")):
            name = path.relative_to(site).as_posix()
            empty_project.write(name if path.stem != "extensions" else f"lib/{path.name}", path.read_bytes())
    empty_project.write("ruff.toml", RULES)
    empty_project.write("shared.toml", "line-length = 90\n")
    empty_project.write("data.json", "{}\n")
    empty_project.write("data.yaml", "a: [1,2]\n")
    empty_project.write("lib/script.sh", "#!/bin/sh\necho $1\n")
    empty_project.write(".gitignore", "ignored/\n/attr*\n/yaml*\n")
    empty_project.commit()
    empty_project.git("commit", "-q", "--allow-empty", "-m", "more")
    return empty_project


@pytest.mark.timeout(300 + 30 * ROUNDS)
@pytest.mark.parametrize(("detectors", "rounds"), [(QUICK, ROUNDS), (ALL, ROUNDS // 8)], ids=["quick", "all"])
def test_what_is_stored_never_changes_what_is_said(tree, detectors, rounds):
    editor = Editor(tree, SEED, detectors)
    shortcuts = reused = 0
    for number in range(rounds):
        if number % 3 == 0:
            shortcuts += tree.rest()
        editor.edit()
        warm = tree.check()
        cold = tree.check("--no-cache")
        assert warm.errors == cold.errors, f"seed {SEED}, round {number}: {editor.done[-3:]}"
        assert warm.judgement == cold.judgement, f"seed {SEED}, round {number}: {editor.done[-3:]}"
        reused += warm.report["summary"]["reused"]
    assert reused, "the sequence proves something only if something was reused"
    print(f"{len(editor.done)} edits, the shortcut open {shortcuts} times, {reused} verdicts reused")  # noqa: T201
