"""The tools' own exclusions hold: `check --all-files` finds what each tool finds over the folder, on real projects.

The projects are taken from PyPI, and some from npm. Most leave out files by their own configuration, or by what they
give to the tool; some get one here, in the ways of each tool. PIPELINE_STATE_PROJECTS=all takes those, too, that take
longer.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline_state.checks.registry import shipped_detectors

sys.path += [str(Path(__file__).parents[3] / "bench"), os.path.dirname(__file__)]

from corpus import download, unpack
from own_runs import NPM, OWN, SCRIPTS, difference
from real_projects import ADDED, QUICK, REQUIRED, SINCE, SLOW, arguments

pytestmark = pytest.mark.download

ALL = os.environ.get("PIPELINE_STATE_PROJECTS") == "all"
PROJECTS = {**QUICK, **(SLOW if ALL else {})}

CONFIGURED = ("itsdangerous==2.2.*", "blinker==1.9.*") if ALL else ("itsdangerous==2.2.*",)

CONFIGURATION = {
    "ruff.toml": 'extend-exclude = ["tests/test_b*", "docs"]\n[lint]\nselect = ["E", "F", "W", "I"]\n'
    'exclude = ["examples"]\n[format]\nexclude = ["tests/rules"]\n',
    ".flake8": "[flake8]\nexclude = docs,./tests/test_c*,examples/*\n",
    ".isort.cfg": "[settings]\nskip = docs\nskip_glob = tests/test_b*,*/rules/*\n",
    ".codespellrc": "[codespell]\nskip = ./docs,*.txt,./tests/test_*\n",
    ".yamllint": "---\nextends: default\nignore: [.github, docs]\n",
    ".gitleaks.toml": '[extend]\nuseDefault = true\n[allowlist]\npaths = ["docs/", "tests/rules/.*[.]py"]\n',
    ".bandit": "[bandit]\nexclude = ./docs,./examples,./tests/rules\n",
    "pyproject.toml": '[project]\nname = "x"\nversion = "1"\n[tool.black]\nextend-exclude = "docs|test_b.*"\n'
    '[tool.mypy]\nexclude = ["docs", "examples", "tests/test_b.*"]\nignore_missing_imports = true\n',
}
WRITTEN = ("bandit", "black", "codespell", "mypy")
WRITTEN += ("ruff", "ruff-format", "flake8", "isort", "yamllint", "gitleaks") if ALL else ()
"""In the short form those of which all real projects take long, and bandit, which reads no file in its own."""
SECRET = "AKIA" + "IMN7LDVQPH5ZQ2XY"  # in two parts: no scanner shall take this file for one that has a key in it


def packed(requirement, folder):
    """Download a package of npm's as it is published."""
    folder.mkdir(parents=True)
    npm = shutil.which("npm") or pytest.fail("npm is not installed")
    command = [npm, "pack", "--silent", requirement.removeprefix("npm:")]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    (archive,) = folder.iterdir()
    return archive


@pytest.fixture(scope="session")
def unpacked(request, tmp_path_factory):
    """Returns the folder of a source distribution, downloaded once, and kept from one session to the next."""
    from filelock import FileLock  # pre-commit brings it

    cache = getattr(request.config, "cache", None)
    place = cache.mkdir("sources") if cache is not None else Path(tmp_path_factory.getbasetemp().parent, "sources")
    place.mkdir(exist_ok=True)

    def unpacked(requirement):
        folder = place / re.sub(r"[^\w.-]", "_", requirement)
        with FileLock(f"{folder}.lock"):
            if not folder.is_dir():
                new = folder.with_name(f"{folder.name}.new")
                shutil.rmtree(new, ignore_errors=True)
                fetch = packed if requirement.startswith("npm:") else download
                unpack(fetch(requirement, new / "download"), new / "unpacked")
                new.rename(folder)
        (found,) = (folder / "unpacked").iterdir()
        return found

    return unpacked


@pytest.fixture(scope="module", params=CONFIGURED, ids=lambda requirement: requirement.partition("=")[0])
def source(request, unpacked):
    return unpacked(request.param)


