"""What a check run leaves behind: its row, the verdicts as they come, and what the next run starts from.

A store that cannot be written never stops a check: what it says is kept as a notice, and the check goes on.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence

from pipeline_state._version import __version__
from pipeline_state.errors import StateError
from pipeline_state.store.storable import storable_path

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    from pipeline_state.checks.result import CheckResult
    from pipeline_state.store.snapshots import SnapshotRow
    from pipeline_state.store.stat_cache import Content
    from pipeline_state.store.state import State
    from pipeline_state.store.verdicts import Judged, Verdict


class Recording:
    """The record of one check run."""

    def __init__(self, state: State, arguments: Sequence[str], commit_id: str | None, branch: str | None) -> None:
        self._state = state
        self._begin = (arguments, commit_id, branch)
        self._works = not state.read_only
        self.run_id: str | None = None
        self.notices: list[str] = []
        if state.read_only:
            self.notices.append(f"{state.database.label} can only be read: nothing of this run is stored")

    def load(self) -> None:
        """Load what `finish` needs, while there is something to wait for."""
        self._try(lambda: (self._state.runs, self._state.check_runs))

    def begin(self) -> None:
        """Record that the run has begun; from now on it holds a lock file, by which others see that it is alive."""
        self._try(lambda: self._insert(None))

    def judged(self, judged: Sequence[tuple[Verdict, Judged]]) -> None:
        """Store verdicts that were just established, and let them stand."""
        run_id = self.run_id
        if judged and run_id is not None:

            def insert() -> None:
                self._state.verdicts.add(run_id, [verdict for verdict, _ in judged])
                self._state.verdicts.stand([one for _, one in judged])

            self._write(insert)

    def withdraw(self, key: bytes) -> None:
        """Forget a verdict that was not confirmed, and every snapshot: whichever rests on it proves nothing."""

        def forget() -> None:
            self._state.verdicts.withdraw(key)
            self._state.snapshots.drop()

        self._write(forget)

    def keep(
        self,
        *,
        learnt: dict[str, Content],
        standing: Sequence[Judged],
        gone_paths: Sequence[str],
        gone_pairs: Sequence[tuple[str, str]],
        only_detectors: Sequence[str] | None,
        snapshot: SnapshotRow | None,
    ) -> None:
        """Store what the next run starts from. Paths are in their storable form, but for those in `learnt`."""

        def insert() -> None:
            state = self._state
            state.stat_cache.learn({storable_path(path): content for path, content in learnt.items()})
            state.stat_cache.forget(gone_paths)
            state.verdicts.stand(standing)
            state.verdicts.forget_paths(gone_paths)
            state.verdicts.forget_pairs(gone_pairs)
            if only_detectors is not None:
                state.verdicts.forget_other_detectors(only_detectors)
            if snapshot is not None:
                state.snapshots.put(snapshot)

        self._write(insert)

    def learn_version(self, digest: bytes, version: str) -> None:
        """Store what a tool says its version is."""
        self._write(lambda: self._state.tools.learn(digest, version))

    def finish(self, result: CheckResult) -> None:
        """Record what the run came to; as the begin of it too, where that has not been recorded yet."""
        begun = self.run_id is not None
        fresh_id = os.urandom(8).hex()

        def insert() -> None:  # may be called again, after a rollback
            if not begun:  # begun and ended in one go: nobody can find it running
                self._insert(fresh_id)
            if self.run_id is not None:
                self._state.check_runs.record(self.run_id, result.summary, result.detectors)
                self._state.runs.finish(self.run_id, result.exit_code)

        self._write(insert)

    def interrupt(self) -> None:
        """Record that the run was stopped."""
        run_id = self.run_id
        if run_id is not None:
            self._try(lambda: self._state.runs.interrupt(run_id))

    def _insert(self, run_id: str | None) -> None:
        arguments, commit_id, branch = self._begin
        environment = {
            "pipeline-state": __version__,
            "platform": sys.platform,
            "python": sys.version.split()[0],
        }
        run = self._state.runs.begin("check", arguments, commit_id, branch, environment=environment, run_id=run_id)
        self.run_id = run.id

    def _write(self, function: Callable[[], None]) -> None:
        self._try(lambda: self._state.database.write(function))

    def _try(self, function: Callable[[], object]) -> None:
        if not self._works:
            return
        try:
            function()
        except StateError as error:
            self._works = False
            self.notices.append(f"{error}; the check went on, and nothing more of it is stored")
