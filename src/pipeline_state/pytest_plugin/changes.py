"""What the last line of a session says has changed. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline_state.store.comparison import BAD, Change

_SHOWN = 3


def changes_in_words(changes: Sequence[Change]) -> str:
    """Return the newly failing and the newly fixed tests, to be put behind a sentence; empty if there are none."""
    failing = [change.node_id for change in changes if change.after in BAD]
    fixed = [change.node_id for change in changes if change.after not in BAD]
    return _named("newly failing", failing) + _named("newly fixed", fixed)


def _named(what: str, node_ids: list[str]) -> str:
    if not node_ids:
        return ""
    more = ", …" if len(node_ids) > _SHOWN else ""
    return f"; {len(node_ids)} {what}: {', '.join(map(_shown, node_ids[:_SHOWN]))}{more}"


def _shown(node_id: str) -> str:
    """Return a stored node id so that every terminal can show it on one line."""
    return node_id if node_id.isprintable() else ascii(node_id)[1:-1]
