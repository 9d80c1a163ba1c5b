"""Slow tools come first, as soon as it is known which they are."""

from __future__ import annotations

import threading
from collections.abc import Iterable

import pytest

from pipeline_state.checks.batches import Answer
from pipeline_state.checks.schedule import Batch, Schedule


class Time:
    """A clock that moves by what a batch takes."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def begun():
    """Returns the detectors in the order in which batches are begun, given what each of them takes, one at a time."""

    def begun(*batches: tuple[int, float]) -> list[int]:
        time, order = Time(), []

        def work(number: int, seconds: float):
            def judge() -> Answer:
                order.append(number)
                time.now += seconds
                return Answer()

            return judge

        schedule = Schedule((Batch(number, work(number, seconds)) for number, seconds in batches), time)
        told = [schedule.judge_next() for _ in range(len(schedule))]
        assert [one.detector for one in told] == order
        assert sorted((one.detector, one.duration_s) for one in told) == sorted(batches)
        return order

    return begun


def test_of_each_tool_one_batch_is_begun_in_their_order_and_then_the_slowest(begun):
    quick, slow, slower = (0, 1.0), (1, 4.0), (2, 5.0)
    assert begun(quick, quick, quick, slow, slow, slower, slower) == [0, 1, 2, 2, 1, 0, 0]


def test_a_single_tool_is_taken_in_order_and_nothing_at_all_is_nothing(begun):
    assert begun((3, 1.0), (3, 9.0), (3, 1.0)) == [3, 3, 3]
    assert len(Schedule(())) == 0


def test_a_tool_that_is_still_at_work_counts_as_slow_as_it_has_been_so_far():
    time = Time()
    ended, running = threading.Event(), threading.Event()

    def long() -> Answer:
        running.set()
        assert ended.wait(30)
        return Answer()

    def batches() -> Iterable[Batch]:
        yield Batch(0, long)
        yield Batch(0, Answer)
        yield Batch(1, Answer)
        yield Batch(1, Answer)

    schedule = Schedule(batches(), time)
    thread = threading.Thread(target=schedule.judge_next)
    thread.start()
    assert running.wait(30)
    time.now = 2.0
    assert [schedule.judge_next().detector for _ in range(3)] == [1, 0, 1]
    ended.set()
    thread.join()


def test_what_a_tool_raises_is_raised_and_the_others_are_judged():
    def broken() -> Answer:
        raise OSError("no more processes")

    schedule = Schedule([Batch(0, broken), Batch(1, Answer)])
    with pytest.raises(OSError, match="no more"):
        schedule.judge_next()
    assert schedule.judge_next().detector == 1
