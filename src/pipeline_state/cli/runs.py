"""The runs that were recorded: of `check` and of `pytest --pipeline-state`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from pipeline_state.cli.answers import add_db_option, add_json_option, print_json, print_pairs, print_text, remark
from pipeline_state.cli.runs_export import add_export, export
from pipeline_state.errors import UsageError
from pipeline_state.location import locate
from pipeline_state.reports.session_json import attempt_json
from pipeline_state.reports.text import finding_line, place_of, printable
from pipeline_state.store.attempts import OUTCOMES, UNSUCCESSFUL
from pipeline_state.store.comparison import compare
from pipeline_state.store.findings import Finding
from pipeline_state.store.intake import take_in
from pipeline_state.store.runs import Run
from pipeline_state.store.state import State, open_at

_ORDER = ("failed", "error", "crashed", "interrupted", "running", "passed", "skipped", "xfailed", "xpassed", "not run")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `pipeline-state runs` understands."""
    commands = parser.add_subparsers(dest="action", required=True, metavar="list|show|compare|export")
    listing = commands.add_parser("list", help="the runs, the latest first", allow_abbrev=False)
    showing = commands.add_parser("show", help="what a run was and what came out of it", allow_abbrev=False)
    showing.add_argument("run_id", metavar="RUN", help="the id of a run, a unique prefix of it, or `latest`")
    comparing = commands.add_parser("compare", help="what changed from one session to another", allow_abbrev=False)
    comparing.add_argument("before", metavar="A", help="the run to compare with: an id, a unique prefix, or `latest`")
    comparing.add_argument("after", metavar="B", help="the run to compare: an id, a unique prefix, or `latest`")
    exporting = commands.add_parser("export", help="a session in a form that other programs read", allow_abbrev=False)
    add_export(exporting)
    for command in (listing, showing, comparing, exporting):
        add_db_option(command)
        if command is not exporting:  # which has formats
            add_json_option(command)


def run(arguments: argparse.Namespace) -> int:
    """Print what is asked for and return the exit code."""
    with open_at(locate(arguments.db)) as state:
        remark(state.notices)
        if not state.read_only:
            # Of sessions that are going on, too: what they run at this moment is what one wants to see.
            remark(f"{path} was left where it is: {why}" for path, why in take_in(state, live=True).left.items())
            state.runs.close_dead("check")
        if arguments.action == "export":
            export(state, state.runs.find(arguments.run_id, "pytest"), arguments.format, arguments.output)
        elif arguments.action == "list":
            _list(state, as_json=arguments.json)
        elif arguments.action == "compare":
            before, after = (state.runs.find(text, "pytest") for text in (arguments.before, arguments.after))
            _compare(state, before, after, as_json=arguments.json)
        else:
            _show(state, state.runs.find(arguments.run_id), as_json=arguments.json)
    return 0


def _list(state: State, *, as_json: bool) -> None:
    runs = state.runs.list(-1)
    if as_json:
        print_json("runs", [_run(one) for one in runs])
        return
    for one in runs:
        print_text(_line(one))
    if not runs:
        remark(["no run has been recorded yet"])


def _show(state: State, one: Run, *, as_json: bool) -> None:
    details = _pytest(state, one) if one.kind == "pytest" else _check(state, one)
    if as_json:
        print_json("run", {**_run(one), "environment": state.runs.environment_of(one), one.kind: details})
        return
    print_pairs(list(_facts(one)))
    for line in _pytest_lines(details) if one.kind == "pytest" else _check_lines(state, one, details):
        print_text(line)


def _compare(state: State, before: Run, after: Run, *, as_json: bool) -> None:
    roots = {session.rootdir for run in (before, after) if (session := state.sessions.find(run.id))}
    if len(roots) > 1:
        raise UsageError(f"these runs have different root directories: {', '.join(sorted(roots))}")
    found = asdict(
        compare(*({one.node_id: one.outcome for one in state.attempts.results(run.id)} for run in (before, after)))
    )
    if as_json:
        print_json("comparison", {"before": before.id, "after": after.id, **found})
        return
    for kind, changes in found.items():
        if changes:
            print_text(f"{kind.replace('_', ' ')}: {len(changes)}")
        for change in changes:
            outcomes = [outcome for outcome in (change["before"], change["after"]) if outcome]
            print_text(f"  {' -> '.join(dict.fromkeys(outcomes))}  {printable(change['node_id'])}")
    if not any(found.values()):
        remark(["nothing has changed"])


def _run(one: Run) -> dict[str, Any]:
    names = ("id", "kind", "status", "exit_code", "started_at", "finished_at", "commit_id", "branch", "tree_digest")
    fields: dict[str, Any] = {name: getattr(one, name) for name in (*names, "host", "incomplete")}
    return {**fields, "arguments": list(one.arguments)}


