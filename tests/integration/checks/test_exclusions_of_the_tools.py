"""The tools' own exclusions hold: `check --all-files` finds what each tool finds over the folder, on real projects.

The projects are taken from PyPI, with configurations that leave out some of their files, in the ways of each tool.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[3] / "bench"))

from corpus import download, unpack

pytestmark = pytest.mark.download

PROJECTS = ("itsdangerous==2.2.*", "blinker==1.9.*")

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

LINE = re.compile(r"^(?P<path>[^:\n]+):(?P<line>\d+)", re.MULTILINE)


def lines(said: str) -> set[tuple[str, int]]:
    return {(found["path"].removeprefix("./"), int(found["line"])) for found in LINE.finditer(said)}


def changed(pattern: str):
    """The files that a formatter names, each once."""
    return lambda said: {(path.removeprefix("./"), 0) for path in re.findall(pattern, said, re.MULTILINE)}


def results(said: str) -> set[tuple[str, int]]:
    return {(one["filename"].removeprefix("./"), one["line_number"]) for one in json.loads(said)["results"]}


OWN = {
    "ruff": (("ruff", "check", "--no-cache", "--output-format=concise", "--quiet", "."), lines),
    "ruff-format": (("ruff", "format", "--no-cache", "--check", "."), changed(r"^ *--> (.*?):\d+:\d+$")),
    "flake8": (("flake8", "."), lines),
    "black": (("black", "--check", "."), changed(r"^would reformat (.*)$")),
    "isort": (("isort", "--check-only", "."), changed(r"^ERROR: (.*?) Imports are")),
    "codespell": (("codespell", "."), lines),
    "yamllint": (("yamllint", "--format=parsable", "."), lines),
    "bandit": (("bandit", "-q", "-r", ".", "--ini", ".bandit", "-f", "json"), results),
    "mypy": (("mypy", "--cache-dir=/dev/null", "--no-error-summary", "."), lines),
}
"""How each tool is run over a folder by its user, and what it says then: places, or files where it names no lines."""


@pytest.fixture(scope="module", params=PROJECTS, ids=lambda requirement: requirement.partition("=")[0])
def source(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("source")
    return unpack(download(request.param, folder / "download"), folder / "unpacked")


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
    configured.write("pipeline-state.toml", f"detectors = {list(OWN)}\n")
    configured.git("add", "--all")
    answer = configured.check("--all-files")
    assert answer.errors == []
    excluded = {one["id"] for one in answer.report["detectors"] if one["outcome"] == "excluded"}
    assert not excluded, "a tool that judges nothing shows nothing"
    for detector, (command, read) in OWN.items():
        program = Path(sys.executable).with_name(command[0])
        done = subprocess.run(
            [program, *command[1:]],
            cwd=configured.root,
            env={**configured.environ, "LC_ALL": "C.UTF-8", "NO_COLOR": "1"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        real = f"{configured.root}/"
        own = {
            (path.removeprefix(real), line) for path, line in read(done.stdout + done.stderr * (detector != "bandit"))
        }
        if detector == "ruff-format":  # it formats code in Markdown too, which the detector does not give to it
            own = {(path, line) for path, line in own if not path.endswith(".md")}
        ours = {(one["path"], one["line"]) for one in answer.report["findings"] if one["detector"] == detector}
        if all(line == 0 for _, line in own):
            ours = {(path, 0) for path, _ in ours}
        assert (detector, ours - own, own - ours) == (detector, set(), set()), done.stderr[-500:]
