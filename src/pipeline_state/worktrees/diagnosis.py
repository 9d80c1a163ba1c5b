"""What `doctor` looks at beyond the database: the hooks, the other worktrees, and those that are gone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from pipeline_state.errors import PipelineStateError
from pipeline_state.location import FILE, FOLDER, Location
from pipeline_state.store import registry
from pipeline_state.store.database import Database
from pipeline_state.store.diagnosis import Diagnosis
from pipeline_state.store.state import tokens_in
from pipeline_state.worktrees.git_hooks import find_place, status
from pipeline_state.worktrees.overview import see
from pipeline_state.worktrees.sweep import sweep

_NOT_COLLECTED = frozenset({"build", "dist", "node_modules", "venv", "_darcs", "CVS", "{arch}"})
"""Folders that pytest leaves out by default, beside those whose name begins with a dot."""


def examine_worktrees(location: Location) -> Iterator[Diagnosis]:
    """Look at what surrounds this worktree. Nothing is repaired."""
    if location.worktree is None:
        return
    common_dir, root = Path(location.worktree.common_dir), Path(location.worktree.root)
    yield hooks(root)
    yield from copied(location)
    yield from nested(common_dir, root)
    yield from removed(common_dir)


def hooks(root: Path) -> Diagnosis:
    """Do the Git hooks work, where they are installed?"""
    try:
        found = status(find_place(root))
    except PipelineStateError as error:
        return Diagnosis("hooks", "warning", str(error))
    for hook in found:
        if hook.condition == "outdated":
            message = (
                f"{hook.path} calls {hook.command}, which is not there any more, or not the way it was; "
                "`pipeline-state hooks install` brings it up to date"
            )
            return Diagnosis("hooks", "problem", message)
    if any(hook.condition == "shadowed" for hook in found):
        message = (
            "core.hooksPath leads Git past our hooks; `pipeline-state hooks install` says what is to be done, and "
            "`pipeline-state hooks uninstall` removes them"
        )
        return Diagnosis("hooks", "warning", message)
    missing = [hook.event for hook in found if hook.condition == "absent"]
    if len(missing) == len(found):
        return Diagnosis("hooks", "ok", "not installed; nothing depends on them")
    if missing:
        message = f"{', '.join(missing)} not installed, the others are; `pipeline-state hooks install` completes them"
        return Diagnosis("hooks", "warning", message)
    return Diagnosis("hooks", "ok", "installed")


def copied(location: Location) -> Iterator[Diagnosis]:
    """Does the database of this worktree hold what another one recorded?"""
    from pipeline_state.git.identity import known_token

    if location.source != "worktree" or location.path is None or not os.path.isfile(location.path):
        return
    assert location.worktree is not None
    try:
        database = Database(location.path, read_only=True)
    except PipelineStateError:  # said elsewhere
        return
    try:
        others = set(tokens_in(database)) - {known_token(location.worktree.git_dir)}
    except PipelineStateError:  # the same
        return
    finally:
        database.close()
    if others:
        message = (
            f"{location.path} holds runs of {len(others)} other worktrees: it was copied in, or its worktree was made "
            "again. Their verdicts are used, for they are proofs; their runs are not shown as this worktree's"
        )
        yield Diagnosis("copied-database", "warning", message)
    else:
        yield Diagnosis("copied-database", "ok", "the database is this worktree's own")


def nested(common_dir: Path, root: Path) -> Iterator[Diagnosis]:
    """Do worktrees lie where pytest would collect their tests with ours?"""
    try:
        found = see(common_dir)
    except PipelineStateError as error:
        yield Diagnosis("nested-worktrees", "warning", str(error))
        return
    inside = [seen.listed.path for seen in found if root in seen.listed.path.parents and seen.condition == "present"]
    collected = [path for path in inside if not _is_left_out(path.relative_to(root))]
    if collected:
        message = (
            f"the worktree {collected[0]} lies inside of this one, where pytest collects its tests too; move it below "
            f"{root / FOLDER}, or name its folder in norecursedirs"
        )
        yield Diagnosis("nested-worktrees", "warning", message)
    else:
        yield Diagnosis("nested-worktrees", "ok", "no worktree lies where pytest would collect it")


def removed(common_dir: Path) -> Iterator[Diagnosis]:
    """What did worktrees leave that were removed?"""
    swept = sweep(common_dir, dry_run=True)
    if swept.removed:
        message = (
            f"{len(swept.removed)} worktrees were removed, {swept.removed[0].path} for one, and what is known of them "
            "is not set apart yet; `pipeline-state worktree sweep` does it"
        )
        yield Diagnosis("removed-worktrees", "warning", message)
    else:
        yield Diagnosis("removed-worktrees", "ok", "every worktree that is known is there, or was set apart")
    alive = {
        row.database for row in (registry.latest(common_dir, token) for token in registry.tokens(common_dir)) if row
    }
    for token in registry.tokens(common_dir, registry.REMOVED):
        row = registry.read(common_dir, token, registry.REMOVED)
        if row is None:
            continue
        folder = Path(row.path, FOLDER)
        if Path(row.database) != folder / FILE:
            if row.database not in alive and os.path.isfile(row.database):
                message = (
                    f"{row.database} was used by the removed worktree {row.path} only; delete it if it is not needed"
                )
                yield Diagnosis("outside-database", "warning", message)
        elif folder.is_dir() and not os.path.lexists(Path(row.path, ".git")):
            message = f"{folder} is left of the removed worktree {row.path}; delete it if nothing in it is needed"
            yield Diagnosis("zombie-folder", "warning", message)


def _is_left_out(path: Path) -> bool:
    return any(part.startswith(".") or part.endswith(".egg") or part in _NOT_COLLECTED for part in path.parts)
