"""What was found when the files were last judged, from the database. Nothing is run; files may have changed since."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pipeline_state.checks.staleness import FileState, file_states
from pipeline_state.checks.weights import telling_of, weighed
from pipeline_state.cli.answers import add_db_option, add_json_option, print_json, print_pairs, print_text, remark
from pipeline_state.cli.checking import located
from pipeline_state.cli.text_output import excerpts_of, is_terminal, paint_for
from pipeline_state.config import load_configuration
from pipeline_state.errors import UsageError
from pipeline_state.location import Worktree
from pipeline_state.reports.text import finding_line, plain
from pipeline_state.store.findings import CATEGORIES, SEVERITIES, SeenFinding
from pipeline_state.store.state import State, open_at

_SHORT = 12
"""Digits of a fingerprint that are shown in a list."""

_STALE: dict[FileState, str] = {"unchanged": "", "changed": "the file has changed since", "gone": "the file is gone"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `pipeline-state findings` understands."""
    commands = parser.add_subparsers(dest="action", required=True, metavar="list|show")
    listing = commands.add_parser("list", help="the findings of the last verdict on each file", allow_abbrev=False)
    several: dict[str, Any] = {"action": "append", "default": []}
    listing.add_argument("--path", metavar="PATTERN", help="in files that match; a folder has all below it", **several)
    listing.add_argument("--detector", metavar="ID", help="of this detector", **several)
    listing.add_argument("--rule", metavar="RULE", help="of this rule; one that ends in * is the beginning", **several)
    listing.add_argument("--severity", choices=SEVERITIES, help="of this weight", **several)
    listing.add_argument("--category", choices=CATEGORIES, help="of this kind", **several)
    listing.add_argument("--since", metavar="RUN|TIME", help="established since a run began, or since a time (UTC)")
    showing = commands.add_parser("show", help="one finding: its line, and when it was seen", allow_abbrev=False)
    showing.add_argument("fingerprint", metavar="FINGERPRINT", help="the fingerprint, or a beginning that is unique")
    for command in (listing, showing):
        add_db_option(command)
        add_json_option(command)


def run(arguments: argparse.Namespace) -> int:
    """Print what is asked for and return the exit code."""
    location, worktree = located(arguments.db)
    with open_at(location) as state:
        remark(state.notices)
        if arguments.action == "list":
            _list(state, worktree, arguments)
        else:
            _show(state, worktree, arguments.fingerprint, as_json=arguments.json)
    return 0


def _list(state: State, worktree: Worktree, arguments: argparse.Namespace) -> None:
    matches = _filter(arguments, None if arguments.since is None else _since(state, arguments.since))
    found = [one for one in _as_told(worktree, state.findings.standing()) if matches(one)]
    file_state = file_states(Path(worktree.root))
    states = [file_state(one.finding.path, one.fields or b"") for one in found]
    if arguments.json:
        print_json("findings", [_listed(one, now) for one, now in zip(found, states, strict=True)])
        return
    for one, now in zip(found, states, strict=True):
        stale = f" (stale: {_STALE[now]})" if _STALE[now] else ""
        print_text(f"{finding_line(one.finding)} {one.finding.fingerprint[:_SHORT]}{stale}")
    stale_ones = sum(now != "unchanged" for now in states)
    remark([f"{len(found)} as last judged, {stale_ones} of them stale; nothing was run"])


def _show(state: State, worktree: Worktree, fingerprint: str, *, as_json: bool) -> None:
    seen = _as_told(worktree, _seen(state, fingerprint))
    newest, first, last = seen[0], min(seen, key=_judged_at), max(seen, key=_judged_at)
    finding = newest.finding
    now = None if newest.fields is None else file_states(Path(worktree.root))(finding.path, newest.fields)
    colours = plain if as_json else paint_for("auto", terminal=is_terminal(sys.stdout), to_stdout=True)
    told = (finding, *(one.finding for one in state.findings.standing() if one.finding.path == finding.path))
    excerpt = excerpts_of(told, worktree.root, colours, terminal=not as_json and is_terminal(sys.stdout))(finding)
    if as_json:
        times = {"first_seen_at": first.judged_at, "first_seen_in": first.run}
        times |= {"last_seen_at": last.judged_at, "last_seen_in": last.run}
        print_json(
            "finding", {**finding._asdict(), "file": now, "stands": now is not None, **times, "excerpt": excerpt}
        )
        return
    print_text(finding_line(finding, colours))
    for line in excerpt:
        print_text(line)
    print_pairs(
        [
            ("fingerprint", finding.fingerprint),
            ("category", finding.category),
            ("first seen", _when(first)),
            ("last seen", _when(last)),
            ("now", _now(now)),
        ]
    )


