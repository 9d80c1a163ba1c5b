"""Make a committed Git repository of a source distribution or a wheel from PyPI, to measure and to test on real input.

    python bench/corpus.py 'django==5.2.*' DEST
    python bench/corpus.py --wheel 'homeassistant==2025.9.*' DEST

The commit is the same on every machine: fixed identity, fixed dates, no line-ending conversion, every file of the
distribution. Prints the distribution, the number of tracked files and the commit.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

WHEEL = ("--only-binary", ":all:", "--python-version", "3.14.9")
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
    parser.add_argument("--wheel", action="store_true", help="take the wheel, for whatever Python it is")
    arguments = parser.parse_args()
    print(make(arguments.requirement, arguments.destination, wheel=arguments.wheel))
    return 0


def make(requirement: str, destination: Path, *, wheel: bool = False) -> str:
    """Download, unpack and commit; return a line that says what the repository holds."""
    if destination.exists() and any(destination.iterdir()):
        sys.exit(f"{destination} is not empty; name a folder that does not exist")
    destination.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=destination.parent, prefix=".corpus-") as scratch:
        archive = download(requirement, Path(scratch) / "download", WHEEL if wheel else None)
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


def download(requirement: str, folder: Path, form: tuple[str, ...] | None = None) -> Path:
    # Not ":all:": pip would build from source, too, what it needs to read the metadata of this one.
    source = ("--no-binary", re.split(r"[^\w.-]", requirement)[0])
    options = ("--quiet", "--no-deps", "--ignore-requires-python")  # its sources are read, not run
    command = [sys.executable, "-m", "pip", "download", *options, *(form or source)]
    subprocess.run([*command, "--dest", str(folder), requirement], check=True)
    (archive,) = folder.iterdir()
    return archive


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack below `folder`, nothing outside of it, and return the folder that holds the files."""
    if archive.suffix in (".zip", ".whl"):
        with zipfile.ZipFile(archive) as source:
            source.extractall(folder)  # noqa: S202 - drops absolute paths and ".." itself
    else:
        with tarfile.open(archive) as source:
            source.extractall(folder, filter="data")
    tops = list(folder.iterdir())
    return tops[0] if len(tops) == 1 else folder


def git(repository: Path, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | IDENTITY
    command = ["git", "-C", str(repository), *arguments]
    return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout


if __name__ == "__main__":
    raise SystemExit(main())
