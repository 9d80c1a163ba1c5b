"""The names of the markers of tests, gathered once, when they have been collected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pytest

_LEFT_OUT = frozenset({"parametrize"})
"""The node id says it."""


def markers_of(items: Iterable[pytest.Item]) -> dict[str, tuple[str, ...]]:
    """Return the names of the markers of those tests that have any, in order, by node id."""
    inherited: dict[pytest.Collector | pytest.Session, frozenset[str]] = {}
    found: dict[str, tuple[str, ...]] = {}
    for item in items:
        parent = item.parent
        assert parent is not None  # every test has been collected from something
        names = inherited.get(parent)
        if names is None:
            above = [mark.name for node in parent.listchain() for mark in node.own_markers]
            names = inherited[parent] = frozenset(above) - _LEFT_OUT
        every = names
        for mark in item.own_markers:
            if mark.name not in _LEFT_OUT:
                every |= {mark.name}
        if every:
            found[item.nodeid] = tuple(sorted(every))
    return found


def by_name(markers: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the tests of each marker: there are fewer markers than tests."""
    tests: dict[str, list[str]] = {}
    for node_id, names in markers.items():
        for name in names:
            tests.setdefault(name, []).append(node_id)
    return tests
