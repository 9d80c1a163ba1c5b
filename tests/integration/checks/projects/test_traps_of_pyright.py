"""What pyright says of a file depends on others; which files it judges, it does not say."""

from __future__ import annotations

import pytest

BASE, USER = "package/base.py", "package/user.py"

pytestmark = pytest.mark.download


@pytest.fixture
def typed(empty_project, node_modules):
    """A class and one that is derived from it, and an ignored folder of modules of npm."""
    project = empty_project
    (project.root / "node_modules").symlink_to(node_modules)
    project.write(".gitignore", "node_modules\n")
    project.write("pipeline-state.toml", 'detectors = ["pyright"]\n')
    project.write("package/__init__.py", "")
    project.write(BASE, "class Base:\n    def size(self) -> int:\n        return 1\n")
    project.write(USER, "from package.base import Base\n\nSIZE: int = Base().size()\n")
    project.write("old/script.py", "import nowhere\n")
    project.write("pyrightconfig.json", '{"exclude": ["old"], "ignore": ["package/__init__.py"]} // so it is\n')
    project.commit()
    return project


def test_a_changed_base_is_noticed_and_what_pyright_leaves_out_is_excluded(typed, rules):
    answer = typed.check()
    assert (answer.code, answer.said) == (0, [])
    typed.write(BASE, "class Base:\n    def size(self) -> str:\n        return '1'\n")
    answer = typed.check(USER)
    assert (rules(answer, USER), answer.checked) == (["reportAssignmentType"], 1)
    typed.write("pyrightconfig.json", "{}\n")
    answer = typed.check()
    assert rules(answer, "old/script.py") == ["reportMissingImports"]
