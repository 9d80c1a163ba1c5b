"""Look after worktrees: which there are, what is known of them, and of those that were removed."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline_state.cli.answers import add_json_option, human_size, print_json, print_text, remark
from pipeline_state.git.environment import REPOSITORY_VARIABLES
from pipeline_state.git.plumbing import rev_parse
from pipeline_state.reports.text import printable
from pipeline_state.store.storable import storable_path

if TYPE_CHECKING:
    from pipeline_state.worktrees.begin import Begun

_SHOWN = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `pipeline-state worktree` understands."""
    commands = parser.add_subparsers(dest="action", required=True, metavar="list|sweep|init|archive|history|remove|add")
    _command(commands, "list", "the worktrees of this repository, with their last run")
    sweeping = _command(commands, "sweep", "set apart what is known of worktrees that were removed")
    sweeping.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    _command(commands, "init", "make the state of this worktree, warm; done by itself, and earlier by the Git hooks")
    archiving = _command(commands, "archive", "keep a copy of the database of a worktree")
    archiving.add_argument("path", metavar="PATH", help="the worktree")
    _command(commands, "history", "what is left of the worktrees that were removed")
    removing = _command(commands, "remove", "archive the database of a worktree, and let Git remove the worktree")
    removing.add_argument("path", metavar="PATH", help="the worktree")
    removing.add_argument("--force", action="store_true", help="also with changes and untracked files, and if locked")
    removing.add_argument("--no-archive", action="store_true", help="keep no copy of its database")
    adding = commands.add_parser(
        "add", help="`git worktree add`, then make its state", allow_abbrev=False, add_help=False, prefix_chars="\0"
    )
    adding.add_argument("arguments", nargs="*", metavar="ARGUMENT", help="what `git worktree add` takes")


def run(arguments: argparse.Namespace) -> int:
    """Do what is asked for and return the exit code."""
    if arguments.action == "init":
        return _init(arguments)
    common_dir = Path(rev_parse([("--git-common-dir",)])[0])
    for variable in REPOSITORY_VARIABLES & os.environ.keys():
        del os.environ[variable]  # in a hook they would bind Git to one worktree, whichever we mean
    action = {
        "list": _list,
        "sweep": _sweep,
        "archive": _archive,
        "history": _history,
        "remove": _remove,
        "add": _add,
    }[arguments.action]
    return action(arguments, common_dir)


def _list(arguments: argparse.Namespace, common_dir: Path) -> int:
    from pipeline_state.worktrees.overview import describe, see

    found = [_storable(describe(seen, common_dir)) for seen in see(common_dir)]
    if arguments.json:
        print_json("worktrees", found)
        return 0
    for one in found:
        print_text(_line(one))
    return 0


def _sweep(arguments: argparse.Namespace, common_dir: Path) -> int:
    from pipeline_state.worktrees.sweep import sweep

    swept = sweep(common_dir, dry_run=arguments.dry_run)
    if arguments.json:
        answer = {
            "dry_run": arguments.dry_run,
            "removed": [
                {"token": row.token, "path": storable_path(row.path), "runs": len(row.runs)} for row in swept.removed
            ],
            "missing": [{"token": row.token, "path": storable_path(row.path)} for row in swept.missing],
            "standing": swept.standing,
            "databases": [storable_path(path) for path in swept.databases],
        }
        print_json("sweep", answer)
        return 0
    done = "would be set apart" if arguments.dry_run else "set apart"
    for row in swept.removed:
        print_text(f"removed  {printable(row.path)}: {len(row.runs)} summaries of runs {done}")
    for row in swept.missing:
        print_text(f"missing  {printable(row.path)}: left alone until Git prunes it")
    for path in swept.databases:
        print_text(f"database {printable(path)}: of a removed worktree, but outside of it; delete it if you like")
    print_text(f"{swept.standing} there, {len(swept.missing)} missing, {len(swept.removed)} removed")
    return 0


def _init(arguments: argparse.Namespace) -> int:
    from pipeline_state.worktrees.begin import begin

    begun = begin()
    remark(begun.notices)
    path = begun.location.path
    answer: dict[str, Any] = {
        "token": begun.token,
        "database": None if path is None else storable_path(path),
        "taken_over": begun.taken_over._asdict(),
    }
    if arguments.json:
        print_json("worktree", answer)
    else:
        print_text(f"{path or 'the state is in memory'}{_warm(begun)}")
    return 0


