"""A forked child never uses its parent's connection, and however it ends, its parent goes on as if nothing had been."""

from __future__ import annotations

import os

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")


def test_children_and_their_parent_do_not_disturb_each_other(path, rounds, start, output, open_whole):
    told = output(start("fork", path, 20 * rounds), timeout_s=60 + 10 * rounds).splitlines()
    assert len(told) == 60 * rounds
    with open_whole(path) as state:
        assert {row["name"] for row in state.database.all("SELECT name FROM maintenance")} == set(told)
