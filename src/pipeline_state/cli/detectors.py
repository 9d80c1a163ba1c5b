"""The detectors: which there are, which are enabled, what program each runs, and where that was looked for."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pipeline_state.checks.declaration import Tool
from pipeline_state.checks.inventory import Known, inventory, with_versions
from pipeline_state.cli.answers import add_db_option, add_json_option, print_json, print_pairs, print_text, remark
from pipeline_state.cli.checking import located
from pipeline_state.cli.detector_facts import facts_of
from pipeline_state.config import load_configuration
from pipeline_state.errors import StateError, UsageError
from pipeline_state.location import Location
from pipeline_state.reports.text import printable
from pipeline_state.store.state import State, open_at
from pipeline_state.store.storable import storable_text

FAILED = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `pipeline-state detectors` understands."""
    commands = parser.add_subparsers(dest="action", required=True, metavar="list|show")
    listing = commands.add_parser("list", help="all detectors, with what was found of each", allow_abbrev=False)
    showing = commands.add_parser("show", help="one detector: everything that decides what it says", allow_abbrev=False)
    showing.add_argument("id", metavar="ID", help="the id of the detector")
    for command in (listing, showing):
        add_db_option(command)
        add_json_option(command)


def run(arguments: argparse.Namespace) -> int:
    """Print what is asked for; the exit code is 3 if a plugin could not be loaded."""
    location, worktree = located(arguments.db)
    root = Path(worktree.root)
    found = inventory(root, load_configuration(root), os.environ)
    wanted = found.known
    if arguments.action == "show":
        wanted = tuple(one for one in found.known if one.detector.id == arguments.id)
        if not wanted:
            raise UsageError(_unknown(arguments.id, [one.detector.id for one in found.known]))
    known = _versions(wanted, root, location)
    failures = [{"plugin": storable_text(one.plugin), "message": storable_text(one.message)} for one in found.failures]
    if arguments.action == "list":
        if arguments.json:
            print_json("detectors", {"known": [facts_of(one, root) for one in known], "failures": failures})
        else:
            _print_list(known)
    elif arguments.json:
        print_json("detector", facts_of(known[0], root))
    else:
        print_pairs([(name, printable(value)) for name, value in _pairs(known[0], root)])
    remark(f"the plugin {one.plugin} {one.message}" for one in found.failures)
    return FAILED if found.failures else 0


def _versions(wanted: tuple[Known, ...], root: Path, location: Location) -> list[Known]:
    try:
        state = open_at(location)
    except StateError as error:  # the tools can be asked
        remark([f"{error}; going on without it"])
        state = open_at(Location(None, "argument", None))
    with state:
        remark(state.notices)
        return with_versions(wanted, root, state.tools.version, lambda digest, said: _learn(state, digest, said))


def _learn(state: State, digest: bytes, version: str) -> None:
    if state.read_only:
        return
    try:
        state.database.write(lambda: state.tools.learn(digest, version))
    except StateError as error:
        remark([f"{error}; the version of a tool was not stored"])


def _print_list(known: list[Known]) -> None:
    width = max(len(one.detector.id) for one in known)
    for one in known:
        print_text(f"{'on ' if one.enabled else 'off'}  {one.detector.id:<{width}}  {printable(_found(one))}")


def _found(one: Known) -> str:
    if not isinstance(one.detector.how, Tool):
        return "built in"
    if one.prepared.missing is not None:
        return f"missing{_tolerated(one)}: {one.prepared.missing.partition(' is missing: ')[2]}"
    return f"{one.version or '-'}  {one.prepared.executable}" + (f"  ({one.unsaid})" if one.unsaid else "")


def _tolerated(one: Known) -> str:
    return ", which is tolerated" if one.prepared.settings.optional else ""


def _pairs(one: Known, root: Path) -> Iterator[tuple[str, str]]:
    facts = facts_of(one, root)
    yield "id", facts["id"]
    yield "what it is", facts["title"]
    yield "declared by", facts["origin"]
    yield "enabled", "yes" if facts["enabled"] else "no: `detectors` in the configuration does not name it"
    if facts["files"]:
        yield "files", ", ".join(facts["files"])
    else:
        yield "files", ", ".join([*facts["types"], *facts["extensions"]])
    if facts["exclude"]:
        yield "but not", ", ".join(facts["exclude"])
    if facts["inputs"] is not None:
        yield "inputs", ", ".join(facts["inputs"]) or "none"
    if facts["severity"]:
        yield "weights", _weights(facts["severity"])
    for entry in facts["per_path"]:
        yield f"for {', '.join(entry['files'])}", "; ".join(_of_entry(entry))
    yield "repairs", "yes" if facts["repairs"] else "no"
    yield "scope", facts["scope"]
    tool = facts["tool"]
    if tool is not None:
        yield "program", tool["path"] or f"missing{_tolerated(one)}"
        if tool["path"] is not None:
            yield "version", tool["version"] or tool["unsaid"] or "is not asked"
        for number, place in enumerate(tool["looked"]):
            here = tool["path"] is not None and (tool["path"] == place or tool["path"].startswith(f"{place}/"))
            yield "" if number else "looked for", f"{place}{'  <- found' if here else ''}"
        yield "arguments", " ".join(tool["arguments"])
        for number, name in enumerate(tool["configuration"]):
            yield "" if number else "configured by", name
    yield "verdicts", "are used again" if facts["reused"] else f"are not used again: {facts['reason']}"


def _of_entry(entry: dict[str, Any]) -> Iterator[str]:
    if entry["exclude"]:
        yield f"but not {', '.join(entry['exclude'])}"
    if entry["skip"]:
        yield "skipped"
    if entry["args"] is not None:
        yield f"arguments {' '.join(entry['args']) or 'none'}"
    if entry["severity"]:
        yield f"weights {_weights(entry['severity'])}"
    if entry["optional"] is not None:
        yield "optional" if entry["optional"] else "not optional"
    if entry["timeout_s"] is not None:
        yield f"{entry['timeout_s']:g} s"


def _weights(severity: dict[str, str]) -> str:
    return ", ".join(f"{rule} {weight}" for rule, weight in severity.items())


def _unknown(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"there is no detector {name!r}; {f'did you mean {near[0]!r}?' if near else 'known are ' + ', '.join(known)}"
