"""What the last lines of a session say has changed. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline_state.store.comparison import BAD, Change

_SHOWN = 3


def changes_in_words(changes: Sequence[Change], flaky: Sequence[str]) -> str:
    """Return the newly failing, the newly fixed and the flaky tests as one sentence; empty if there are none."""
    failing = [change.node_id for change in changes if change.after in BAD]
    fixed = [change.node_id for change in changes if change.after not in BAD]
    kinds = (("newly failing", failing), ("newly fixed", fixed), ("flaky", flaky))
    return "; ".join(_named(what, node_ids) for what, node_ids in kinds if node_ids)


def _named(what: str, node_ids: Sequence[str]) -> str:
    more = ", …" if len(node_ids) > _SHOWN else ""
    return f"{len(node_ids)} {what}: {', '.join(map(_shown, node_ids[:_SHOWN]))}{more}"


def _shown(node_id: str) -> str:
    """Return a stored node id so that every terminal can show it on one line."""
    return node_id if node_id.isprintable() else ascii(node_id)[1:-1]
