"""What is published: the schema and the type marker are in it, and never anybody's state."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PUBLISHED = ["pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", ".gitignore", "src", "schema", "hooks"]
BUILD = """
import sys
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder
root, destination = sys.argv[1:]
for builder in (SdistBuilder(root), WheelBuilder(root)):
    print(*builder.build(directory=destination, versions=["standard"]), sep="\\n")
"""


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The names in the source distribution and in the wheel of a copy that holds state in every likely place."""
    copy = tmp_path_factory.mktemp("copy") / "pipeline-state"
    copy.mkdir()
    for name in PUBLISHED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy(source, copy / name)
    for folder in (copy, copy / "src", copy / "src/pipeline_state", copy / "schema"):
        state = folder / ".worktrees"
        state.mkdir()
        (state / ".gitignore").write_text("*\n")
        for name in ("pipeline_state.db", "pipeline_state.db-wal", "pipeline_state.db-shm", "pipeline_state.lock"):
            (state / name).write_bytes(b"state")
    (copy / "src/pipeline_state/stray.db").write_bytes(b"state")
    destination = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-c", BUILD, str(copy), str(destination)], check=True, cwd=copy)
    (sdist,) = destination.glob("*.tar.gz")
    (wheel,) = destination.glob("*.whl")
    with tarfile.open(sdist) as tar:
        published = {name.partition("/")[2] for name in tar.getnames()}
    with zipfile.ZipFile(wheel) as archive:
        return {"sdist": published, "wheel": set(archive.namelist())}


def migrations() -> set[str]:
    return {path.relative_to(ROOT).as_posix() for path in (ROOT / "schema").rglob("*.sql")}


def test_the_wheel_holds_every_schema_file(archives: dict[str, set[str]]) -> None:
    assert migrations()
    schema = {path.relative_to(ROOT).as_posix() for path in (ROOT / "schema").rglob("*") if path.is_file()}
    assert {f"pipeline_state/{name}" for name in schema} <= archives["wheel"]


def test_both_hold_the_git_hooks(archives: dict[str, set[str]]) -> None:
    hooks = {path.relative_to(ROOT).as_posix() for path in (ROOT / "hooks").iterdir()}
    assert hooks
    assert {f"pipeline_state/{name}" for name in hooks} <= archives["wheel"]
    assert hooks <= archives["sdist"]


def test_the_source_distribution_holds_every_schema_file(archives: dict[str, set[str]]) -> None:
    assert migrations() <= archives["sdist"]


def test_every_module_and_query_is_in_the_wheel(archives: dict[str, set[str]]) -> None:
    package = ROOT / "src"
    files = [path for kind in ("*.py", "*.sql") for path in package.rglob(kind)]
    assert {path.relative_to(package).as_posix() for path in files} <= archives["wheel"]


def test_the_wheel_says_that_it_is_typed_and_registers_the_plugin_and_the_command(
    archives: dict[str, set[str]],
) -> None:
    assert "pipeline_state/py.typed" in archives["wheel"]
    assert any(name.endswith("entry_points.txt") for name in archives["wheel"])


@pytest.mark.parametrize("archive", ["sdist", "wheel"])
def test_nothing_published_holds_state(archives: dict[str, set[str]], archive: str) -> None:
    state = {name for name in archives[archive] if ".worktrees" in name or ".db" in name or name.endswith(".lock")}
    assert not state
