"""No room on the disk: an error of ours, what was going on is taken back, what was there stays, and later all works."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline_state.errors import DiskFullError

PROGRAM = Path(__file__).with_name("programs") / "fill.py"
posix_only = pytest.mark.skipif(os.name == "nt", reason="limits and mounts are POSIX")


def rows(database):
    return {row["name"] for row in database.all("SELECT name FROM maintenance")}


def test_no_more_pages_take_back_the_transaction_and_nothing_else(path, rounds, chance, open_whole):
    with open_whole(path) as state:
        database = state.database
        pages = database.one("PRAGMA page_count")[0]
        there = set()
        for number in range(25 * rounds):
            database.connection.execute(f"PRAGMA max_page_count = {pages + chance.randrange(40)}")
            try:
                with database.transaction(durable=chance.random() < 0.5):
                    for part in range(20):
                        text = "x" * chance.randrange(20_000)
                        database.execute("INSERT INTO maintenance VALUES (?, ?)", (f"{number}-{part}", text))
            except DiskFullError:
                assert rows(database) == there
            else:
                there = rows(database)
                with database.transaction():
                    database.execute("DELETE FROM maintenance WHERE name IN (SELECT name FROM maintenance LIMIT 15)")
                there = rows(database)
            database.connection.execute("PRAGMA max_page_count = 1000000")
            with database.transaction():
                database.execute("INSERT INTO maintenance VALUES (?, '')", (f"{number}",))
            there.add(f"{number}")
    with open_whole(path) as state:
        assert rows(state.database) == there


@posix_only
def test_a_limit_on_the_size_of_files_loses_nothing(tmp_path, rounds, chance, start, output, open_whole):
    """Wherever it strikes: in the first opening, in a migration, in the log, in a checkpoint."""
    for turn in range(3 * rounds):
        path = tmp_path / f"{turn}" / "state.db"
        path.parent.mkdir()
        limits = [chance.choice([0, 512, 4096, 20_000, 100_000, 400_000, 4_200_000]) for _ in range(6)]
        told = output(start("fill", path, "limit", *limits)).split()
        with open_whole(path) as state:
            assert rows(state.database) == set(told)


def private_mount():
    """Return the command that gives a program a mount of its own, which nobody else sees and which ends with it."""
    command = ["unshare", "--map-root-user", "--mount"]
    if shutil.which("unshare") is None or shutil.which("mount") is None:
        pytest.skip("there is no unshare or no mount here")
    if subprocess.run([*command, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False).returncode:
        pytest.skip("no mounts of our own here")
    return command


@posix_only
def test_a_full_file_system_loses_nothing(tmp_path, rounds):
    command = private_mount()
    for turn in range(rounds):
        folder = tmp_path / f"{turn}"
        folder.mkdir()
        script = 'mount -t tmpfs -o size=1500k tmpfs "$1" && exec "$2" "$3" "$1" full 6'
        words = [*command, "sh", "-c", script, "-", str(folder), sys.executable, str(PROGRAM)]
        done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout == "whole\n"
