"""The sweep: what is known of worktrees that are gone is set apart, and what they left in the user's folder goes.

Git has no hook for the removal of a worktree, so it is noticed afterwards. Nothing is ever deleted at a path that a row
names: what a row says may be wrong, or of another repository. What is deleted are journals that carry the token of a
worktree which is certainly gone, after their results were written down.
"""

from __future__ import annotations

import os

from pipeline_state.store import registry
from pipeline_state.worktrees.standing import standing

TYPE_CHECKING = False  # as type checkers read it: the Git hooks load this module, and do without `typing`
if TYPE_CHECKING:
    from pipeline_state.store.registry import Row
    from pipeline_state.worktrees.standing import Standing


class Swept:
    """What a sweep saw. `databases` are those of removed worktrees that still exist: they are the user's to delete."""

    __slots__ = ("databases", "missing", "removed", "standing")

    def __init__(
        self, removed: tuple[Row, ...], missing: tuple[Row, ...], standing: int, databases: tuple[str, ...]
    ) -> None:
        self.removed = removed
        self.missing = missing
        self.standing = standing
        self.databases = databases


def sweep(common_dir: str | os.PathLike[str], *, dry_run: bool = False) -> Swept:
    """Compare the registry with the worktrees that there are. With `dry_run` nothing is changed."""
    if not dry_run:
        registry.mark_swept(common_dir)  # first: what is removed while we look is for the next sweep
    seen: list[tuple[Row, Standing]] = []
    for token in registry.tokens(common_dir):
        row = registry.latest(common_dir, token)
        if row is not None:
            seen.append((row, standing(row, common_dir)))
    gone = [registry.read(common_dir, row.token) for row, state in seen if state == "removed"]
    removed = tuple(row for row in gone if row is not None)
    alive = {row.database for row, state in seen if state != "removed"}
    left = {row.database for row in removed if row.database not in alive and os.path.isfile(row.database)}
    if not dry_run:
        for row in removed:
            _set_apart(row, common_dir)
        if removed:
            registry.forget_oldest_removed(common_dir)
    return Swept(
        removed=removed,
        missing=tuple(row for row, state in seen if state == "missing"),
        standing=sum(state in ("present", "unknown") for _, state in seen),
        databases=tuple(sorted(left)),
    )


def _set_apart(row: Row, common_dir: str | os.PathLike[str]) -> None:
    from pipeline_state.worktrees import spills  # here: in a hook there is mostly nothing to set apart

    gone = spills.is_certainly_gone(row, common_dir)
    journals = spills.dead_journals(row.token) if gone else []
    kept = all(registry.add(common_dir, row, summary) for summary in spills.summaries(journals))
    try:
        registry.set_removed(common_dir, row.token)
    except OSError:  # only readable by now: the next sweep does it
        return
    if journals and kept:
        spills.forget(row.token, journals)
