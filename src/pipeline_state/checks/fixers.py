"""Letting one fixer repair files, and finding out which of them it changed.

A tool writes files itself. What a run of it that fails has made of them is taken back, and the files are tried apart,
so that each is repaired, or is what it was.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline_state.checks.batches import ToolRunner, batches
from pipeline_state.checks.contents import Contents
from pipeline_state.checks.declaration import BuiltIn, ReportError, TimedOutError
from pipeline_state.checks.execution import runner_of
from pipeline_state.checks.fixing import ChangedMeanwhileError, fix_file
from pipeline_state.checks.prepared import Prepared
from pipeline_state.checks.processes import Processes
from pipeline_state.checks.result import Trouble
from pipeline_state.store.storable import storable_path

_MOST_HALVINGS = 24
"""So often is a batch that fails divided, to find the files that it fails for."""


class _FixingTool:
    """A tool that repairs files in place. `failed` are those that it could not be let at, with the reason."""

    def __init__(self, runner: ToolRunner, root: Path) -> None:
        self._runner, self._root = runner, root
        self._halvings = _MOST_HALVINGS
        self.failed: list[tuple[Sequence[str], ReportError]] = []

    def fix(self, batch: Sequence[str]) -> None:
        originals = {path: (self._root / path).read_bytes() for path in batch if (self._root / path).is_file()}
        try:
            self._runner.fix(batch)
        except BaseException as error:
            self._take_back(originals)
            if not isinstance(error, ReportError):
                raise
            if len(batch) == 1 or not self._halvings or isinstance(error, TimedOutError):
                self.failed.append((batch, error))
                return
            self._halvings -= 1
            middle = len(batch) // 2
            self.fix(batch[:middle])
            self.fix(batch[middle:])

    def _take_back(self, originals: Mapping[str, bytes]) -> None:
        for path, content in originals.items():
            target = Path(os.path.realpath(self._root / path))
            if not target.exists():
                target.write_bytes(content)
            fix_file(target, lambda _, content=content: content)  # type: ignore[misc]  # bound for each file


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
        tool = _FixingTool(runner_of(prepared, root, processes), root)
        try:
            for batch in batches(paths, 1):
                tool.fix(batch)
        finally:
            processes.end()
        for named, why in tool.failed:
            whose = storable_path(named[0]) if len(named) == 1 else None
            troubles.append(Trouble(prepared.detector.id, whose, f"while fixing: {why}; left as it was"))
    changed = []
    for path in paths:
        contents.forget(path)
        now, then = contents.of(path), before[path]
        if now is None or then is None or now.digest != then.digest:
            changed.append(path)
    return changed, troubles
