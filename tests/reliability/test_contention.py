"""Ten processes that write all the time: each gets its share, and nobody is told that the database is busy."""

from __future__ import annotations

PROCESSES = 10


def test_each_writer_gets_its_share(path, rounds, start, go, output, open_whole):
    open_whole(path).close()
    writers = [start("contend", path, 1.0 * rounds) for _ in range(PROCESSES)]
    for process in writers:
        assert process.stdout.readline() == "ready\n"
    for process in writers:
        go(process)
    results = [tuple(map(int, output(process, timeout_s=60 + 2 * rounds).split())) for process in writers]
    commits = [count for count, _ in results]
    mean = sum(commits) / PROCESSES
    assert [busy for _, busy in results] == [0] * PROCESSES
    assert 0.5 * mean <= min(commits) <= max(commits) <= 2 * mean
    with open_whole(path) as state:
        assert state.database.one("SELECT count(*) FROM maintenance")[0] == sum(commits)
