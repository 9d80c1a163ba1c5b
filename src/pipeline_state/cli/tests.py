"""What is known of tests over all recorded sessions: flaky, slowest, failing, durations, history."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pipeline_state.cli.answers import add_db_option, add_json_option, print_json, print_text, remark
from pipeline_state.errors import StateError, UsageError
from pipeline_state.location import locate
from pipeline_state.reports.text import place_of, printable
from pipeline_state.store.intake import take_in
from pipeline_state.store.state import State, open_at
from pipeline_state.store.tests import PastAttempt, Tests

_LIMIT = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `pipeline-state tests` understands."""
    commands = parser.add_subparsers(dest="action", required=True, metavar="flaky|slowest|failing|durations|history")
    flaky = commands.add_parser("flaky", help="came out differently in one and the same state", allow_abbrev=False)
    slowest = commands.add_parser("slowest", help="took longest", allow_abbrev=False)
    slowest.add_argument("--limit", type=int, default=_LIMIT, metavar="N", help=f"so many (default: {_LIMIT})")
    failing = commands.add_parser("failing", help="whose last known result is not good", allow_abbrev=False)
    durations = commands.add_parser("durations", help="how long each took, for sharing out", allow_abbrev=False)
    durations.add_argument("--output", metavar="FILE", help="write to this file (default: standard output)")
    history = commands.add_parser("history", help="every attempt at one test", allow_abbrev=False)
    history.add_argument("node_id", metavar="NODEID", help="the test as pytest names it: test_x.py::test_one")
    for command in (flaky, slowest, failing, durations, history):
        add_db_option(command)
        if command is not durations:  # which is JSON anyway
            add_json_option(command)


def run(arguments: argparse.Namespace) -> int:
    """Print what is asked for and return the exit code."""
    with open_at(locate(arguments.db)) as state:
        remark(state.notices)
        if not state.read_only:
            remark(f"{path} was left where it is: {why}" for path, why in take_in(state, live=True).left.items())
        tests = state.tests
        if arguments.action == "durations":
            _durations(tests, arguments.output)
            return 0
        rows, lines = _answer(state, tests, arguments)
    if arguments.json:
        print_json("tests", rows)
    else:
        for line in lines:
            print_text(line)
    return 0


def _answer(state: State, tests: Tests, arguments: argparse.Namespace) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the rows, for programs and for people."""
    if arguments.action == "flaky":
        flaky = tests.flaky()
        counts = [", ".join(f"{count} {outcome}" for outcome, count in test.outcomes.items()) for test in flaky]
        lines = [f"{printable(test.node_id)}  {count}" for test, count in zip(flaky, counts, strict=True)]
        return [asdict(test) for test in flaky], lines
    if arguments.action == "slowest":
        slowest = tests.slowest(arguments.limit)
        return [asdict(test) for test in slowest], [
            f"{test.duration_s:8.3f} s  {printable(test.node_id)}" for test in slowest
        ]
    if arguments.action == "failing":
        failing = state.attempts.failing()
        return [asdict(test) for test in failing], [
            f"{test.outcome:<7}  {printable(test.node_id)}  (run {test.run[:8]})" for test in failing
        ]
    past = tests.history(arguments.node_id)
    if not past:
        raise UsageError(
            f"no test {arguments.node_id!r} has been recorded; name it as pytest does, from its rootdir on"
        )
    places = dict.fromkeys(place_of(attempt.rootdir, attempt.file, attempt.line) for attempt in past)
    return [asdict(attempt) for attempt in past], [*map(printable, places), *map(_past_line, past)]


def _past_line(attempt: PastAttempt) -> str:
    return (
        f"{attempt.at[:19]}Z  {attempt.run[:8]}  {attempt.outcome:<11}  {_seconds(attempt.duration_s)}"
        f"  {(attempt.commit_id or '')[:12]}".rstrip()
    )


def _seconds(duration: float | None) -> str:
    return " " * 10 if duration is None else f"{duration:8.3f} s"


def _durations(tests: Tests, output: str | None) -> None:
    rootdir = tests.latest_rootdir()
    durations = {} if rootdir is None else tests.durations(rootdir)
    known = {node_id: round(duration, 6) for node_id, duration in durations.items()}
    text = json.dumps({"version": 1, "durations": known}, indent=1) + "\n"
    if output is None:
        print(text, end="")
        return
    try:
        Path(output).expanduser().write_text(text, encoding="ascii")
    except OSError as error:
        raise StateError(f"cannot write the durations to {output}: {error.strerror}") from error
    remark([f"{len(known)} durations are in {output}"])
