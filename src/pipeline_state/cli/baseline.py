"""The baseline: the findings that are known and do not fail. `check` tells the new ones alone then."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline_state.checks.baseline import Baseline, baseline_of, render
from pipeline_state.checks.request import Request
from pipeline_state.checks.selection import Selection
from pipeline_state.cli.answers import add_db_option, add_json_option, print_json, print_text, remark
from pipeline_state.cli.baseline_file import configured_path, read_baseline
from pipeline_state.cli.check import say
from pipeline_state.cli.checking import checked, located
from pipeline_state.cli.following import Following
from pipeline_state.cli.report_output import replace_file
from pipeline_state.config import load_configuration
from pipeline_state.errors import UsageError
from pipeline_state.reports.text import one_line, printable

if TYPE_CHECKING:
    from pipeline_state.checks.result import CheckResult
    from pipeline_state.location import Location, Worktree

DEFAULT_NAME = "pipeline-state-baseline.json"
"""The file in the root of the worktree, where none is named or configured."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `pipeline-state baseline` understands."""
    commands = parser.add_subparsers(dest="action", required=True, metavar="write|show|prune")
    writing = commands.add_parser("write", help="let the baseline know what is found now", allow_abbrev=False)
    showing = commands.add_parser("show", help="what the baseline knows", allow_abbrev=False)
    pruning = commands.add_parser("prune", help="drop the entries that occur no more", allow_abbrev=False)
    for command in (writing, showing, pruning):
        command.add_argument("path", nargs="?", metavar="PATH", help=f"the file (configured, or {DEFAULT_NAME})")
    for command in (writing, pruning):
        command.add_argument("-q", "--quiet", action="store_true", help="say only what could not be judged")
        add_db_option(command)
    add_json_option(showing)


def run(arguments: argparse.Namespace) -> int:
    """Do what is asked for and return the exit code."""
    location, worktree = located(None if arguments.action == "show" else arguments.db)
    configured = load_configuration(Path(worktree.root)).baseline
    default = configured_path(worktree.root, configured or DEFAULT_NAME)
    path: str = arguments.path or default
    if arguments.action == "show":
        _show(read_baseline(path), as_json=arguments.json)
        return 0
    # What is no baseline, or that of a newer version, is somebody's: it is not written over.
    before = read_baseline(path) if arguments.action == "prune" or os.path.lexists(path) else None
    result = _checked(location, worktree, path if arguments.action == "prune" else None, quiet=arguments.quiet)
    if any(not trouble.tolerated for trouble in result.troubles):
        remark([f"not everything could be judged: {path} is left as it is"])
        return 3
    if arguments.action == "prune":
        said = _prune(path, before or Baseline({}), result)
    else:
        said = _write(path, before, result)
        if configured is None and not arguments.quiet:
            remark([f"`check --baseline {path}` uses it; or set `baseline` in the configuration"])
    if not arguments.quiet:
        print_text(said)
    return 0


def _checked(location: Location, worktree: Worktree, baseline: str | None, *, quiet: bool) -> CheckResult:
    """Check everything that is not ignored, with all detectors of the configuration."""
    request = Request(worktree=worktree, selection=Selection("all"), cwd=os.getcwd())
    following = Following(request, baseline=baseline, use_baseline=baseline is not None, quiet=quiet)
    try:
        answer = checked(location, request, following)
    finally:
        following.end()
    say(answer.result, () if quiet else answer.notices)
    return answer.result


def _write(path: str, before: Baseline | None, result: CheckResult) -> str:
    baseline = baseline_of(result.findings)
    _replace(path, baseline)
    known = len(baseline.entries)
    if before is None:
        return f"{printable(path)}: {known} known"
    added = len(baseline.entries.keys() - before.entries.keys())
    dropped = len(before.entries.keys() - baseline.entries.keys())
    return f"{printable(path)}: {known} known, {added} of them new; {dropped} dropped"


def _prune(path: str, before: Baseline, result: CheckResult) -> str:
    gone = {entry.fingerprint for entry in (result.baseline.gone if result.baseline is not None else ())}
    left = Baseline({name: entry for name, entry in before.entries.items() if name not in gone})
    if gone:
        _replace(path, left)
    return f"{printable(path)}: {len(left.entries)} known; {len(gone)} dropped"


def _replace(path: str, baseline: Baseline) -> None:
    try:
        replace_file(os.path.realpath(path), render(baseline))
    except OSError as error:
        raise UsageError(f"cannot write the baseline {path}: {error.strerror or error}") from error


def _show(baseline: Baseline, *, as_json: bool) -> None:
    entries = sorted(baseline.entries.values())
    if as_json:
        print_json("findings", [entry._asdict() for entry in entries])
        return
    for entry in entries:
        rule = printable(f"[{entry.detector} {entry.rule}]")
        print_text(f"{printable(entry.path)}: {one_line(entry.message)} {rule}")
    remark([f"{len(entries)} known"])
