"""Make a committed Git repository of a source distribution from PyPI, to measure and to test on real input.

    python bench/corpus.py 'django==5.2.*' DEST

The commit is the same on every machine: fixed identity, fixed dates, no line-ending conversion, every file of the
distribution. Prints the distribution, the number of tracked files and the commit.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

WHEN = "2026-01-01T00:00:00Z"
IDENTITY = {
    "GIT_AUTHOR_NAME": "Corpus",
    "GIT_AUTHOR_EMAIL": "corpus@example.invalid",
    "GIT_AUTHOR_DATE": WHEN,
    "GIT_COMMITTER_NAME": "Corpus",
    "GIT_COMMITTER_EMAIL": "corpus@example.invalid",
    "GIT_COMMITTER_DATE": WHEN,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("requirement", help="what to take from PyPI, as pip understands it: django==5.2.*")
    parser.add_argument("destination", type=Path, help="the folder to make; it must not exist or be empty")
    arguments = parser.parse_args()
    print(make(arguments.requirement, arguments.destination))
    return 0


def make(requirement: str, destination: Path) -> str:
    """Download, unpack and commit; return a line that says what the repository holds."""
    if destination.exists() and any(destination.iterdir()):
        sys.exit(f"{destination} is not empty; name a folder that does not exist")
    destination.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=destination.parent, prefix=".corpus-") as scratch:
        archive = download(requirement, Path(scratch) / "download")
        unpacked = unpack(archive, Path(scratch) / "unpacked")
        if destination.exists():
            destination.rmdir()
        unpacked.rename(destination)
    git(destination, "init", "--quiet", "--initial-branch=main")
    git(destination, "config", "core.autocrlf", "false")
    git(destination, "add", "--all", "--force", ".")
    git(destination, "commit", "--quiet", "--no-verify", "--message", archive.name)
    files = len(git(destination, "ls-files", "-z").split("\0")) - 1
    return f"{archive.name}: {files} files, commit {git(destination, 'rev-parse', 'HEAD').strip()}"


def download(requirement: str, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
    subprocess.run([*command, "--dest", str(folder), requirement], check=True)
    (archive,) = folder.iterdir()
    return archive


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack below `folder`, nothing outside of it, and return the single folder that the distribution holds."""
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as source:
            source.extractall(folder)  # noqa: S202 - drops absolute paths and ".." itself
    else:
        with tarfile.open(archive) as source:
            source.extractall(folder, filter="data")
    (top,) = folder.iterdir()
    return top


def git(repository: Path, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | IDENTITY
    command = ["git", "-C", str(repository), *arguments]
    return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


if __name__ == "__main__":
    raise SystemExit(main())
