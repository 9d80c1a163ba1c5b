"""What is known of this worktree: its database, the last runs, open findings, failing tests."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline_state.cli.answers import (
    add_db_option,
    add_json_option,
    human_size,
    print_json,
    print_pairs,
    print_text,
    remark,
)
from pipeline_state.errors import UsageError
from pipeline_state.location import locate
from pipeline_state.reports.text import printable
from pipeline_state.store.health import describe
from pipeline_state.store.intake import take_in
from pipeline_state.store.state import State, open_at
from pipeline_state.store.storable import storable_path

if TYPE_CHECKING:
    from pipeline_state.store.runs import Run

_RUNS = 5
_TESTS_SHOWN = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `pipeline-state status` understands."""
    add_db_option(parser)
    parser.add_argument("--all-worktrees", action="store_true", help="of all worktrees of this repository")
    add_json_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the status and return the exit code."""
    if arguments.all_worktrees:
        if arguments.db is not None:
            raise UsageError("--db names one database, --all-worktrees means several; choose one")
        return _run_all(as_json=arguments.json)
    location = locate(arguments.db)
    with open_at(location) as state:
        if not state.read_only:
            take_in(state)
        remark(state.notices)
        answer = _status(state)
    if arguments.json:
        print_json("status", answer)
    else:
        _print(answer)
    return 0


def _run_all(*, as_json: bool) -> int:
    from pipeline_state.git.plumbing import rev_parse
    from pipeline_state.worktrees.overview import open_seen, see

    common_dir = Path(rev_parse([("--git-common-dir",)])[0])
    answers: list[dict[str, Any]] = []
    for seen in see(common_dir):
        answer = None
        state = open_seen(seen, common_dir)
        if state is not None:
            with state:
                answer = _status(state)
        path = storable_path(str(seen.listed.path))
        answers.append({"path": path, "branch": seen.listed.branch, "state": seen.condition, "status": answer})
    if as_json:
        print_json("worktrees", answers)
        return 0
    for number, one in enumerate(answers):
        if number:
            print_text("")
        if one["status"] is not None:
            _print(one["status"])
        else:
            where = printable(one["branch"] or "no branch")
            print_pairs([("worktree", printable(one["path"])), ("database", f"none ({one['state']}, {where})")])
    return 0


def _status(state: State) -> dict[str, Any]:
    found = describe(state.database)
    worktree = state.location.worktree if state.location is not None else None
    return {
        "worktree": None if worktree is None else worktree.root,
        "database": {"path": state.database.label, "size": found.size, "schema": found.schema},
        "runs": [_run(one) for one in state.runs.list(_RUNS)],
        "findings": [one._asdict() for one in state.findings.open_counts()],
        "failing_tests": [
            {"rootdir": one.rootdir, "node_id": one.node_id, "outcome": one.outcome, "run": one.run}
            for one in state.attempts.failing()
        ],
    }


def _run(one: Run) -> dict[str, Any]:
    fields = ("id", "kind", "status", "exit_code", "started_at", "finished_at", "branch", "commit_id")
    return {name: getattr(one, name) for name in fields}


def _print(answer: dict[str, Any]) -> None:
    database = answer["database"]
    print_pairs(
        [
            ("worktree", answer["worktree"] or "none"),
            ("database", f"{database['path']} ({human_size(database['size'])}, schema {database['schema']})"),
        ]
    )
    _print_section("last runs", [_run_line(one) for one in answer["runs"]], "none yet")
    counts = [f"{one['number']:>6}  {one['severity']:<7}  {one['detector']}" for one in answer["findings"]]
    _print_section("open findings", counts, "none")
    tests = [f"{one['outcome']:<7}  {printable(one['node_id'])}" for one in answer["failing_tests"]]
    more = len(tests) - _TESTS_SHOWN
    shown = tests[:_TESTS_SHOWN] + ([f"and {more} more; --json lists them all"] if more > 0 else [])
    _print_section("failing tests", shown, "none")


def _run_line(one: dict[str, Any]) -> str:
    code = "" if one["exit_code"] is None else f" {one['exit_code']}"
    where = printable(one["branch"] or (one["commit_id"] or "")[:12])
    return f"{one['id']}  {one['kind']:<6}  {one['started_at'][:19]}Z  {one['status']}{code}  {where}".rstrip()


def _print_section(title: str, lines: Sequence[str], nothing: str) -> None:
    print_text(f"\n{title}" if lines else f"\n{title}: {nothing}")
    for line in lines:
        print_text(f"  {line}")
