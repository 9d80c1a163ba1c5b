"""What every test starts from: no trace of the user's Git configuration, of a Git hook, or of real state."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

GIT_CONFIG = """\
[user]
    name = A Tester
    email = tester@example.invalid
[init]
    defaultBranch = main
[commit]
    gpgSign = false
[core]
    autocrlf = false
[protocol "file"]
    allow = always
"""

NPM_TOOLS = ("eslint@10.15.0", "markdownlint-cli2@0.22.1", "prettier@3.10.1", "pyright@1.1.414")
"""Pinned to what the tests were written against."""


NOT_TO_BE_HAD = {
    "actionlint": "no package of PyPI, npm or Debian brings it",
    "psscriptanalyzer": "it is a module of PowerShell, which no package of PyPI, npm or Debian brings",
}
"""Detectors whose tools no machine gets from where packages come from."""

APART = {"semgrep": "it comes with half a gigabyte of what nothing else needs: .ci/run installs it by itself"}
"""Detectors whose tools the extra `test` does not bring."""

TOOLS_MUST_BE_THERE = any(os.environ.get(name) for name in ("CI", "ALL_TOOLS"))
"""Asked before the variables are taken out. `.ci/run` sets the second one."""

ALL_TOOLS = bool(os.environ.get("ALL_TOOLS"))


@pytest.fixture(scope="session")
def unable():
    """Called with the reason why a test can show nothing here. Where the tests count, that is a failure."""
    return pytest.fail if TOOLS_MUST_BE_THERE else pytest.skip


@pytest.fixture(scope="session")
def missing(unable):
    """Called with a detector whose tool is not there."""

    def missing(detector):
        why = {**NOT_TO_BE_HAD, **({} if ALL_TOOLS else APART)}.get(detector.id)
        (pytest.skip if why else unable)(f"the tool of {detector.id} is not installed{f': {why}' if why else ''}")

    return missing


@pytest.fixture(autouse=True, scope="session")
def _isolated_from_the_user(tmp_path_factory):
    """Git reads a configuration of the tests' own; variables that change what we do are taken out."""
    configuration = tmp_path_factory.mktemp("git") / "config"
    configuration.write_text(GIT_CONFIG, encoding="utf-8")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started in the background by a shell: so are our programs
        signal.signal(signal.SIGINT, signal.default_int_handler)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", str(configuration))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.delenv("PIPELINE_DB_PATH", raising=False)
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)  # each program would compile all of ours again
        # Nor does a session inside a test load hypothesis, which takes as long as the rest of its start.
        patch.setenv("PYTEST_ADDOPTS", "-p no:hypothesispytest")
        for name in list(os.environ):
            if name.startswith("PRE_COMMIT") or name in ("SKIP", "CI", "NO_COLOR", "FORCE_COLOR"):
                patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def installed_by_npm(request, tmp_path_factory, unable):
    """Returns the folder into which npm installed packages: once for all workers, and kept for the next session."""
    from filelock import FileLock  # pre-commit brings it

    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        unable("npm is not installed: the tests of eslint, prettier, pyright and the like need it")
    version = subprocess.run([node, "--version"], check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout.strip()
    if int(version.removeprefix("v").partition(".")[0]) < 20:
        pytest.skip(f"Node {version} is too old: the tests of eslint, markdownlint-cli2 and prettier need 20")
    cache = getattr(request.config, "cache", None)
    place = cache.mkdir("npm") if cache is not None else Path(tmp_path_factory.getbasetemp().parent, "npm")
    place.mkdir(exist_ok=True)

    def installed_by_npm(packages):
        key = hashlib.blake2b(" ".join(packages).encode(), digest_size=6).hexdigest()
        with FileLock(place / "lock"):
            if not (place / key).is_dir():
                new = place / f"{key}.new"
                shutil.rmtree(new, ignore_errors=True)
                new.mkdir()
                (new / "package.json").write_text('{"private": true}', encoding="utf-8")
                command = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", *packages]
                subprocess.run(command, cwd=new, check=True, stdout=subprocess.DEVNULL)
                new.rename(place / key)
        return place / key / "node_modules"

    return installed_by_npm


@pytest.fixture(scope="session")
def node_modules(installed_by_npm):
    """The folder into which npm installed its tools."""
    return installed_by_npm(NPM_TOOLS)