def _pytest(state: State, one: Run) -> dict[str, Any] | None:
    session = state.sessions.find(one.id)
    if session is None:
        return None
    return {
        "rootdir": session.rootdir,
        "selection": session.selection,
        "continues": session.continues,
        "collected": session.collected,
        "summary": dict.fromkeys(sorted(OUTCOMES), 0) | state.attempts.count(one.id),
        "tests": [attempt_json(attempt) for attempt in state.attempts.of_run(one.id)],
    }


def _check(state: State, one: Run) -> dict[str, Any]:
    summary = state.check_runs.summary(one.id)
    return {
        "summary": None if summary is None else summary._asdict(),
        "detectors": [detector._asdict() for detector in state.check_runs.detectors(one.id)],
        "findings": [finding._asdict() for finding in state.findings.of_run(one.id)],
    }


def _line(one: Run) -> str:
    code = "" if one.exit_code is None else f" {one.exit_code}"
    where = printable(one.branch or (one.commit_id or "")[:12])
    words = " ".join(printable(word) for word in one.arguments)
    return f"{one.id}  {one.kind:<6}  {one.started_at[:19]}Z  {one.status + code:<13}  {where}  {words}".rstrip()


def _facts(one: Run) -> Iterator[tuple[str, str]]:
    yield "run", f"{one.id} ({one.kind})"
    yield "status", one.status + ("" if one.exit_code is None else f", exit code {one.exit_code}")
    yield "started", one.started_at
    if one.finished_at:
        yield "finished" if one.status == "finished" else "last seen", one.finished_at
    yield "commit", " ".join(filter(None, (one.commit_id or "none", printable(one.branch or ""))))
    yield "host", printable(one.host)
    if one.arguments:
        yield "arguments", " ".join(printable(word) for word in one.arguments)
    if one.incomplete:
        yield "incomplete", printable(one.incomplete)


def _pytest_lines(session: dict[str, Any] | None) -> Iterator[str]:
    if session is None:
        return
    summary = session["summary"]
    counts = ", ".join(f"{summary[outcome]} {outcome}" for outcome in _ORDER if summary[outcome])
    how = "" if session["selection"] == "run" else f" (--{session['selection']})"
    if session["continues"]:
        how += f" (going on with {session['continues']})"
    yield f"\ntests{how}: {counts or 'none'}"
    last = {test["node_id"]: test for test in sorted(session["tests"], key=lambda test: test["number"])}
    for outcome in ("running", *UNSUCCESSFUL):
        for test in last.values():
            if test["outcome"] == outcome:
                yield f"  {_test_line(test, session['rootdir'])}"
                yield from (f"    {_subtest_line(each)}" for each in test["subtests"] if each["outcome"] == "failed")
    for test in last.values():
        if test["outcome"] not in ("running", *UNSUCCESSFUL) and _in_teardown(test):
            yield f"  {test['outcome']}, but its teardown was interrupted  {printable(test['node_id'])}"


def _test_line(test: dict[str, Any], rootdir: str) -> str:
    where = f" in {test['phase']}" if test["phase"] and test["outcome"] in ("error", "interrupted") else ""
    attempt = f" (attempt {test['number']})" if test["number"] > 1 else ""
    place = place_of(rootdir, test["file"], test["line"])
    return (
        f"{test['outcome']}{where}  {printable(test['node_id'])}{attempt}{_why(test['failure'])}  ({printable(place)})"
    )


def _subtest_line(subtest: dict[str, Any]) -> str:
    return f"{subtest['outcome']}  {printable(subtest['description'])}{_why(subtest['failure'])}"


def _why(failure: str | None) -> str:
    """Return the first line that says what went wrong, to be put behind a name."""
    first = next((line[1:] for line in (failure or "").splitlines() if line.startswith("E ")), "")
    return f": {printable(' '.join(first.split()))}" if first else ""


def _in_teardown(test: dict[str, Any]) -> bool:
    return bool(test["phases"].get("teardown", {}).get("outcome") == "interrupted")


def _check_lines(state: State, one: Run, check: dict[str, Any] | None) -> Iterator[str]:
    if check is None:
        return
    if check["summary"] is not None:
        yield "\n" + ", ".join(f"{number} {name}" for name, number in check["summary"].items())
    for detector in check["detectors"]:
        pairs = f"{detector['checked']} checked, {detector['reused']} reused, {detector['duration_s']:.2f} s"
        why = f": {printable(detector['message'])}" if detector["message"] else ""
        yield f"  {detector['outcome']:<8}  {printable(detector['id'])} {printable(detector['version'])}: {pairs}{why}"
    findings: tuple[Finding, ...] = state.findings.of_run(one.id)
    if findings:
        yield "\nfindings that this run established"
        yield from (f"  {finding_line(finding)}" for finding in findings)
