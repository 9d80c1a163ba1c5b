"""Judging what the plan says has to be judged: tools in batches, built-in detectors in workers, all at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline_state.checks.batches import Answer, ToolRunner, batches
from pipeline_state.checks.declaration import BuiltIn, Tool
from pipeline_state.checks.findings import Problem
from pipeline_state.checks.prepared import Prepared
from pipeline_state.checks.processes import Processes
from pipeline_state.checks.schedule import Batch, Schedule
from pipeline_state.checks.waiting import first_done
from pipeline_state.named_tuple import NamedTuple

if TYPE_CHECKING:
    from pipeline_state.checks.project_run import ProjectJob
    from pipeline_state.checks.worker_pool import WorkerResult


class Judgement(NamedTuple):
    """What a detector said of a file. Exactly one of the three: problems (none: clean), `excluded`, or `error`.

    `digest` is that of the bytes which were judged, where the judge itself says so.
    """

    detector: int
    path: str
    problems: Sequence[Problem] = ()
    excluded: bool = False
    error: str | None = None
    digest: bytes | None = None


def execute(
    wanted: Mapping[int, Sequence[str]],
    prepared: Sequence[Prepared],
    projects: Mapping[int, ProjectJob],
    root: Path,
    jobs: int,
    on_judgement: Callable[[Judgement], None],
) -> dict[int, float]:
    """Judge these files, by number of the detector; hand over each judgement in the calling thread.

    Returns how long each detector was at work, in seconds; the built-in ones work together, and share the time. When
    it is interrupted, every process is ended; what was handed over before stands.
    """
    processes = Processes()
    durations: dict[int, float] = {}
    built_in = {number: paths for number, paths in wanted.items() if isinstance(prepared[number].detector.how, BuiltIn)}
    pool = ThreadPoolExecutor(max_workers=jobs, thread_name_prefix="pipeline-state-tool")
    try:
        schedule = Schedule(_batches(wanted, prepared, projects, root, jobs, processes))
        tasks = {pool.submit(schedule.judge_next) for _ in range(len(schedule))}
        if built_in:
            start = time.perf_counter()
            _judge_built_in(built_in, prepared, root, jobs, on_judgement)
            durations.update(dict.fromkeys(built_in, time.perf_counter() - start))
        while tasks:
            done = first_done(tasks)
            tasks -= done
            for task in done:
                judged = task.result()
                durations[judged.detector] = durations.get(judged.detector, 0.0) + judged.duration_s
                for judgement in _judgements(judged.detector, judged.answer):
                    on_judgement(judgement)
    finally:
        processes.end()
        pool.shutdown(cancel_futures=True)
    return durations


def runner_of(prepared: Prepared, root: Path, processes: Processes) -> ToolRunner:
    """Return what runs the tool of a prepared detector."""
    assert isinstance(prepared.detector.how, Tool)
    assert prepared.executable is not None
    return ToolRunner(
        tool=prepared.detector.how,
        executable=prepared.executable,
        args=prepared.settings.args,
        root=root,
        environment=prepared.environment,
        timeout_s=prepared.settings.timeout_s,
        processes=processes,
        command=prepared.command,
    )


def _batches(
    wanted: Mapping[int, Sequence[str]],
    prepared: Sequence[Prepared],
    projects: Mapping[int, ProjectJob],
    root: Path,
    jobs: int,
    processes: Processes,
) -> Iterator[Batch]:
    for number, paths in wanted.items():
        tool = prepared[number].detector.how
        if isinstance(tool, Tool):
            runner = runner_of(prepared[number], root, processes)
            if number in projects:
                yield Batch(number, partial(_judge_project, runner, projects[number], paths))
                continue
            cut = [list(paths)] if tool.uncut else list(batches(paths, 1 if tool.serial else jobs))
            for together in [cut] if tool.serial else [[batch] for batch in cut]:
                yield Batch(number, partial(_judge_all, runner, together))


def _judge_all(runner: ToolRunner, together: Sequence[Sequence[str]]) -> Answer:
    """Judge batches one after another, and return the answer to all of them."""
    answer = Answer()
    for batch in together:
        some = runner.judge(batch)
        answer.problems.update(some.problems)
        answer.excluded.update(some.excluded)
        answer.errors.update(some.errors)
    return answer


def _judge_project(runner: ToolRunner, job: ProjectJob, paths: Sequence[str]) -> Answer:
    from pipeline_state.checks.project_run import judge_project

    return judge_project(runner, job, paths)


def _judgements(number: int, answer: Answer) -> list[Judgement]:
    return [
        *(Judgement(number, path, problems) for path, problems in answer.problems.items()),
        *(Judgement(number, path, excluded=True) for path in sorted(answer.excluded)),
        *(Judgement(number, path, error=message) for path, message in answer.errors.items()),
    ]


def _judge_built_in(
    wanted: Mapping[int, Sequence[str]],
    prepared: Sequence[Prepared],
    root: Path,
    jobs: int,
    on_judgement: Callable[[Judgement], None],
) -> None:
    from pipeline_state.checks.worker_pool import judge as judge_in_workers  # here: the tools are at work by now

    ids: dict[str, list[str]] = {}
    for number, paths in wanted.items():
        for path in paths:
            ids.setdefault(path, []).append(prepared[number].detector.id)
    numbers = {prepared[number].detector.id: number for number in wanted}

    def hand_over(result: WorkerResult) -> None:
        for name, problems in result.problems.items():
            on_judgement(Judgement(numbers[name], result.path, problems, digest=result.digest))
        for name, message in result.errors.items():
            on_judgement(Judgement(numbers[name], result.path, error=message))

    judge_in_workers(
        root,
        list(ids.items()),
        detectors={name: prepared[number].detector for name, number in numbers.items()},
        jobs=jobs,
        timeout_s=max(prepared[number].settings.timeout_s for number in wanted),
        on_result=hand_over,
    )
