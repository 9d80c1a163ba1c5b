"""Letting one fixer repair files, and finding out which of them it changed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline_state.checks.batches import batches
from pipeline_state.checks.contents import Contents
from pipeline_state.checks.declaration import BuiltIn, ReportError
from pipeline_state.checks.execution import runner_of
from pipeline_state.checks.fixing import ChangedMeanwhileError, fix_file
from pipeline_state.checks.prepared import Prepared
from pipeline_state.checks.processes import Processes
from pipeline_state.checks.result import Trouble
from pipeline_state.store.storable import storable_path


def fix_files(
    prepared: Prepared, paths: Sequence[str], contents: Contents, root: Path
) -> tuple[list[str], list[Trouble]]:
    """Let a detector repair these files; return those that it changed, and what went wrong."""
    troubles: list[Trouble] = []
    before = {path: contents.of(path) for path in paths}
    if isinstance(prepared.detector.how, BuiltIn):
        assert prepared.detector.how.fix is not None
        for path in paths:
            try:
                fix_file(root / path, prepared.detector.how.fix)
            except (OSError, ChangedMeanwhileError) as error:
                troubles.append(Trouble(prepared.detector.id, storable_path(path), str(error)))
            except Exception as error:  # noqa: BLE001 - a plugin's fixer can raise anything; the file is what it was
                said = f"its fixer raised {type(error).__name__}: {error}"
                troubles.append(Trouble(prepared.detector.id, storable_path(path), said))
    else:
        processes = Processes()
        runner = runner_of(prepared, root, processes)
        try:
            for batch in batches(paths, 1):
                try:
                    runner.fix(batch)
                except ReportError as error:
                    troubles.append(Trouble(prepared.detector.id, None, f"while fixing: {error}"))
        finally:
            processes.end()
    changed = []
    for path in paths:
        contents.forget(path)
        now, then = contents.of(path), before[path]
        if now is None or then is None or now.digest != then.digest:
            changed.append(path)
    return changed, troubles
