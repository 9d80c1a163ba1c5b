"""The tools' own exclusions hold: `check --all-files` finds what each tool finds over the folder, on real projects.

The projects are taken from PyPI. Most leave out files by their own configuration. Two get one here, in the ways of each
tool: no project was found that configures what bandit leaves out in a file that bandit finds by itself.
PIPELINE_STATE_PROJECTS=all takes those, too, that take longer.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import pytest

sys.path += [str(Path(__file__).parents[3] / "bench"), os.path.dirname(__file__)]

from corpus import download, unpack
from own_runs import OWN, difference

pytestmark = pytest.mark.download

QUICK: dict[str, dict[str, str]] = {
    "pdm-backend==2.5.0": {"ruff": "tests/fixtures", "ruff-format": "tests/fixtures"},
    "dogpile.cache==1.5.0": {"flake8": "docs/build/conf.py"},
    "black==26.10.1": {"isort": "tests/data"},
    "ansible-builder==3.2.0": {"yamllint": "test/data/definition_files/bad.yml"},
}
SLOW: dict[str, dict[str, str]] = {
    "Mako==1.4.3": {"black": "test/templates"},
    "alembic==1.20.1": {"flake8": "docs/build/conf.py"},
    "ansible-sign==0.1.6": {"yamllint": ".github/workflows/finalize.yml"},
    "astroid==4.3.4": {"ruff": "tests/testdata"},
    "bandit==1.9.4": {"flake8": "doc", "pylint": "examples"},
    "dynaconf==3.3.5": {"ruff": "dynaconf/vendor", "ruff-format": "dynaconf/vendor"},
    "hdmf==6.2.0": {"ruff": "docs/source/conf.py", "codespell": "src/hdmf/common/hdmf-common-schema"},
    "ipython==9.18.1": {"ruff": "tests", "flake8": "tests"},
    "molecule==26.10.0": {"codespell": "uv.lock"},
    "pip==26.3": {"ruff": "src/pip/_vendor", "ruff-format": "src/pip/_vendor"},
    "poetry-core==2.5.0": {"ruff": "src/poetry/core/_vendor", "mypy": "src/poetry/core/_vendor"},
    "pylint==4.1.4": {"ruff": "tests/functional", "isort": "tests/functional"},
    "setuptools==84.2.1": {"mypy": "setuptools/_vendor"},
    "trio==0.35.0": {"ruff": "docs/source/tutorial", "black": "docs/source/tutorial"},
}
PROJECTS = {**QUICK, **(SLOW if os.environ.get("PIPELINE_STATE_PROJECTS") == "all" else {})}
"""Of each project, the tools whose configuration leaves out files, and such a file or folder."""

CONFIGURED = ("itsdangerous==2.2.*", "blinker==1.9.*")

CONFIGURATION = {
    "ruff.toml": 'extend-exclude = ["tests/test_b*", "docs"]\n[lint]\nselect = ["E", "F", "W", "I"]\n'
    'exclude = ["examples"]\n[format]\nexclude = ["tests/rules"]\n',
    ".flake8": "[flake8]\nexclude = docs,./tests/test_c*,examples/*\n",
    ".isort.cfg": "[settings]\nskip = docs\nskip_glob = tests/test_b*,*/rules/*\n",
    ".codespellrc": "[codespell]\nskip = ./docs,*.txt,./tests/test_*\n",
    ".yamllint": "---\nextends: default\nignore: [.github, docs]\n",
    ".bandit": "[bandit]\nexclude = ./docs,./examples,./tests/rules\n",
    "pyproject.toml": '[project]\nname = "x"\nversion = "1"\n[tool.black]\nextend-exclude = "docs|test_b.*"\n'
    '[tool.mypy]\nexclude = ["docs", "examples", "tests/test_b.*"]\nignore_missing_imports = true\n',
}
WRITTEN = [detector for detector in OWN if detector != "pylint"]  # which would take half a minute


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
                unpack(download(requirement, new / "download"), new / "unpacked")
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


@pytest.mark.parametrize(
    ("requirement", "left_out"),
    [pytest.param(one, left_out, id=one.partition("=")[0]) for one, left_out in PROJECTS.items()],
)
def test_a_check_of_a_real_project_finds_what_each_tool_finds_by_the_projects_own_configuration(
    requirement, left_out, empty_project, unpacked
):
    project = empty_project
    shutil.copytree(unpacked(requirement), project.root, symlinks=os.name != "nt", dirs_exist_ok=True)
    project.write("pipeline-state.toml", f"detectors = {list(left_out)}\n")
    project.commit()
    project.git("clean", "-d", "--force", "-X", "--quiet")  # what nobody would have after a clone
    answer = project.check("--all-files")
    assert answer.errors == []
    for detector, place in left_out.items():
        assert (project.root / place).exists(), "the configuration leaves out nothing any more: take another version"
        ours, own, said = difference(project, answer, detector)
        assert (detector, ours, own) == (detector, [], []), said
        found = {one["path"] for one in answer.report["findings"] if one["detector"] == detector}
        assert not [path for path in found if f"{path}/".startswith(f"{place}/")]
