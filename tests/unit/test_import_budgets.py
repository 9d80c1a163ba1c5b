"""What is imported when: the hot paths load nothing whose cost they do not need."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

HEAVY = frozenset(
    {"git", "identify", "pluggy", "pre_commit", "rich", "yaml", "importlib.metadata", "importlib.resources", "filelock"}
)


def loaded(statement: str, *, cwd: Path) -> set[str]:
    """Return the modules that a fresh interpreter holds after a statement, beside those it starts with."""
    program = (
        "import sys\n"
        "before = set(sys.modules)\n"
        f"{statement}\n"
        "now = set(sys.modules)\n"
        "import json\n"
        "print('\\n' + json.dumps(sorted(now - before)))\n"
    )
    # -I: nothing from the environment or the current folder; json is imported after the count for the same reason.
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], cwd=cwd, check=True, capture_output=True, encoding="utf-8"
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def within(modules: set[str], *packages: str) -> set[str]:
    return {name for name in modules for package in packages if name == package or name.startswith(package + ".")}


def test_importing_the_package_loads_nothing_beside_itself(tmp_path: Path) -> None:
    assert loaded("import pipeline_state", cwd=tmp_path) == {"pipeline_state", "pipeline_state._version", "__future__"}


def test_each_public_name_loads_on_first_use(tmp_path: Path) -> None:
    modules = loaded("import pipeline_state; pipeline_state.PipelineStateError", cwd=tmp_path)
    assert within(modules, "pipeline_state") == {"pipeline_state", "pipeline_state._version", "pipeline_state.errors"}


def test_an_open_state_loads_no_library_that_it_does_not_need(tmp_path: Path) -> None:
    modules = loaded("from pipeline_state import open_state; open_state(':memory:').close()", cwd=tmp_path)
    assert "sqlite3" in modules
    assert not within(modules, *HEAVY)


@pytest.fixture(scope="module")
def checked_repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of which everything is proven clean."""
    repository = tmp_path_factory.mktemp("repository")
    (repository / "module.py").write_text("VALUE = 1\n")
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"]):
        subprocess.run(["git", *arguments], cwd=repository, check=True)
    # A snapshot is trusted only if it was taken in a later second than the newest change, and an index that is younger
    # than the coarsest time stamps is compared twice.
    time.sleep(2.1)
    run_check(repository)
    return repository


def run_check(repository: Path) -> set[str]:
    return loaded(
        "from pipeline_state.cli.main import main; assert main(['check', '--all-files']) == 0", cwd=repository
    )


def test_check_with_nothing_to_do_loads_no_heavy_library(checked_repository: Path) -> None:
    modules = run_check(checked_repository)
    assert "pipeline_state.cli.check" in modules
    assert not within(modules, *HEAVY, "_hashlib", "tempfile", "shutil", "multiprocessing", "argparse", "gettext")
    if sys.platform != "win32":  # where Git is not asked ahead
        assert not within(modules, "typing", "re", "enum", "pathlib", "urllib", "subprocess")


def test_check_with_nothing_to_do_loads_no_detector(checked_repository: Path) -> None:
    assert not within(run_check(checked_repository), "pipeline_state.checks.worker", "tomllib", "tomli", "ast")


def test_a_check_loads_the_detectors_that_it_runs_and_no_others(checked_repository: Path) -> None:
    modules = loaded(
        "from pipeline_state.cli.main import main; assert main(['check', '--no-cache', '--detector', 'json']) == 0",
        cwd=checked_repository,
    )
    assert within(modules, "pipeline_state.checks.detectors") - {"pipeline_state.checks.detectors"} == {
        "pipeline_state.checks.detectors.json_syntax",
        "pipeline_state.checks.detectors.syntax",
    }
    assert not within(modules, "dataclasses", "inspect", "importlib.metadata")


def test_what_an_unchanged_check_says_loads_no_other_form_of_it(checked_repository: Path) -> None:
    modules = run_check(checked_repository)
    assert within(modules, "pipeline_state.reports") == {"pipeline_state.reports", "pipeline_state.reports.text"}
    assert not within(modules, "pipeline_state.cli.progress", "pipeline_state.checks.baseline")


def test_a_check_that_nobody_watches_loads_nothing_to_show_its_progress(checked_repository: Path) -> None:
    modules = loaded(
        "import os, sys; sys.stderr = open(os.devnull, 'w')\n"
        "from pipeline_state.cli.main import main; assert main(['check', '--no-cache']) == 0",
        cwd=checked_repository,
    )
    assert "pipeline_state.cli.progress" in modules
    assert not within(modules, "rich")


def test_help_loads_no_command(tmp_path: Path) -> None:
    modules = loaded("from pipeline_state.cli.main import main; main(['--help'])", cwd=tmp_path)
    assert within(modules, "pipeline_state.cli") == {
        "pipeline_state.cli",
        "pipeline_state.cli.main",
    }
    assert not within(modules, "sqlite3", "subprocess", *HEAVY)


def test_a_plain_check_starts_git_before_it_loads_anything_of_weight(tmp_path: Path) -> None:
    modules = loaded("import pipeline_state.cli.main, pipeline_state.cli.plain_check", cwd=tmp_path)
    assert within(modules, "pipeline_state") == {
        "pipeline_state",
        "pipeline_state._version",
        "pipeline_state.cli",
        "pipeline_state.cli.main",
        "pipeline_state.cli.plain_check",
        "pipeline_state.git",
        "pipeline_state.git.ahead",
        "pipeline_state.git.commands",
    }
    assert not within(modules, "typing", "collections", "enum", "re", "pathlib", "subprocess", "contextlib", *HEAVY)


def test_pytest_with_the_plugin_inactive_loads_no_database_no_store_and_no_git(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text("def test_one(): pass\n")
    run = "import pytest; assert pytest.main(['-q', {options}]) == 0"
    with_plugin = loaded(run.format(options=""), cwd=tmp_path)
    without = loaded(run.format(options="'-p', 'no:pipeline_state'"), cwd=tmp_path)
    added = with_plugin - without
    assert within(added, "pipeline_state") == added, "only modules of ours are added"
    assert not within(
        added, "pipeline_state.store", "pipeline_state.checks", "pipeline_state.cli", "pipeline_state.location"
    )
    assert not within(with_plugin, "sqlite3", "git", "pre_commit", "rich")
    assert len(added) <= 8, sorted(added)
