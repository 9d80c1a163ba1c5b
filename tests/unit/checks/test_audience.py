"""Whoever follows a check hears of each file that is judged, of none that is proven, and has the last word."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest

from pipeline_state.checks.audience import Audience
from pipeline_state.checks.check import check
from pipeline_state.checks.recording import Recording
from pipeline_state.checks.request import Request
from pipeline_state.checks.selection import Selection
from pipeline_state.location import find_worktree
from pipeline_state.store.state import open_state


class Listener(Audience):
    def __init__(self):
        self.fixers = {}
        self.begun = Counter()
        self.done = Counter()
        self.outcomes = []

    def fixing(self, detector, files):
        self.fixers[detector] = files

    def begin(self, files):
        self.begun.update(files)

    def judged(self, detector):
        self.done[detector] += 1

    def tell(self, result, telling, outcomes):
        self.outcomes = sorted(outcomes())
        self.baseline = telling.baseline
        return result._replace(findings=())


@pytest.fixture
def follow(committed, monkeypatch):
    """Checks a repository of a broken and a clean file, and returns who followed with the result and its record."""
    (committed / "broken.py").write_text("b = (\n")
    monkeypatch.chdir(committed)

    def follow(**more):
        listener = Listener()
        with open_state() as state:
            request = Request(worktree=find_worktree(), selection=Selection("all"), cwd=Path.cwd(), **more)
            recording = Recording(state, [], None, None)
            result = check(state, request, recording, listener)
            return listener, result, state.runs.get(recording.run_id)

    return follow


def test_each_file_is_told_once_and_none_that_is_proven(follow):
    first, _, _ = follow()
    assert first.begun == first.done
    assert first.done["python-syntax"] == 2
    time.sleep(1.02 - time.time() % 1)
    for _ in range(2):  # by key, and by the snapshot
        again, _, _ = follow()
        assert (again.begun, again.done) == ({}, {})
        assert again.outcomes == first.outcomes
    assert ("python-syntax", "broken.py", "findings") in first.outcomes
    assert ("python-syntax", "a.py", "clean") in first.outcomes


def test_the_last_word_is_what_is_returned_and_recorded(follow):
    _, result, run = follow()
    assert (result.findings, result.exit_code, run.exit_code) == ((), 0, 0)


def test_fixers_are_told_with_their_files(follow):
    listener, _, _ = follow(fix=True)
    assert listener.fixers["trailing-whitespace"] == 2


def test_the_baseline_of_the_configuration_is_told_on_every_road(follow, committed):
    (committed / "pipeline-state.toml").write_text('baseline = "known.json"\n')
    time.sleep(1.02 - time.time() % 1)
    assert [follow()[0].baseline for _ in range(3)] == ["known.json"] * 3
