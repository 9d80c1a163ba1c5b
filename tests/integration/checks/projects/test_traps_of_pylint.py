"""What pylint says of a file depends on every other one; what it takes for configuration lies in many places."""

from __future__ import annotations

import pytest

BASE, USER = "package/base.py", "package/user.py"
ONLY = "[MAIN]\ndisable=all\nenable=arguments-differ,syntax-error,unused-import\n"


@pytest.fixture
def linted(empty_project, configure):
    """A class and one that is derived from it, in another module."""
    project = empty_project
    project.write("pipeline-state.toml", configure("pylint"))
    project.write(".pylintrc", ONLY)
    project.write("package/__init__.py", "")
    project.write(BASE, "class Base:\n    def size(self, of):\n        return of\n")
    project.write(
        USER, "from package.base import Base\n\n\nclass User(Base):\n    def size(self, of):\n        return of\n"
    )
    project.write("package/legacy/__init__.py", "")
    project.write("package/legacy/old.py", "import os\n")
    project.commit()
    return project


def test_a_changed_base_class_is_noticed_and_what_pylint_ignores_is_excluded(linted, rules):
    linted.write(".pylintrc", ONLY + "ignore=legacy\n")
    answer = linted.check()
    assert (answer.code, answer.said) == (0, [])
    linted.write(BASE, "class Base:\n    def size(self):\n        return 1\n")
    answer = linted.check(USER)
    assert (rules(answer, USER), answer.checked) == (["W0221"], 1)
    linted.write(".pylintrc", ONLY)
    assert rules(linted.check(), "package/legacy/old.py") == ["W0611"]


def test_a_nearer_configuration_and_the_user_s_own_are_noticed(linted, rules):
    (linted.root / ".pylintrc").unlink()
    (linted.home / ".pylintrc").write_text(ONLY)
    assert linted.check().said == [("pylint", "W0611", "package/legacy/old.py")]
    (linted.home / ".pylintrc").write_text(ONLY.replace(",unused-import", ""))
    assert linted.check().code == 0
    linted.write("tox.ini", "[pylint]\ndisable=all\nenable=missing-module-docstring\n")
    assert set(rules(linted.check(), BASE)) == {"C0114"}


def test_code_in_the_configuration_is_judged_every_time_but_for_pylint_s_own_plugins(linted):
    linted.write(".pylintrc", ONLY + "load-plugins=pylint.extensions.docparams\n")
    assert [linted.check().checked for _ in range(2)] == [5, 0]
    linted.write(".pylintrc", ONLY + "init-hook=import sys\n")
    assert [linted.check().checked for _ in range(2)] == [5, 5]


def test_a_file_that_does_not_parse_costs_no_other_file_its_verdict(linted, rules):
    linted.write("script.py", "(\n")
    answer = linted.check()
    assert (answer.code, rules(answer, "script.py"), answer.outcomes) == (1, ["E0001"], {"pylint": "findings"})


def test_a_plugin_that_is_missing_is_no_clean_project(linted):
    linted.write(".pylintrc", ONLY + "load-plugins=nowhere\n")
    answer = linted.check()
    assert (answer.code, answer.outcomes["pylint"]) == (3, "error")
    assert any("nowhere" in error for error in answer.errors)