def _archive(arguments: argparse.Namespace, common_dir: Path) -> int:
    from pipeline_state.errors import NoDatabaseError
    from pipeline_state.worktrees.archive import archive
    from pipeline_state.worktrees.removal import find

    location = find(common_dir, Path(arguments.path)).location(common_dir)
    if location is None:
        raise NoDatabaseError(f"{arguments.path} is not there, and so there is no database to archive")
    path = archive(location)
    if arguments.json:
        print_json("archive", {"path": storable_path(str(path))})
    else:
        print_text(str(path))
    return 0


def _history(arguments: argparse.Namespace, common_dir: Path) -> int:
    from pipeline_state.worktrees.archive import archives
    from pipeline_state.worktrees.overview import removed
    from pipeline_state.worktrees.sweep import sweep

    sweep(common_dir)
    found = [
        {
            **one,
            "path": storable_path(one["path"]),
            "archives": [storable_path(str(path)) for path in archives(common_dir, one["token"])],
        }
        for one in removed(common_dir)
    ]
    if arguments.json:
        print_json("history", found)
        return 0
    for one in found:
        print_text(f"{printable(one['path'])}  removed before {one['removal_noticed_at'][:19]}Z")
        for path in one["archives"]:
            print_text(f"  archived in {path}")
        for each in one["runs"][-_SHOWN:]:
            print_text(f"  {_run_line(each)}")
    if not found:
        remark(["no worktree that was removed is known"])
    return 0


def _remove(arguments: argparse.Namespace, common_dir: Path) -> int:
    from pipeline_state.worktrees.removal import remove

    removed = remove(common_dir, Path(arguments.path), force=arguments.force, keep_archive=not arguments.no_archive)
    kept = None if removed.archive is None else storable_path(str(removed.archive))
    if arguments.json:
        ignored = [storable_path(name) for name in removed.ignored]
        path = storable_path(str(removed.path))
        print_json("removed", {"path": path, "archive": kept, "ignored": ignored})
        return 0
    print_text(f"removed {printable(str(removed.path))}" + (f", archived in {kept}" if kept else ""))
    if removed.ignored:
        names = ", ".join(printable(name) for name in removed.ignored[:_SHOWN])
        more = f" and {len(removed.ignored) - _SHOWN} more" if len(removed.ignored) > _SHOWN else ""
        remark([f"ignored files went with it: {names}{more}"])
    return 0


def _add(arguments: argparse.Namespace, common_dir: Path) -> int:
    from pipeline_state.git.worktree_commands import add_worktree, list_worktrees
    from pipeline_state.worktrees.begin import begin

    before = {listed.path for listed in list_worktrees(common_dir)}
    here = Path.cwd()
    said = add_worktree(here, arguments.arguments)
    named = {os.path.realpath(here / word) for word in arguments.arguments}
    if said:
        print_text(said)
    for listed in list_worktrees(common_dir):
        if listed.path not in before and os.path.realpath(listed.path) in named:  # not what somebody else adds now
            begun = begin(listed.path)
            remark(begun.notices)
            print_text(f"{listed.path}{_warm(begun)}")
    return 0


def _warm(begun: Begun) -> str:
    """Return what is said of a warm start behind the name of a worktree or its database."""
    verdicts, durations = begun.taken_over
    return f": taken over are {verdicts} verdicts and the durations of {durations} tests" * any(begun.taken_over)


def _command(commands: Any, name: str, line: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=line, allow_abbrev=False)
    add_json_option(parser)
    return parser


def _storable(one: dict[str, Any]) -> dict[str, Any]:
    paths = {name: None if one[name] is None else storable_path(one[name]) for name in ("path", "database")}
    return {**one, **paths}


def _line(one: dict[str, Any]) -> str:
    where = printable(one["branch"] or (one["commit_id"] or "")[:12] or "no commit")
    state = one["state"] + (", locked" if one["locked"] else "")
    parts = [f"{printable(one['path'])}  {where}  {state}"]
    if one["size"] is not None:
        parts.append(f"{one['findings']} findings, {one['failing_tests']} failing tests, {human_size(one['size'])}")
    if one["last_run"] is not None:
        parts.append(_run_line(one["last_run"]))
    return "  ".join(parts)


def _run_line(one: dict[str, Any]) -> str:
    code = "" if one.get("exit_code") is None else f" {one['exit_code']}"
    counts = ", ".join(f"{number} {name}" for name, number in (one.get("counts") or {}).items() if number)
    started = str(one.get("started_at"))[:19]
    line = f"{one.get('id')}  {one.get('kind')}  {started}Z  {one.get('status')}{code}  {counts}"
    return printable(line.rstrip())
