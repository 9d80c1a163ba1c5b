"""Changes that a commit hook is easily blind to, through the real pre-commit: each is noticed."""

from __future__ import annotations

import os
from textwrap import dedent

import pytest

pytestmark = pytest.mark.download


def test_an_ignored_nearer_configuration_is_noticed(repository):
    repository.add(".gitignore", "ruff.toml\n")
    repository.add("package/module.py", "import os\n\nHERE = os.curdir\n")
    assert repository.commit().code == 0
    assert repository.pre_commit("run", "--all-files").code == 0
    nearer = repository.write("package/ruff.toml", 'lint.select = ["D100"]\n')
    answer = repository.pre_commit("run", "--all-files")
    assert answer.code == 1
    assert "D100" in answer.output
    assert repository.git("status", "--porcelain") == ""
    nearer.unlink()
    assert repository.pre_commit("run", "--all-files").code == 0


def test_an_ignored_empty_folder_that_changes_import_sorting_is_noticed(repository):
    repository.add(".gitignore", "alpha/\n")
    source = """\
        import os

        import alpha
        import zeta

        NAMES = (os, alpha, zeta)
        """
    repository.add("module.py", dedent(source))
    assert repository.commit().code == 0
    assert repository.pre_commit("run", "--all-files").code == 0
    (repository.root / "alpha").mkdir()
    answer = repository.pre_commit("run", "--all-files")
    assert answer.code == 1
    assert "I001" in answer.output
    (repository.root / "alpha").rmdir()
    assert repository.pre_commit("run", "--all-files").code == 0


def test_an_edit_of_the_same_size_with_its_times_restored_is_noticed(repository):
    path = repository.write("module.py", "VALUE = 1\n")
    repository.git("add", "module.py")
    assert repository.commit().code == 0
    assert repository.pre_commit("run", "--all-files").code == 0
    before = path.stat()
    path.write_text("VALUE = (\n", encoding="utf-8", newline="\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    answer = repository.pre_commit("run", "--all-files")
    assert answer.code == 1
    assert "module.py:1" in answer.output


def test_a_touched_file_is_not_checked_again(repository):
    assert repository.pre_commit("run", "--all-files").code == 0
    os.utime(repository.root / "steady.py")
    assert repository.pre_commit("run", "--all-files").code == 0
    assert repository.recorded_summary()["checked"] == 0


def test_a_changed_configuration_is_noticed(repository):
    repository.add("module.py", "import os\n\nHERE = os.curdir\n")
    assert repository.commit().code == 0
    configuration = repository.root / "pyproject.toml"
    changed = configuration.read_text(encoding="utf-8").replace('["E", "F", "I"]', '["E", "F", "I", "D100"]')
    repository.add("pyproject.toml", changed)
    answer = repository.pre_commit("run", "--all-files")
    assert answer.code == 1
    assert "D100" in answer.output
