"""One run of a tool over its whole project, with its own cache where that can be believed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline_state.checks.batches import Answer, ToolRunner
from pipeline_state.checks.declaration import ReportError, TimedOutError
from pipeline_state.checks.digests import digest
from pipeline_state.checks.prepared import Prepared
from pipeline_state.checks.scopes import ProjectScope
from pipeline_state.checks.sources import Sources
from pipeline_state.checks.tool_cache import ToolCache
from pipeline_state.named_tuple import NamedTuple


class ProjectJob(NamedTuple):
    """A detector that judges the whole project, and what was seen of that."""

    prepared: Prepared
    scope: ProjectScope
    sources: Sources
    root: Path
    use_cache: bool


def judge_project(runner: ToolRunner, job: ProjectJob, paths: Sequence[str]) -> Answer:
    """Return what the tool says of these files of its project."""
    option = runner.tool.project.cache
    if option is None:
        return _judge(runner, job, (), paths)
    if not _may_be_used(job):
        return _judge_afresh(runner, job, option, paths)
    cache = ToolCache(job.root, job.prepared.detector.id, _identity(job), job.sources.read)
    folder = cache.open()
    if folder is None:
        return _judge_afresh(runner, job, option, paths)
    believable = False
    try:
        answer = runner.judge_project(job.scope.run, (option + folder,), paths)
        believable = job.sources.are_as_they_were()
        return answer
    except ReportError as error:
        if not cache.is_warm or isinstance(error, TimedOutError):
            return _in_error(error, paths)
    finally:
        cache.close(believable=believable)
    return _judge_afresh(runner, job, option, paths)  # a broken cache may have been the reason


def _judge_afresh(runner: ToolRunner, job: ProjectJob, option: str, paths: Sequence[str]) -> Answer:
    """Judge with an empty cache: without any, a tool that works in several processes may not run."""
    with TemporaryDirectory(prefix="pipeline-state-", ignore_cleanup_errors=True) as folder:
        return _judge(runner, job, (option + folder,), paths)


def _judge(runner: ToolRunner, job: ProjectJob, options: Sequence[str], paths: Sequence[str]) -> Answer:
    try:
        return runner.judge_project(job.scope.run, options, paths)
    except ReportError as error:
        return _in_error(error, paths)


def _in_error(error: ReportError, paths: Sequence[str]) -> Answer:
    return Answer(errors=dict.fromkeys(paths, str(error)))


def _may_be_used(job: ProjectJob) -> bool:
    """Whether all that the tool's cache can depend on is known. What it does not look at, it would not miss."""
    unseen = job.prepared.never or job.prepared.unseen(job.prepared.configuration("")) or job.scope.unknown
    return job.use_cache and unseen is None


def _identity(job: ProjectJob) -> bytes:
    return digest((job.prepared.context.digest, job.scope.beside))
