"""What changed from one session to another."""

from __future__ import annotations

import pytest

from pipeline_state.store.comparison import compare


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("passed", "failed", "newly_failing"),
        (None, "error", "newly_failing"),
        ("not run", "crashed", "newly_failing"),
        ("failed", "passed", "newly_fixed"),
        ("error", "skipped", "newly_fixed"),
        ("failed", "not run", "changed"),
        ("failed", "interrupted", "changed"),
        ("failed", "error", "still_failing"),
        (None, "passed", "added"),
        ("failed", None, "removed"),
        ("passed", "skipped", "changed"),
        ("passed", "passed", None),
    ],
)
def test_each_test_changes_in_one_way_or_not_at_all(before, after, kind):
    sessions = [{} if outcome is None else {"t": outcome} for outcome in (before, after)]
    found = compare(*sessions)
    assert [name for name in found.__dataclass_fields__ if getattr(found, name)] == ([kind] if kind else [])
