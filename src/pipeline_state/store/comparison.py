"""What changed from one session to another, test by test. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

BAD = frozenset({"failed", "error", "crashed"})
_NOTHING = frozenset({"running", "interrupted", "not run"})


@dataclass(frozen=True, slots=True)
class Change:
    """A test with its outcome before and after; None where it was not there."""

    node_id: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The tests of two sessions. An outcome that says nothing (interrupted, not run) makes nothing newly fixed.

    `newly_failing` holds tests that fail now and did not, new ones too; `added` and `removed` those that do not fail
    and are in one session only; `changed` what else came out differently.
    """

    newly_failing: tuple[Change, ...]
    newly_fixed: tuple[Change, ...]
    still_failing: tuple[Change, ...]
    added: tuple[Change, ...]
    removed: tuple[Change, ...]
    changed: tuple[Change, ...]


def compare(before: Mapping[str, str], after: Mapping[str, str]) -> Comparison:
    """Compare the outcomes of two sessions, each given by node id."""
    found: dict[str, list[Change]] = {name: [] for name in Comparison.__dataclass_fields__}
    for node_id in sorted({*before, *after}):
        change = Change(node_id, before.get(node_id), after.get(node_id))
        kind = _kind(change)
        if kind is not None:
            found[kind].append(change)
    return Comparison(**{name: tuple(changes) for name, changes in found.items()})


def _kind(change: Change) -> str | None:
    if change.after is None:
        return "removed"
    if change.after in BAD:
        return "still_failing" if change.before in BAD else "newly_failing"
    if change.before is None:
        return "added"
    if change.before in BAD and change.after not in _NOTHING:
        return "newly_fixed"
    return "changed" if change.before != change.after else None
