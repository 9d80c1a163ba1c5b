"""`pipeline-state pytest`: the project's tests, in the project's environment."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

WHERE = """
import os, shutil, sys

def test_where(state_record):
    state_record("prefix", sys.prefix)
    state_record("variable", os.environ.get("VIRTUAL_ENV"))
    state_record("program", shutil.which("python"))
    assert "hook" not in os.environ["PATH"]
    assert not os.environ.get("FAILS")
"""


@pytest.fixture
def make_environment(project):
    """Makes an environment in the project that sees our own distributions, or none."""

    def make(name=".venv", *, sees=True):
        venv.create(project.root / name, symlinks=os.name != "nt")
        scripts = project.root / name / ("Scripts" if os.name == "nt" else "bin")
        if sees:
            [packages] = (project.root / name).rglob("site-packages")
            own = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), str(Path(__file__).parents[3] / "src")}
            (packages / "others.pth").write_text("".join(f"{path}\n" for path in sorted(own)))
        return scripts

    return make


@pytest.fixture
def run(project):
    """Runs the command as from the environment of a hook."""

    def run(*arguments, **variables):
        hook = project.root.parent / "hook"
        if not hook.exists():
            venv.create(hook, symlinks=os.name != "nt")
            [packages] = hook.rglob("site-packages")
            (packages / "others.pth").write_text(
                f"{Path(__file__).parents[3] / 'src'}\n{sysconfig.get_path('purelib')}\n"
            )
        scripts = hook / ("Scripts" if os.name == "nt" else "bin")
        (scripts / "pipeline-state").write_text("from pipeline_state.cli.main import run\nrun()\n")
        path = os.pathsep.join([str(scripts), os.environ["PATH"]])
        return subprocess.run(
            [scripts / "python", scripts / "pipeline-state", "pytest", *arguments],
            cwd=project.root,
            env={**project.environ, "VIRTUAL_ENV": str(hook), "PATH": path, **variables},
            check=False,
            capture_output=True,
            encoding="utf-8",
        )

    return run


@pytest.mark.skipif(sys.platform == "win32", reason="links")
def test_the_tests_run_in_the_projects_environment_and_are_recorded(project, make_environment, run):
    project.write(test_x=WHERE)
    scripts = make_environment()
    done = run("--", "-q", "test_x.py")
    assert done.returncode == 0, done.stdout + done.stderr
    _, [attempt] = project.latest()
    values = {value[0]: value[1] for value in attempt.values}
    environment = str(project.root / ".venv")
    assert values == {"prefix": environment, "variable": environment, "program": str(scripts / "python")}


def test_the_exit_code_is_that_of_pytest(project, make_environment, run):
    project.write(test_x=WHERE)
    make_environment("venv")
    assert run(FAILS="yes").returncode == 1
    assert run("--", "-k", "nothing").returncode == 5
    assert run("--", "--no-such-option").returncode == 4


def test_the_configured_interpreter_is_taken(project, make_environment, run):
    project.write(test_x=WHERE)
    make_environment(sees=False)
    scripts = make_environment("other")
    (project.root / "pyproject.toml").write_text(f"[tool.pipeline-state]\npython = '{scripts / 'python'}'\n")
    assert run().returncode == 0
    assert ("prefix", str(project.root / "other")) in [value[:2] for value in project.latest()[1][0].values]


def test_without_pytest_or_our_plugin_it_says_what_to_install(project, make_environment, run):
    project.write(test_x=WHERE)
    scripts = make_environment(sees=False)
    done = run()
    assert done.returncode == 3
    assert "No module named 'pytest'" in done.stderr
    assert f"install pytest and pipeline-state there, with `{scripts / 'python'} -m pip install`" in done.stderr
    [packages] = (project.root / ".venv").rglob("site-packages")
    (packages / "pytest.py").write_text("")
    done = run()
    assert done.returncode == 3
    assert "does not know the plugin of pipeline-state" in done.stderr
    assert not project.database.exists()


def test_a_folder_of_our_name_in_the_project_is_not_our_plugin(project, make_environment, run):
    make_environment(sees=False)
    project.write(pytest="", pipeline_state="")
    assert run().returncode == 3


def test_without_any_environment_nothing_runs(project, run):
    project.write(test_x=WHERE)
    done = run()
    assert done.returncode == 3
    assert "make one of them, or name an interpreter with `python`" in done.stderr
