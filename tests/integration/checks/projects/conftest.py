"""A project with an environment of its own, in which nothing is installed but the tools: what is there is read, too."""

from __future__ import annotations

import os
import re
import sys
import sysconfig
from importlib import metadata
from pathlib import Path

import pytest

CALL = "import sys\nfrom {module} import {function}\nsys.exit({function}())\n"


class Environment:
    """A virtual environment made of links to what is installed beside this interpreter."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.folder = folder
        self.scripts = folder / "bin"
        self.packages = folder / f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
        self.scripts.mkdir(parents=True)
        self.packages.mkdir(parents=True)
        self.python = self.scripts / "python"
        self.python.symlink_to(os.path.realpath(sys.executable))
        home = os.path.dirname(os.path.realpath(sys.executable))
        (folder / "pyvenv.cfg").write_text(f"home = {home}\ninclude-system-site-packages = false\n")
        waiting, counted = list(names), set()
        while waiting:
            name = re.split(r"[ ;<>=!~\[(]", waiting.pop())[0]
            if name not in counted and self._link(name):
                counted.add(name)
                waiting += metadata.requires(name) or []

    def script(self, name: str, program: str) -> Path:
        """Write a console script."""
        path = self.scripts / name
        path.write_text(f"#!{self.python}\n{program}", encoding="utf-8")
        path.chmod(0o755)
        return path

    def _link(self, name: str) -> bool:
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:  # for another version, another platform, or an extra
            return False
        for top in {file.parts[0] for file in found.files or () if file.parts[0] not in ("..", "__pycache__")}:
            link = self.packages / top
            if not link.is_symlink():
                link.symlink_to(Path(sysconfig.get_path("purelib"), top))
        for entry in found.entry_points:
            if entry.group == "console_scripts":
                self.script(entry.name, CALL.format(module=entry.module, function=entry.attr))
        return True


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return Environment(tmp_path / "environment", "mypy", "pylint")


@pytest.fixture
def typed(empty_project, environment):
    """A package of two modules, of which one calls the other, judged by mypy."""
    project = empty_project
    project.write("pipeline-state.toml", settings(environment, "mypy"))
    project.write("package/__init__.py", "")
    project.write("package/base.py", "def size() -> int:\n    return 1\n")
    project.write("package/user.py", "from package.base import size\n\nSIZE: int = size()\n")
    project.write("README.md", "Read me.\n")
    project.commit()
    return project


def settings(environment, *tools, more="", before=""):
    """Return a configuration with these tools; `more` goes into the table of the last of them."""
    names = ", ".join(f'"{name}"' for name in (*tools, *before.split()))
    tables = "".join(f'[detector.{name}]\npath = "{(environment.scripts / name).as_posix()}"\n' for name in tools)
    return f"detectors = [{names}]\n{tables}{more}\n"


@pytest.fixture
def configure(environment):
    """Returns the text of a configuration, see `settings`."""
    return lambda *tools, **more: settings(environment, *tools, **more)


def rules(answer, path):
    """Return the rules that any tool of the project found broken in a file."""
    return sorted(rule for _, rule, where in answer.said if where == path)


@pytest.fixture(name="rules")
def _rules():
    return rules
