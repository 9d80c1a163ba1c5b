"""Power loss at any instant: no database is damaged, what was durable is there, and of the rest a beginning.

A writer's every write, truncation, sync and deletion is logged (`programs/log_power.py`). From the log we rebuild what
a disk could hold if the power had gone after any of them: what was synced, and of the rest anything, whole, torn or
garbage. The real store then opens each of these images.
"""

from __future__ import annotations

import itertools
import pickle

import pytest

pytest.importorskip("apsw")

IMAGES = 40  # of each round
TRANSACTIONS = 150
WINDOW = 20  # as in programs/log_power.py
SECTOR = 512


class Disk:
    """What a disk surely holds, and what it may hold besides."""

    def __init__(self):
        self.contents = {}
        self.names = {}
        self.unsynced = {}
        self.unsynced_names = []

    def perform(self, operation):
        match operation:
            case ("exists", name, file, content):
                self.contents[file] = bytearray(content)
                self.names[name] = file
            case ("link", _, file):
                self.contents.setdefault(file, bytearray())
                self.unsynced_names.append(operation)
            case ("unlink", _):
                self.unsynced_names.append(operation)
            case ("write" | "truncate", file, *_):
                self.unsynced.setdefault(file, []).append(operation)
            case ("sync", file):
                for each in self.unsynced.pop(file, ()):
                    change(self.contents[file], each)
            case ("sync folder",):
                for each in self.unsynced_names:
                    rename(self.names, each)
                self.unsynced_names = []

    def after_power_loss(self, chance):
        """Return one of the many things that the disk could hold now, by name."""
        names = dict(self.names)
        for operation in self.unsynced_names:
            if chance.random() < 0.5:
                rename(names, operation)
        kept = chance.choice([0.0, 0.1, 0.5, 0.9, 1.0])
        torn = chance.choice([0.0, 0.0, 0.2])
        images = {}
        for name, file in names.items():
            content = bytearray(self.contents[file])
            for operation in self.unsynced.get(file, ()):
                if chance.random() < torn:
                    tear(content, operation, chance)
                elif chance.random() < kept:
                    change(content, operation)
            images[name] = bytes(content)
        return images


def rename(names, operation):
    if operation[0] == "link":
        names[operation[1]] = operation[2]
    else:
        names.pop(operation[1], None)


def change(content, operation):
    if operation[0] == "truncate":
        del content[operation[2] :]
        return
    _, _, offset, written = operation
    content.extend(bytes(max(0, offset - len(content))))
    content[offset : offset + len(written)] = written


def tear(content, operation, chance):
    """Of a write each sector arrives, or does not, or becomes garbage."""
    if operation[0] == "truncate":
        return
    _, file, offset, written = operation
    end = offset + len(written)
    edges = [offset, *range(offset - offset % SECTOR + SECTOR, end, SECTOR), end]
    for first, last in itertools.pairwise(edges):
        fate = chance.random()
        if fate < 0.5:
            change(content, ("write", file, first, written[first - offset : last - offset]))
        elif fate < 0.6:
            change(content, ("write", file, first, chance.randbytes(last - first)))


def instants(log, number, chance):
    """Return after which operations the power goes: anywhere, and more often where it is delicate."""
    database = next(operation[2] for operation in log if operation[0] in {"exists", "link"})
    first_commit = next(index for index, operation in enumerate(log) if operation[0] == "commit")
    places = {
        "anywhere": range(len(log)),
        "opening": range(first_commit),
        "acknowledged": [index for index, operation in enumerate(log) if operation[0] == "commit"],
        "checkpoint": [index for index, operation in enumerate(log) if operation[1:2] == (database,)],
        "start of a journal": [
            index for index, operation in enumerate(log) if operation[0] == "write" and operation[2] == 0
        ],
        "sync": [index for index, operation in enumerate(log) if operation[0] in {"sync", "sync folder", "unlink"}],
    }
    some = [chance.choice(places[name]) - chance.randrange(2) for name in chance.choices(sorted(places), k=number)]
    existing = sum(operation[0] == "exists" for operation in log)
    return sorted(max(existing, index) for index in some)


def lay_out(folder, images):
    for entry in folder.iterdir():
        if entry.is_file():
            entry.unlink()
    for name, content in images.items():
        (folder / name).write_bytes(content)


def transactions_in(database):
    """Return how many transactions there are, and hold that they are the first ones, each whole."""
    rows = {row[0]: row[1] for row in database.all("SELECT name, done_at FROM maintenance")}
    count = int(rows.pop("count", 0))
    assert set(rows) == {str(number) for number in range(max(1, count - WINDOW + 1), count + 1)}
    return count


@pytest.fixture
def write_log(start, output, tmp_path):
    """Runs the logging writer on a database and returns the log."""

    def write_log(path, durability, seed):
        destination = tmp_path / "log"
        output(start("log_power", path, TRANSACTIONS, durability, seed, destination))
        return pickle.loads(destination.read_bytes())  # noqa: S301 - our own program's

    return write_log


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "image"
    folder.mkdir()
    return folder


def try_images(log, number, chance, folder, open_whole):
    """Open `number` images and return how many of the acknowledged transactions each of them lost."""
    disk, performed, lost = Disk(), 0, []
    promised = acknowledged = next(operation[1] for operation in log if operation[0] == "commit") - 1
    for instant in instants(log, number, chance):
        for operation in log[performed : instant + 1]:
            disk.perform(operation)
            if operation[0] == "commit":
                acknowledged = operation[1]
                promised = acknowledged if operation[2] else promised
        performed = instant + 1
        images = disk.after_power_loss(chance)
        if chance.random() < 0.3:
            images["state.db-shm"] = chance.randbytes(32_768)  # left over, and of no use any more
        lay_out(folder, images)
        with open_whole(folder / "state.db") as state:
            there = transactions_in(state.database)
            assert promised <= there <= acknowledged + 1, f"the power goes after operation {instant}"
            begun = state.runs.begin("check")
            state.runs.finish(begun.id, 0)
        lost.append(acknowledged - there)
    return lost


@pytest.mark.parametrize("durability", ["full", "normal", "mixed"])
def test_after_a_power_loss_what_was_durable_is_there(
    rounds, chance, write_log, tmp_path, folder, open_whole, durability
):
    for turn in range(max(1, rounds // 4)):
        source = tmp_path / f"source{turn}"
        source.mkdir()
        log = write_log(source / "state.db", durability, f"{durability} {turn}")
        lost = try_images(log, min(rounds, 4) * IMAGES, chance, folder, open_whole)
        assert any(count > 0 for count in lost) == (durability != "full")  # these images do lose what was not synced


def test_power_that_goes_twice_takes_no_more(rounds, chance, write_log, tmp_path, folder, open_whole):
    """The database that the second loss hits was itself left behind by the first."""
    source = tmp_path / "source"
    source.mkdir()
    log = write_log(source / "state.db", "mixed", "first")
    for turn in range(max(1, rounds // 2)):
        disk = Disk()
        for operation in log[: chance.choice(instants(log, 8, chance))]:
            disk.perform(operation)
        again = tmp_path / f"again{turn}"
        again.mkdir()
        lay_out(again, disk.after_power_loss(chance))
        second = write_log(again / "state.db", "mixed", f"second {turn}")
        try_images(second, IMAGES, chance, folder, open_whole)