def _seen(state: State, fingerprint: str) -> Sequence[SeenFinding]:
    """Return every verdict with the finding that is meant; the one that stands first, if one does."""
    prefix = fingerprint.strip().lower()
    found = () if not prefix or prefix.strip("0123456789abcdef") else state.findings.of_fingerprint(prefix)
    names = list(dict.fromkeys(one.finding.fingerprint for one in found))
    if not names:
        raise UsageError(f"no finding {fingerprint!r} is stored; `pipeline-state findings list` names those that are")
    if len(names) > 1:
        shown = ", ".join(name[:_SHORT] for name in names[:3])
        raise UsageError(f"{fingerprint!r} begins several fingerprints: {shown}{', …' if len(names) > 3 else ''}")
    return found


def _as_told(worktree: Worktree, seen: Sequence[SeenFinding]) -> list[SeenFinding]:
    """Return findings with the weights that the configuration gives them now."""
    weights = telling_of(load_configuration(Path(worktree.root))).weights
    told = weighed([one.finding for one in seen], weights)
    return [one._replace(finding=finding) for one, finding in zip(seen, told, strict=True)]


def _filter(arguments: argparse.Namespace, since: str | None) -> Callable[[SeenFinding], bool]:
    from pipeline_state.checks.globs import matcher
    from pipeline_state.store.storable import real_path

    wanted: list[Callable[[SeenFinding], bool]] = []
    if arguments.path:
        in_path = matcher(arguments.path)
        wanted.append(lambda one: in_path(real_path(one.finding.path)))
    if arguments.detector:
        wanted.append(lambda one: one.finding.detector in arguments.detector)
    if arguments.rule:
        wanted.append(lambda one: any(_is_rule(one.finding.rule, rule) for rule in arguments.rule))
    if arguments.severity:
        wanted.append(lambda one: one.finding.severity in arguments.severity)
    if arguments.category:
        wanted.append(lambda one: one.finding.category in arguments.category)
    if since is not None:
        wanted.append(lambda one: one.judged_at >= since)
    return lambda one: all(fits(one) for fits in wanted)


def _is_rule(rule: str, wanted: str) -> bool:
    return rule.startswith(wanted[:-1]) if wanted.endswith("*") else rule == wanted


def _since(state: State, text: str) -> str:
    """Return the time that is meant, in the form in which times are stored."""
    if not {"-", ":"} & set(text):  # ids of runs have neither, times have one
        return state.runs.find(text).started_at
    from datetime import datetime, timezone

    try:
        moment = datetime.fromisoformat(text.removesuffix("Z"))
    except ValueError as error:
        raise UsageError(f"{text!r} is no run and no time; a time is 2026-01-31, or 2026-01-31T12:34 in UTC") from error
    if moment.tzinfo is not None:
        moment = moment.astimezone(timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z"


def _listed(one: SeenFinding, now: FileState) -> dict[str, Any]:
    return {**one.finding._asdict(), "file": now, "judged_at": one.judged_at, "run": one.run}


def _judged_at(one: SeenFinding) -> str:
    return one.judged_at


def _when(one: SeenFinding) -> str:
    return f"{one.judged_at[:19]}Z" + (f" (run {one.run})" if one.run else "")


def _now(state: FileState | None) -> str:
    if state is None:
        return "not found any more when the file was last judged, or the file is judged no more"
    return {"unchanged": "the file is as it was judged", **{k: v for k, v in _STALE.items() if v}}[state]