@pytest.fixture
def configured(source, empty_project):
    for path in source.rglob("*"):
        if path.is_file() and not path.is_symlink():
            empty_project.write(path.relative_to(source).as_posix(), path.read_bytes())
    for name in ("setup.cfg", "tox.ini", ".gitignore", ".pre-commit-config.yaml"):
        (empty_project.root / name).unlink(missing_ok=True)
    for name, content in CONFIGURATION.items():
        empty_project.write(name, content)
    empty_project.write("tests/test_blend.py", "import sys, os\nx = {  'a':1 }\nassert eval('teh')\n")
    empty_project.write("tests/test_cross.py", "import sys, os\nx = {  'a':1 }\n")
    empty_project.write("docs/excluded.yaml", "a: [1,2]\n")
    empty_project.write("tests/found.yaml", "a: [1,2]\n")
    empty_project.write("tests/rules/deep.py", "import sys, os\nx = {  'a':1 }\nassert eval('teh')\n")
    for name in ("docs/excluded.txt", "tests/rules/excluded.py", "tests/found.txt"):
        empty_project.write(name, f'aws = "{SECRET}"\n')
    empty_project.commit()
    return empty_project


def test_a_check_of_all_files_finds_what_each_tool_finds_over_the_folder(configured):
    configured.write("pipeline-state.toml", f"detectors = {list(WRITTEN)}\n")
    configured.git("add", "--all")
    answer = configured.check("--all-files")
    assert answer.errors == []
    excluded = {one["id"] for one in answer.report["detectors"] if one["outcome"] == "excluded"}
    assert not excluded, "a tool that judges nothing shows nothing"
    for detector in WRITTEN:
        ours, own, said = difference(configured, answer, detector)
        assert (detector, ours, own) == (detector, [], []), said


@pytest.fixture
def programs(request, missing):
    """Returns the folder that a tool is in. What npm has to install is installed where Node finds it."""

    def programs(requirement, detector, place):
        if detector not in NPM:
            command, _ = OWN[detector]
            found = shutil.which(command[0], path=os.pathsep.join((os.fspath(SCRIPTS), os.environ["PATH"])))
            return Path(found).parent if found else missing(shipped_detectors()[detector])
        if os.name == "nt":
            pytest.skip("links need a privilege there")
        if requirement in REQUIRED:
            modules = request.getfixturevalue("installed_by_npm")(REQUIRED[requirement])
        else:
            modules = request.getfixturevalue("node_modules")
        (place / "node_modules").symlink_to(modules)
        return modules / ".bin"

    return programs


def declared(detectors, given, programs):
    """The configuration in which each detector runs the same program with the same arguments as its user."""
    yield f"detectors = {json.dumps(detectors)}"
    for detector in detectors:
        yield f"[detector.{detector}]\nargs = {json.dumps(given[detector])}"
        if detector in NPM:
            yield f"path = {json.dumps(os.fspath(programs[detector] / detector))}"


@pytest.mark.parametrize(
    ("requirement", "left_out"),
    [
        pytest.param(
            one, left_out, id=re.split("[=@]", one)[0], marks=[pytest.mark.timeout(900)] if one in SLOW else []
        )
        for one, left_out in PROJECTS.items()
    ],
)
def test_a_check_of_a_real_project_finds_what_each_tool_finds_by_the_projects_own_configuration(
    requirement, left_out, empty_project, unpacked, programs
):
    project = empty_project
    left_out = {detector: place for detector, place in left_out.items() if SINCE.get(detector, ()) <= sys.version_info}
    if not left_out:
        pytest.skip("on this Python, the tool leaves out nothing")
    shutil.copytree(unpacked(requirement), project.root, symlinks=os.name != "nt", dirs_exist_ok=True)
    for name, content in ADDED.get(requirement, {}).items():
        project.write(name, content)
    given = {detector: arguments(requirement, detector) for detector in left_out}
    found_in = {detector: programs(requirement, detector, project.root.parent) for detector in left_out}
    project.write("pipeline-state.toml", "\n".join(declared(list(left_out), given, found_in)) + "\n")
    project.commit()
    project.git("clean", "-d", "--force", "-X", "--quiet")  # what nobody would have after a clone
    answer = project.check("--all-files")
    assert answer.errors == []
    for detector, place in left_out.items():
        assert (project.root / place).exists(), "the configuration leaves out nothing any more: take another version"
        ours, own, said = difference(project, answer, detector, given[detector], found_in[detector])
        assert (detector, ours, own) == (detector, [], []), said
        found = {one["path"] for one in answer.report["findings"] if one["detector"] == detector}
        assert not [path for path in found if f"{path}/".startswith(f"{place}/")]
