"""Environments with one pytest and its plugins each, and sessions in them: made once, whichever worker asks first.

What the environment of this run has is copied from there; another pytest is installed from PyPI.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from importlib.metadata import distribution, distributions
from pathlib import Path

import pytest
from filelock import FileLock
from packaging.requirements import Requirement

from pipeline_state import open_state
from pipeline_state.store.intake import take_in

SUITES = Path(__file__).with_name("suites")


@pytest.fixture(scope="session")
def once(tmp_path_factory):
    """Makes a folder unless another worker has made it."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "conformance"
    shared.mkdir(exist_ok=True)

    def once(name, make):
        folder = shared / name
        with FileLock(shared / f"{name}.lock"):
            if not (folder / "made").exists():
                folder.mkdir()
                make(folder)
                (folder / "made").touch()
        return folder

    return once


def copy_distributions(names, packages):
    """Copy what is installed here, and what it needs, into another environment; what that has already stays."""
    waiting = list(names)
    present = {found.name.lower() for found in distributions(path=[str(packages)])}
    while waiting:
        name = waiting.pop().lower()
        if name in present:
            continue
        present.add(name)
        found = distribution(name)
        for file in found.files or ():
            if ".." not in file.parts and file.locate().is_file():
                target = packages / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(file.locate(), target)  # with its time, by which what is compiled is known to be of it
        if name == "pipeline-state":  # a recorder needs none of what the commands need
            continue
        needed = map(Requirement, found.requires or ())
        waiting += [each.name for each in needed if each.marker is None or each.marker.evaluate({"extra": ""})]


def download(requirements, folder):
    options = ["--quiet", "--disable-pip-version-check", "--target", str(folder)]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, *requirements], check=True)


@pytest.fixture(scope="session")
def interpreter(once):
    """Returns the interpreter of an environment."""

    def make(environment, folder):
        venv.create(folder / "venv", symlinks=os.name != "nt")
        [packages] = (folder / "venv").rglob("site-packages")
        if environment.downloaded:
            own = once(f"of PyPI {environment.pytest}", lambda folder: download(environment.downloaded, folder))
            shutil.copytree(own, packages, dirs_exist_ok=True)
        copy_distributions(["pipeline-state", *environment.copied], packages)

    def interpreter(environment):
        folder = once(f"environment {environment.name}", lambda folder: make(environment, folder))
        return folder / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    return interpreter


@pytest.fixture(scope="session")
def record(once, interpreter):
    """Records a session in an environment, and returns what is known of it afterwards."""

    def make(environment, session, folder):
        root = folder / "project"
        root.mkdir()
        subprocess.run(["git", "init", "-q", str(root)], check=True)
        (root / "pytest.ini").write_text("[pytest]\n")
        for name, suite in session.files(environment).items():
            (root / name).write_bytes((SUITES / suite).read_bytes())
        done = subprocess.run(
            [interpreter(environment), "-m", "pytest", "--pipeline-state", "-p", "no:cacheprovider", *session.options],
            cwd=root,
            env={**os.environ, "XDG_STATE_HOME": str(folder / "state"), "PYTEST_ADDOPTS": ""},
            check=False,
            timeout=240,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        with open_state(root / ".worktrees" / "pipeline_state.db") as state:
            take_in(state)
            [run] = state.runs.list(all_worktrees=True)
            known = {
                "exit code": done.returncode,
                "output": done.stdout,
                "run": [run.status, run.exit_code, state.sessions.find(run.id).selection],
                "pytest": state.runs.environment_of(run)["distribution:pytest"],
                "attempts": [
                    [
                        one.node_id,
                        one.number,
                        one.outcome,
                        one.phase,
                        one.worker,
                        [each.outcome for each in one.subtests],
                    ]
                    for one in state.attempts.of_run(run.id)
                ],
            }
        (folder / "known.json").write_text(json.dumps(known))

    def record(environment, name, session):
        folder = once(f"{name} {environment.name}", lambda folder: make(environment, session, folder))
        return json.loads((folder / "known.json").read_text())

    return record
