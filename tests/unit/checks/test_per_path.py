"""Which of several entries counts for a file."""

from __future__ import annotations

from pipeline_state.checks.per_path import last_match


def test_the_last_entry_that_matches_counts():
    number_of = last_match([(["*.py"], []), (["tests"], ["tests/data"]), (["tests/a.py"], [])])
    assert number_of("a.py") == 0
    assert number_of("tests/b.py") == 1
    assert number_of("tests/a.py") == 2
    assert number_of("tests/data/c.py") == 0
    assert number_of("tests/data/c.txt") is None
    assert last_match([])("a.py") is None
