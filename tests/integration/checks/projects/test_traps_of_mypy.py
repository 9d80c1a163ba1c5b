"""What one file means depends on others: on those that it imports, those beside it, and what is installed."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace

import pytest

USER = "package/user.py"
BASE = "package/base.py"
TEXT = 'def size() -> str:\n    return "1"\n'


def test_a_changed_base_is_noticed_where_it_is_used(typed, rules):
    assert typed.settle().code == 0
    typed.write("README.md", "Read me again.\n")
    answer = typed.check()
    assert (answer.recalled, answer.checked) == (False, 0)
    typed.write(BASE, TEXT)
    answer = typed.agreed()
    assert (answer.checked, rules(answer, USER)) == (3, ["assignment"])
    assert typed.check().checked == 0
    chosen = typed.check("package/base.py")
    assert (chosen.code, chosen.said, chosen.checked) == (0, [], 0)
    (typed.root.parents[1] / "__init__.py").write_text("")
    assert typed.check().checked == 3, "modules have longer names in a package"


def test_explicit_files_are_judged_with_the_whole_project_and_told_alone(typed, rules):
    typed.write(BASE, TEXT)
    typed.write("package/other.py", 'WRONG: int = "text"\n')
    answer = typed.check(USER)
    assert (rules(answer, USER), answer.checked) == (["assignment"], 1)
    assert {path for _, _, path in answer.said} == {USER}


def test_an_edit_of_the_same_size_in_the_same_second_is_seen_through_the_cache_of_mypy(typed, rules):
    typed.write(BASE, "def size() -> int: return 1\n")
    typed.write(USER, "from package.base import size\n\nSIZE: int = size()\nTEXT: str = 'x'\n")
    assert typed.check().code == 0
    assert (typed.root / ".worktrees/cache/mypy.ledger.json").is_file()
    typed.write_unseen(USER, "from package.base import size\n\nSIZE: str = size()\nTEXT: str = 'x'\n")
    assert rules(typed.check(), USER) == ["assignment"]


def test_a_module_that_vanished_and_came_back_as_another_one_is_seen(typed, rules):
    assert typed.check().code == 0
    before = (typed.root / BASE).stat()
    content = (typed.root / BASE).read_text()
    (typed.root / BASE).unlink()
    assert rules(typed.check(), USER) == ["import-not-found"]
    typed.write(BASE, content)
    os.utime(typed.root / BASE, ns=(before.st_atime_ns, before.st_mtime_ns))
    typed.write_unseen(BASE, content.replace("int", "str"))
    assert rules(typed.check(), USER) == ["assignment"]


def test_an_ignored_module_and_an_installed_stub_that_appear_are_noticed(typed, environment, rules):
    typed.write(".gitignore", "made/\n")
    typed.write(USER, "import made.module\nimport elsewhere\n")
    typed.commit()
    answer = typed.settle()
    assert set(rules(answer, USER)) == {"import-not-found"}
    typed.write("made/__init__.py", "")
    typed.write("made/module.py", "HERE = 1\n")
    assert rules(typed.check(), USER) == ["import-not-found"]
    (environment.packages / "elsewhere-stubs").mkdir()
    (environment.packages / "elsewhere-stubs/__init__.pyi").write_text("HERE: int\n")
    assert typed.check().code == 0
    assert typed.rest()
    typed.write("made/module.py", "(\n")
    assert typed.check().code == 3, "mypy stops at a file that Git ignores"


def test_a_configuration_that_comes_first_a_plugin_and_what_mypy_leaves_out(typed, configure, rules):
    typed.write("pyproject.toml", '[tool.mypy]\nexclude = ["user"]\n')
    typed.write(USER, "from package.base import size\n\nSIZE: str = size()\n")
    answer = typed.check()
    assert (answer.code, answer.outcomes["mypy"]) == (0, "clean")
    typed.write("mypy.ini", "[mypy]\n")
    assert rules(typed.check(), USER) == ["assignment"]
    typed.write("mypy.ini", "[mypy]\nplugins = plug.py\n")
    typed.write(
        "plug.py", "from mypy.plugin import Plugin\n\n\ndef plugin(version: str) -> type[Plugin]:\n    return Plugin\n"
    )
    assert [typed.check().checked for _ in range(2)] == [4, 4], "what a plugin looks at is not known"
    typed.write("pipeline-state.toml", configure("mypy", more='inputs = ["plug.py", "models/*.json"]'))
    assert [typed.check().checked for _ in range(2)] == [4, 0], "it is declared"
    typed.write("models/one.json", "{}\n")
    assert typed.check().checked == 4


def test_a_syntax_error_stops_mypy_and_costs_no_other_detector_its_results(typed, configure):
    typed.write("pipeline-state.toml", configure("mypy", before="python-syntax"))
    typed.write("package/broken.py", "(\n")
    for _ in range(2):
        answer = typed.check()
        assert (answer.code, answer.outcomes) == (3, {"mypy": "error", "python-syntax": "findings"})
        assert ("mypy", "syntax", "package/broken.py") in answer.said
        assert ("python-syntax", "syntax-error", "package/broken.py") in answer.said
        assert ["package/broken.py:" in error for error in answer.errors] == [True], "it is told once"


def test_a_cache_that_is_gone_garbled_or_closed_changes_no_result(typed, rules):
    cache = typed.root / ".worktrees/cache"
    assert typed.check().code == 0
    typed.write(BASE, TEXT)
    shutil.rmtree(cache / "mypy")
    assert rules(typed.check(), USER) == ["assignment"]
    typed.write(BASE, "def size() -> int:\n    return 2\n")
    for file in cache.glob("mypy/*/*.db"):
        file.write_bytes(b"garbage" * 999)
    assert typed.check().code == 0
    typed.write(BASE, TEXT)
    shutil.rmtree(cache)
    cache.write_text("no folder\n")
    assert rules(typed.check(), USER) == ["assignment"]


def test_worktrees_have_a_cache_each(typed, rules):
    assert typed.check().code == 0
    ledger = typed.root / ".worktrees/cache/mypy.ledger.json"
    before = ledger.read_bytes()
    typed.git("worktree", "add", "--quiet", "../other")
    other = replace(typed, root=typed.root.parent / "other")
    other.write(BASE, TEXT)
    assert rules(other.check(), USER) == ["assignment"]
    assert (other.root / ".worktrees/cache/mypy.ledger.json").is_file()
    assert ledger.read_bytes() == before
    assert json.loads(before)["files"]


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("", "does not say what it judges"),
        ("raise SystemExit(7)", "exit code 7"),
        ("import os; os.abort()", "SIGABRT"),
        ("print('garbage')", "not a message of mypy"),
        ("HALF", "did not come to its end"),
    ],
)
def test_a_mypy_that_fails_is_never_clean(typed, environment, program, why):
    log = "LOG:  Found source:           BuildSource(path='package/base.py', module='package.base')"
    environment.script("mypy", program.replace("HALF", f"import sys; print({log!r}, file=sys.stderr)"))
    answer = typed.check()
    assert (answer.code, answer.outcomes["mypy"], answer.said) == (3, "error", [])
    assert any(why in error for error in answer.errors), answer.errors
