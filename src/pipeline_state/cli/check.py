"""Find errors in files. What was judged before, and could not come out otherwise, is not judged again."""

from __future__ import annotations

import os
import sys

from pipeline_state.checks.request import Request
from pipeline_state.checks.selection import Mode, Selection
from pipeline_state.cli.checking import checked, located
from pipeline_state.cli.following import Following
from pipeline_state.cli.report_output import write_report
from pipeline_state.errors import UsageError
from pipeline_state.store.findings import SEVERITIES

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable
    from types import SimpleNamespace

    from pipeline_state.checks.result import CheckResult, Verified
    from pipeline_state.cli.checking import Checked

FORMATS = {
    "text": "for people",
    "json": "one document, as schema/report.schema.json describes it",
    "sarif": "SARIF 2.1.0, for code scanning",
    "junit": "JUnit XML, a test case for each file and detector",
    "github": "annotations of GitHub Actions",
}
"""The forms of a report, each with its line in the help."""

_WHEN = ("auto", "always", "never")


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
    how.add_argument(
        "--verify",
        nargs="?",
        type=_percent,
        const=5.0,
        default=0.0,
        metavar="PERCENT",
        help="judge so many of the stored verdicts again (5 unless given), and fail if one differs",
    )
    how.add_argument("--fix", action="store_true", help="let the detectors that can repair files do so")
    how.add_argument("--jobs", type=_jobs, metavar="N", help="so many processes at once (default: one per core)")
    how.add_argument("--fail-on", choices=SEVERITIES, help="exit with 1 only for findings that are so grave, or graver")
    how.add_argument("--baseline", metavar="PATH", help="findings that this file knows do not fail, and are not told")
    how.add_argument("--no-baseline", action="store_true", help="use no baseline, though one is configured")
    _add_arguments_of_the_report(parser)


def _add_arguments_of_the_report(parser: argparse.ArgumentParser) -> None:
    out = parser.add_argument_group("what is said")
    forms = "; ".join(f"{name}: {what}" for name, what in FORMATS.items())
    out.add_argument("--format", choices=FORMATS, default="text", help=forms)
    out.add_argument("--json", action="store_const", dest="format", const="json", help="the same as --format json")
    out.add_argument("--output", metavar="PATH", help="write the report to this file instead of standard output")
    out.add_argument(
        "--excerpts", choices=_WHEN, default="auto", help="text: the lines in question (auto: on a terminal)"
    )
    out.add_argument("--color", choices=_WHEN, default="auto", help="text: with colours (auto: on a terminal)")
    out.add_argument("--explain", action="store_true", help="say for each detector and file why it was judged, or not")
    out.add_argument(
        "-q", "--quiet", action="store_true", help="say only what was found, fixed, or could not be judged"
    )
    out.add_argument("--db", metavar="PATH", help="use this state database")


def run(arguments: argparse.Namespace | SimpleNamespace) -> int:
    """Check, report, and return the exit code."""
    selection = _selection(arguments)
    if arguments.baseline is not None and arguments.no_baseline:
        raise UsageError("choose one of --baseline and --no-baseline")
    if arguments.verify and (arguments.no_cache or arguments.fix):
        raise UsageError("--verify looks at stored verdicts: it goes neither with --no-cache nor with --fix")
    location, worktree = located(arguments.db)
    request = Request(
        worktree=worktree,
        selection=selection,
        cwd=os.getcwd(),
        only=None if arguments.detector is None else tuple(arguments.detector),
        skip=tuple(arguments.skip),
        use_cache=not arguments.no_cache,
        fix=arguments.fix,
        jobs=arguments.jobs,
        explain=arguments.explain,
        fail_on=arguments.fail_on,
        verify=arguments.verify,
    )
    following = Following(
        request,
        baseline=arguments.baseline,
        use_baseline=not arguments.no_baseline,
        each_file=arguments.format == "junit",
        quiet=arguments.quiet,
    )
    report_of = _reporter(arguments, request, following)
    try:
        answer = checked(location, request, following)
    finally:
        following.end()
    verified = () if answer.result.verified is None else (verified_line(answer.result.verified),)
    say(answer.result, verified if arguments.quiet else (*answer.notices, *verified))
    write_report(report_of(answer), arguments.output, encoding=None if arguments.format == "text" else "utf-8")
    return answer.result.exit_code


def _reporter(
    arguments: argparse.Namespace | SimpleNamespace, request: Request, following: Following
) -> Callable[[Checked], str]:
    """Return what makes the report. It is loaded now, while Git is at work, and not when everybody waits for it."""
    if arguments.format == "text":
        from pipeline_state.cli.text_output import text_of

        return lambda answer: text_of(answer, request.worktree.root, arguments)
    from pipeline_state.cli.machine_output import report_of

    return lambda answer: report_of(arguments.format, answer, request, following.outcomes)


def say(result: CheckResult, notices: Iterable[str]) -> None:
    """Say on standard error what is no part of a report: notices, explanations, what could not be judged."""
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


def verified_line(verified: Verified) -> str:
    """Return what is said of stored verdicts that were judged again."""
    came = f"{verified.differences} came out otherwise" if verified.differences else "all came out the same"
    return f"verified {verified.verified} of {verified.reusable} stored verdicts" + f"; {came}" * bool(
        verified.verified
    )


def _selection(arguments: argparse.Namespace | SimpleNamespace) -> Selection:
    by_range = arguments.from_ref is not None or arguments.to_ref is not None
    chosen = [bool(arguments.files), arguments.all_files, arguments.staged, by_range]
    if sum(chosen) > 1:
        raise UsageError("choose one of: files, --all-files, --staged, --from-ref with --to-ref")
    if by_range and not (arguments.from_ref and arguments.to_ref):
        raise UsageError("--from-ref and --to-ref need each other")
    modes: tuple[Mode, ...] = ("named", "tracked", "staged", "range")
    mode: Mode = next((mode for mode, wanted in zip(modes, chosen, strict=True) if wanted), "all")
    return Selection(mode, tuple(arguments.files), arguments.from_ref or "", arguments.to_ref or "")


def _percent(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number <= 100:
        raise _refused(f"{text!r} is not a number above 0, up to 100")
    return number


def _jobs(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise _refused(f"{text!r} is not a whole number from 1")
    return number


def _refused(message: str) -> argparse.ArgumentTypeError:
    from argparse import ArgumentTypeError  # here: a plain check does without argparse

    return ArgumentTypeError(message)
