"""Programs that are replaced, upgraded, unlinked, missing. Each change comes after the shortcut has been taken."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

UNUSED = "import os\n"
MODULE = "package/module.py"


def test_a_missing_tool_is_said_and_never_clean(project):
    project.write("pipeline-state.toml", 'detectors = ["ruff"]\n[detector.ruff]\npath = "nowhere/ruff"\n')
    for _ in range(2):
        answer = project.agreed()
        assert (answer.code, answer.outcomes) == (3, {"ruff": "missing"})
        assert "nowhere/ruff" in answer.errors[0]


def test_a_missing_tool_that_is_optional_is_a_warning_and_is_used_once_it_is_there(project, ruff):
    project.write(
        "pipeline-state.toml", 'detectors = ["ruff"]\n[detector.ruff]\npath = "tools/ruff"\noptional = true\n'
    )
    project.write(".gitignore", "tools/\n")
    project.write(MODULE, UNUSED)
    project.commit()
    for _ in range(2):
        answer = project.agreed()
        assert (answer.code, answer.outcomes) == (0, {"ruff": "missing"})
        assert "warning" in answer.stderr
    (project.root / "tools").mkdir()
    shutil.copy2(ruff, project.root / "tools/ruff")
    assert project.agreed().rules(MODULE) == ["F401"]


@pytest.fixture
def own_ruff(project, ruff, tmp_path) -> Path:
    """A copy of ruff that the project is configured to use."""
    copy = tmp_path / "tools/ruff"
    copy.parent.mkdir()
    shutil.copy2(ruff, copy)
    project.write("pipeline-state.toml", f'detectors = ["ruff"]\n[detector.ruff]\npath = "{copy.as_posix()}"\n')
    project.commit()
    return copy


def replace(copy: Path, content: bytes) -> None:
    """Put another program in the place of one, with its time."""
    before = copy.stat()
    other = copy.with_name("other")
    other.write_bytes(content)
    other.chmod(stat.S_IMODE(before.st_mode))
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(copy)


def test_another_program_at_the_same_place_judges_everything_again(project, own_ruff):
    files = project.settle().report["summary"]["reused"]
    original = own_ruff.read_bytes()
    replace(own_ruff, original + b"\n")
    answer = project.agreed()
    assert (answer.code, answer.checked) == (0, files)
    replace(own_ruff, original)
    answer = project.agreed()
    assert (answer.code, answer.checked) == (0, 0), "the older program is known"


def test_a_program_edited_in_place_judges_everything_again(project, own_ruff):
    project.settle()
    before = own_ruff.stat()
    with own_ruff.open("ab") as file:
        file.write(b"\n")
    os.utime(own_ruff, ns=(before.st_atime_ns, before.st_mtime_ns))
    answer = project.agreed()
    assert answer.checked == answer.report["detectors"][0]["files"]


@pytest.mark.skipif(os.name == "nt", reason="no such bit")
def test_a_program_that_may_not_be_executed_any_more_is_missing(project, own_ruff):
    project.settle()
    own_ruff.chmod(0o644)
    assert project.agreed().outcomes == {"ruff": "missing"}


@pytest.mark.skipif(os.name == "nt", reason="links")
def test_a_link_to_a_program_that_leads_to_another_one_is_noticed(project, own_ruff):
    first = own_ruff.rename(own_ruff.with_name("ruff-1"))
    shutil.copy2(first, own_ruff.with_name("ruff-2"))
    with own_ruff.with_name("ruff-2").open("ab") as file:
        file.write(b"\n")
    own_ruff.symlink_to("ruff-1")
    project.settle()
    own_ruff.unlink()
    own_ruff.symlink_to("ruff-2")
    answer = project.agreed()
    assert answer.checked == answer.report["detectors"][0]["files"]


@pytest.mark.skipif(os.name == "nt", reason="a script")
def test_a_script_in_the_place_of_a_program_is_run_every_time(project, own_ruff, ruff):
    replace(own_ruff, f"#!/bin/sh\nexec '{ruff}' \"$@\"\n".encode())
    for _ in range(2):
        answer = project.agreed()
        assert (answer.code, answer.checked) == (0, answer.report["detectors"][0]["files"])
    replace(own_ruff, b"#!/bin/sh\nexit 0\n")
    assert project.agreed().code == 3


def test_a_nearer_program_that_appears_is_used(project, ruff):
    project.write(".gitignore", ".venv/\n")
    project.commit()
    project.settle()
    near = project.root / ".venv/bin/ruff"
    near.parent.mkdir(parents=True)
    shutil.copy2(ruff, near)
    with near.open("ab") as file:
        file.write(b"\n")
    answer = project.agreed()
    assert answer.checked == next(one["files"] for one in answer.report["detectors"] if one["id"] == "ruff")


def test_a_program_in_the_folder_that_is_checked_is_not_run_because_the_path_is_relative(project):
    evil = project.write("ruff", "#!/bin/sh\ntouch executed\n")
    evil.chmod(0o755)
    project.check(PATH=f".:{project.environ['PATH']}")
    assert not (project.root / "executed").exists()


@pytest.mark.download
def test_an_upgrade_in_place_judges_everything_again(project, tmp_path):
    folder = tmp_path / "installed"

    def install(version: str) -> None:
        command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--upgrade", "--target", str(folder)]
        subprocess.run([*command, f"ruff=={version}"], check=True)

    install("0.12.0")
    program = next(folder.glob("bin/ruff*"))
    project.write("pipeline-state.toml", f'detectors = ["ruff"]\n[detector.ruff]\npath = "{program.as_posix()}"\n')
    project.commit()
    assert project.settle().report["detectors"][0]["version"] == "0.12.0"
    install("0.13.0")
    answer = project.agreed()
    (ruff,) = answer.report["detectors"]
    assert (ruff["version"], ruff["checked"]) == ("0.13.0", ruff["files"])
