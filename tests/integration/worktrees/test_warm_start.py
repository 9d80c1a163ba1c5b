"""A new worktree of a commit that was checked has nothing to check, and what it took over is true."""

from __future__ import annotations

CONFIGURATION = """\
[tool.pipeline-state]
detectors = ["built-in", "ruff", "ruff-format", "flake8", "codespell", "yamllint", "mypy"]
"""
MODULE = "import os\n\n\ndef add(one: int) -> str:\n    return one \n"


def test_the_first_check_of_a_checked_commit_judges_nothing_and_verifies(main, add):
    (main.path / "package").mkdir()
    for name, content in {
        "pyproject.toml": CONFIGURATION,
        "package/__init__.py": "",
        "package/module.py": MODULE,
        "use.py": "from package import module\n\nprint(module.add(1))\n",
        "data.yaml": "---\none: 1\n",
    }.items():
        (main.path / name).write_text(content)
    main.git("add", ".")
    main.git("commit", "-q", "-m", "two")
    there = main.state("check", "--all-files", check=False)
    assert {one["detector"] for one in there["findings"]} >= {"ruff", "flake8", "mypy", "trailing-whitespace"}
    new = add()
    here = new.state("check", "--all-files", check=False)
    assert (here["summary"]["checked"], here["errors"]) == (0, [])
    assert here["findings"] == there["findings"]
    verified = new.state("check", "--all-files", "--verify", "100", check=False)
    pairs = there["summary"]["checked"]
    assert verified["verification"] == {"percent": 100, "reusable": pairs, "verified": pairs, "differences": 0}
    assert (verified["findings"], verified["errors"]) == (there["findings"], [])
