"""The example package of docs/detectors.md, built, installed into an environment of its own, and run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples/pipeline-state-house-rules"
MODULE = "src/pipeline_state_house_rules/yaml_tabs.py"

pytestmark = pytest.mark.skipif(os.name == "nt", reason="bash, and the layout of environments")


def python_of(environment: Path) -> Path:
    return environment / "bin/python"


def install(environment: Path, source: Path, *options: str) -> None:
    """Install from the folder alone: what builds it is there, and nothing is downloaded."""
    alone = ("--no-build-isolation", "--no-deps", "--no-index", "--quiet", "--disable-pip-version-check")
    command = [sys.executable, "-m", "pip", "--python", str(python_of(environment)), "install", *alone]
    done = subprocess.run([*command, *options, str(source)], cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """A fresh environment that sees this one's packages, with the example installed in it."""
    environment = tmp_path_factory.mktemp("environment")
    venv.create(environment, symlinks=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    beside = [str(ROOT / "src"), *(folder for folder in sys.path if folder.endswith("site-packages"))]
    (packages / "beside.pth").write_text("".join(f"{folder}\n" for folder in beside))
    copy = environment / "example"
    shutil.copytree(EXAMPLE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    install(environment, copy)
    return environment


@pytest.fixture
def house(project, environment):
    """A project that uses both detectors, checked by the pipeline-state of that environment."""

    class House(type(project)):
        def command(self, *arguments):
            return [str(python_of(environment)), *super().command(*arguments)[1:]]

    house = House(project.root, project.environ)
    house.write("pipeline-state.toml", 'detectors = ["yaml-tabs", "bash-syntax"]\n')
    house.write("a.yaml", "a:\n\tb: 1\n")
    house.write("good.bash", "#!/bin/bash\necho\n")
    house.write("bad.bash", "#!/bin/bash\nif true; then\n")
    house.commit()
    return house


def test_what_it_brings_is_run_remembered_and_repaired(house):
    answer = house.settle()
    assert answer.said == [("yaml-tabs", "tab", "a.yaml"), ("bash-syntax", "syntax", "bad.bash")]
    assert [(one["line"], one["column"]) for one in answer.report["findings"]] == [(2, 1), (3, None)]
    assert answer.code == 1
    assert house.agreed().checked == 0
    house.write("good.bash", "#!/bin/bash\ncat <<END\n")
    changed = house.agreed()
    assert (changed.checked, changed.rules("good.bash", "bash-syntax")) == (1, ["warning"])
    assert [one["path"] for one in house.check("--fix").report["fixed"]] == ["a.yaml"]
    assert (house.root / "a.yaml").read_text() == "a:\n  b: 1\n"


def test_other_code_in_the_same_version_is_noticed(house, environment):
    """Installed, its list of files counts; installed editable, its sources do."""
    source = environment / "example"
    module = source / MODULE
    before = module.read_text()
    assert house.settle().code == 1
    module.write_text(before.replace("cannot be indented", "must not be indented"))
    assert house.check().checked == 0, "nothing that is installed has changed"
    install(environment, source, "--force-reinstall")
    answer = house.agreed()
    assert "must not be" in answer.report["findings"][0]["message"]
    assert answer.checked == 3

    install(environment, source, "--editable")
    assert house.settle().report["findings"] == answer.report["findings"]
    module.write_text(before.replace("cannot be indented", "shall not be indented"))
    assert "shall not be" in house.agreed().report["findings"][0]["message"]
    house.settle()
    (module.parent / "extra.py").write_text("")
    assert house.check().checked == 3


@pytest.mark.usefixtures("strange")
def test_a_package_that_cannot_be_loaded_is_named_and_nothing_is_clean(project):
    assert project.check().code == 1
    broken = Path(project.plugins) / "broken-1.dist-info"
    broken.mkdir()
    (broken / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1\n")
    (broken / "entry_points.txt").write_text("[pipeline_state]\nbroken = no_such_module\n")
    answer = project.check()
    assert answer.code == 3
    assert answer.outcomes["strange"] == "findings", "the others are heard all the same"
    assert "the plugin broken of broken cannot be loaded: ModuleNotFoundError" in answer.errors[0]


def test_a_detector_that_nobody_brings_any_more_is_wrong_configuration(project):
    project.write("pipeline-state.toml", 'detectors = ["yaml-tabs"]\n')
    answer = project.check()
    assert answer.code == 2
    assert "'yaml-tabs', which nobody declares" in json.dumps(answer.report["error"])
