"""The one format of every time that is stored: UTC, fixed width, so that it sorts as text."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from time import struct_time

SECOND = 1_000_000_000
"""Nanoseconds."""


# The functions are bound as defaults, out of reach of libraries that freeze a test's clock by replacing the
# attributes of modules: what is recorded of a test is when it really ran.
def now(clock: Callable[[], int] = time.time_ns, split: Callable[[float], struct_time] = time.gmtime) -> str:
    """Return the current time as `2026-01-31T12:34:56.123456Z`."""
    return at(clock(), split)


def at(nanoseconds: int, split: Callable[[float], struct_time] = time.gmtime) -> str:
    """Return a time, given in nanoseconds since the epoch, as `2026-01-31T12:34:56.123456Z`."""
    seconds, rest = divmod(nanoseconds, SECOND)
    year, month, day, hour, minute, second, *_ = split(seconds)
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{rest // 1000:06}Z"


def stamp(nanoseconds: int) -> str:
    """Return the same as `at`, faster where many times lie within one second."""
    second, rest = divmod(nanoseconds, SECOND)
    return f"{_whole_second(second)}{rest // 1000:06}Z"


def stamps(times: Iterable[int]) -> list[str]:
    """Return the same as `stamp` for each of many times, faster still where neighbours lie within one second."""
    found = []
    begin = end = 0
    whole = ""
    for nanoseconds in times:
        if not begin <= nanoseconds < end:
            begin = nanoseconds - nanoseconds % SECOND
            end = begin + SECOND
            whole = _whole_second(begin // SECOND)
        found.append(f"{whole}{(nanoseconds - begin) // 1000:06}Z")
    return found


@lru_cache(maxsize=4)
def _whole_second(second: int) -> str:
    return at(second * SECOND)[:-7]


def days_ago(days: float, clock: Callable[[], int] = time.time_ns) -> str:
    """Return the time that many days ago."""
    return at(clock() - int(days * 86_400 * SECOND))


def seconds(text: str) -> float:
    """Return a stored time in seconds since the epoch."""
    from calendar import timegm

    whole = timegm((*map(int, (text[:4], text[5:7], text[8:10], text[11:13], text[14:16], text[17:19])), 0, 0, 0))
    return whole + int(text[20:26]) / 1_000_000


def compact(text: str) -> str:
    """Return a stored time as it stands in file names: `20260131T123456Z`."""
    return text[:19].replace("-", "").replace(":", "") + "Z"
