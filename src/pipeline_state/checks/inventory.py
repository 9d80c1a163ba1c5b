"""What detectors there are for a worktree: which are enabled, what program each would run, and where that was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pipeline_state.checks.choice import all_detectors, require_configured
from pipeline_state.checks.contents import Contents
from pipeline_state.checks.declaration import Detector, ReportError, Tool
from pipeline_state.checks.execution import runner_of
from pipeline_state.checks.folders import Folders
from pipeline_state.checks.prepared import Prepared, prepare
from pipeline_state.checks.processes import Processes
from pipeline_state.checks.registry import Failure
from pipeline_state.checks.tools import places_of
from pipeline_state.checks.waiting import first_done
from pipeline_state.checks.watch import Watch
from pipeline_state.config import Configuration
from pipeline_state.named_tuple import NamedTuple

_LONGEST_S = 60.0
"""So long may a tool take to tell its version, in seconds."""

_AT_ONCE = 4


class Known(NamedTuple):
    """A detector, and what was found of it.

    `places` are where its program is looked for, in that order. `version` is what the tool says, `unsaid` why it says
    none; both are `None` for a detector without a tool, or whose tool is not asked.
    """

    detector: Detector
    enabled: bool
    prepared: Prepared
    places: tuple[Path, ...] = ()
    version: str | None = None
    unsaid: str | None = None


class Inventory(NamedTuple):
    """All detectors, in the order in which they were found, and the plugins that failed."""

    known: tuple[Known, ...]
    failures: tuple[Failure, ...]


def inventory(root: Path, configuration: Configuration, environ: Mapping[str, str]) -> Inventory:
    """Return all detectors. No tool is run. Raises what a wrong configuration raises."""
    registry = all_detectors(configuration)
    require_configured(registry, configuration)
    enabled = set(registry.expand(configuration.detectors))
    watch, contents = Watch(root, None), Contents(root, lambda _: None, None)
    folders = Folders(root, watch)
    found = []
    for detector in registry.detectors.values():
        settings = configuration.of(detector.id)
        places = places_of(detector.how, settings, root, environ) if isinstance(detector.how, Tool) else ()
        prepared = prepare(detector, settings, root, environ, contents, folders, watch)
        found.append(Known(detector, detector.id in enabled, prepared, places))
    return Inventory(tuple(found), registry.failures)


def with_versions(
    found: Sequence[Known],
    root: Path,
    remembered: Callable[[bytes], str | None],
    learn: Callable[[bytes, str], None],
) -> list[Known]:
    """Return these detectors with the versions of their tools: remembered by what would be executed, or asked for."""
    processes = Processes()
    answers: dict[str, Known] = {}
    pool = ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="pipeline-state-version")
    try:
        tasks = {}
        for one in found:
            if not isinstance(one.detector.how, Tool) or not one.detector.how.version or one.prepared.missing:
                continue
            identity = one.prepared.identity
            known = remembered(identity.digest) if identity.unknown is None else None
            if known is not None:
                answers[one.detector.id] = one._replace(version=known)
            else:
                tasks[one.detector.id] = one, pool.submit(_asked, one.prepared, root, processes)
        for name, (one, task) in tasks.items():
            first_done([task])
            try:
                version = task.result()
            except ReportError as error:
                answers[name] = one._replace(unsaid=str(error))
                continue
            answers[name] = one._replace(version=version)
            if one.prepared.identity.unknown is None:
                learn(one.prepared.identity.digest, version)
    finally:
        processes.end()
        pool.shutdown(cancel_futures=True)
    return [answers.get(one.detector.id, one) for one in found]


def _asked(prepared: Prepared, root: Path, processes: Processes) -> str:
    runner = runner_of(prepared, root, processes)
    return runner._replace(timeout_s=min(runner.timeout_s, _LONGEST_S)).version()
