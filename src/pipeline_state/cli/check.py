"""Find errors in files. What was judged before, and could not come out otherwise, is not judged again."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline_state.checks.check import check
from pipeline_state.checks.recording import Recording
from pipeline_state.checks.request import Request
from pipeline_state.checks.selection import Mode, Selection
from pipeline_state.errors import NoWorktreeError, StateError, UsageError
from pipeline_state.git.head import Head
from pipeline_state.location import Location, Worktree, find_worktree, locate
from pipeline_state.store import clock
from pipeline_state.store.findings import SEVERITIES
from pipeline_state.store.liveness import runs_folder
from pipeline_state.store.state import State, open_at

if TYPE_CHECKING:
    from pipeline_state.checks.result import CheckResult


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `pipeline-state check` understands."""
    which = parser.add_argument_group("which files (without any of these: tracked and untracked, not ignored)")
    which.add_argument("files", nargs="*", metavar="FILE", help="these files, and what Git knows below these folders")
    which.add_argument("--all-files", action="store_true", help="all tracked files")
    which.add_argument("--staged", action="store_true", help="what the next commit adds or changes")
    which.add_argument("--from-ref", metavar="REF", help="with --to-ref: what changed since both parted")
    which.add_argument("--to-ref", metavar="REF", help="see --from-ref")
    how = parser.add_argument_group("which detectors, and how")
    how.add_argument("--detector", action="append", metavar="ID", help="only this detector; can be given several times")
    how.add_argument("--skip", action="append", default=[], metavar="ID", help="without this detector; several times")
    how.add_argument("--no-cache", action="store_true", help="judge everything, use and store no verdict")
    how.add_argument("--fix", action="store_true", help="let the detectors that can repair files do so")
    how.add_argument("--jobs", type=_jobs, metavar="N", help="so many processes at once (default: one per core)")
    how.add_argument("--fail-on", choices=SEVERITIES, help="exit with 1 only for findings that are so grave, or graver")
    out = parser.add_argument_group("what is said")
    out.add_argument("--explain", action="store_true", help="say for each detector and file why it was judged, or not")
    out.add_argument("--format", choices=("text", "json"), default="text", help="text for people, or one JSON document")
    out.add_argument("--json", action="store_const", dest="format", const="json", help="the same as --format json")
    out.add_argument("--output", metavar="PATH", help="write the report to this file instead of standard output")
    out.add_argument("--db", metavar="PATH", help="use this state database")


def run(arguments: argparse.Namespace) -> int:
    """Check, report, and return the exit code."""
    started_at, start = clock.now(), time.perf_counter()
    selection = _selection(arguments)
    location, worktree = _located(arguments.db)
    request = Request(
        worktree=worktree,
        selection=selection,
        cwd=Path.cwd(),
        only=None if arguments.detector is None else tuple(arguments.detector),
        skip=tuple(arguments.skip),
        use_cache=not arguments.no_cache,
        fix=arguments.fix,
        jobs=arguments.jobs,
        explain=arguments.explain,
        fail_on=arguments.fail_on,
    )
    head = Head(request.worktree.root)
    notices: list[str] = []
    try:
        result, run_id = _check_with(open_at(location), request, head, notices)
    except StateError as error:
        # A cache that cannot be read runs the tools.
        notices = [f"{error}; going on without stored verdicts"]
        result, run_id = _check_with(open_at(Location(None, "argument", None)), request, head, notices)
        run_id = None
    commit_id, branch = head.answer()
    duration_s = time.perf_counter() - start
    _say(result, notices)
    if arguments.format == "json":
        from pipeline_state.reports.report import RunFacts, json_report

        facts = RunFacts(run_id, started_at, round(duration_s, 4), commit_id, branch, selection.mode, result.exit_code)
        report = json_report(result, facts)
    else:
        from pipeline_state.reports.text import text_report

        report = text_report(result, duration_s)
    _write(report, arguments.output)
    return result.exit_code


def _located(database: str | None) -> tuple[Location, Worktree]:
    try:
        location = locate(database)
        return location, location.worktree or find_worktree()  # which raises, and says why
    except NoWorktreeError as error:
        raise NoWorktreeError(
            f"{os.getcwd()} is not in a Git worktree; change to one: what `check` looks at are its files"
        ) from error


def _check_with(state: State, request: Request, head: Head, notices: list[str]) -> tuple[CheckResult, str | None]:
    """Check with this state, close it, and return the result with the id under which it is recorded."""
    with state:
        notices += state.notices
        recording = Recording(state, sys.argv[1:], *head.answer())
        if request.use_cache and not state.has_verdicts:
            from pipeline_state.worktrees.warm_start import warm_start

            warm_start(state, head.answer()[0])
        result = check(state, request, recording)
        notices += recording.notices
        try:
            _tidy(state, request)
        except StateError as error:
            notices.append(str(error))
        return result, recording.run_id


def _tidy(state: State, request: Request) -> None:
    """Take in what dead runs left behind, if anything was left, and forget what is old, if anything was judged."""
    if state.path is None or state.read_only:
        return
    try:
        left_behind = os.listdir(runs_folder(str(state.path)))
    except OSError:  # there is no such folder: nothing is running, and nothing was left
        left_behind = []
    if left_behind:
        from pipeline_state.store.intake import take_in

        take_in(state)
        state.runs.close_dead("check")
    if "pipeline_state.checks.judging" in sys.modules:  # not on the hot path
        from pipeline_state.config import load_configuration

        state.housekeeping(load_configuration(request.worktree.root).retention)


def _selection(arguments: argparse.Namespace) -> Selection:
    by_range = arguments.from_ref is not None or arguments.to_ref is not None
    chosen = [bool(arguments.files), arguments.all_files, arguments.staged, by_range]
    if sum(chosen) > 1:
        raise UsageError("choose one of: files, --all-files, --staged, --from-ref with --to-ref")
    if by_range and not (arguments.from_ref and arguments.to_ref):
        raise UsageError("--from-ref and --to-ref need each other")
    modes: tuple[Mode, ...] = ("named", "tracked", "staged", "range")
    mode: Mode = next((mode for mode, wanted in zip(modes, chosen, strict=True) if wanted), "all")
    return Selection(mode, tuple(arguments.files), arguments.from_ref or "", arguments.to_ref or "")


def _jobs(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return number


def _say(result: CheckResult, notices: list[str]) -> None:
    if not (notices or result.explanations or result.troubles):
        return
    from pipeline_state.reports.text import explanation_line, printable

    lines = [f"pipeline-state: {printable(notice)}" for notice in dict.fromkeys(notices)]
    lines += map(explanation_line, result.explanations)
    for trouble in result.troubles:
        where = "".join(f"{printable(name)}: " for name in (trouble.detector, trouble.path) if name)
        kind = "warning: " if trouble.tolerated else ""
        lines.append(f"pipeline-state: {kind}{where}{printable(trouble.message)}")
    for line in lines:
        print(line, file=sys.stderr)


def _write(report: str, output: str | None) -> None:
    if output is None:
        sys.stdout.write(report)
        return
    try:
        if os.path.exists(output) and not os.path.isfile(output):  # a pipe, a terminal, /dev/null: not to be replaced
            with open(output, "w", encoding="utf-8") as special:
                special.write(report)
        else:
            _replace(Path(os.path.realpath(output)), report)
    except OSError as error:
        raise UsageError(f"cannot write the report to {output}: {error.strerror or error}") from error


def _replace(path: Path, report: str) -> None:
    """Write a file whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with open(temporary, "w", encoding="utf-8") as file:
        try:
            file.write(report)
            file.close()
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
