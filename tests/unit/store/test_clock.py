from __future__ import annotations

import time

from pipeline_state.store import clock


def test_times_have_one_width_and_sort_as_text():
    moments = [0, 1, 999_999_999, 10**9, 1_769_862_896_000_000_000, 1_769_862_896_123_456_789]
    texts = [clock.at(moment) for moment in moments]
    assert texts == sorted(texts)
    assert {len(text) for text in texts} == {len("2026-01-31T12:34:56.123456Z")}
    assert texts[-1] == "2026-01-31T12:34:56.123456Z"


def test_a_frozen_clock_does_not_freeze_what_is_recorded(monkeypatch):
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    monkeypatch.setattr(time, "gmtime", lambda *_: None)
    assert clock.now() > "2020"


def test_days_ago_counts_back():
    assert clock.days_ago(1, lambda: 3 * 86_400 * clock.SECOND) == clock.at(2 * 86_400 * clock.SECOND)


def test_the_compact_form_stands_in_file_names():
    assert clock.compact("2026-01-31T12:34:56.123456Z") == "20260131T123456Z"


def test_a_time_is_read_back():
    assert clock.seconds(clock.at(1_769_860_496_123_456_000)) == 1_769_860_496.123456
