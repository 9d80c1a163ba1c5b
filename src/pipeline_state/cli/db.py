"""Look after the state database: where it is, what is in it, backups, verification, cleaning."""

from __future__ import annotations

import argparse
from pathlib import Path

from pipeline_state.cli.answers import (
    add_db_option,
    add_json_option,
    human_size,
    print_json,
    print_pairs,
    print_text,
    remark,
)
from pipeline_state.errors import NoDatabaseError, UsageError
from pipeline_state.location import Location, locate
from pipeline_state.store.state import State, open_at
from pipeline_state.store.storable import storable_path

_MEMORY = ":memory:"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the subcommands."""
    commands = parser.add_subparsers(dest="action", required=True, metavar="ACTION", help="what to do")
    lines = {
        "path": "print where the database is",
        "info": "what the database is, and what it holds",
        "migrate": "bring the schema up to date (every command does)",
        "backup": "write a verified copy, while others go on",
        "restore": "make the database what a backup holds; what it replaces is kept",
        "verify": "examine the whole database; exit code 1 if something is wrong",
        "prune": "forget old runs, and verdicts that no file stands for",
        "vacuum": "give unused space back to the file system",
    }
    for name, line in lines.items():
        command = commands.add_parser(name, help=line, description=line, allow_abbrev=False)
        add_db_option(command)
        add_json_option(command)
        if name == "backup":
            command.add_argument(
                "target", nargs="?", metavar="PATH", help="a new file, or a folder (default: beside it)"
            )
        if name == "restore":
            command.add_argument("source", metavar="PATH", help="the backup")
        if name == "prune":
            command.add_argument(
                "--older-than", type=float, metavar="DAYS", help="forget runs older than this many days"
            )
            command.add_argument("--keep", type=int, metavar="N", help="but never the newest N of each kind")


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked, and return the exit code."""
    location = locate(arguments.db)
    code: int = _ACTIONS[arguments.action](arguments, location)
    return code


def _path(arguments: argparse.Namespace, location: Location) -> int:
    if arguments.json:
        print_json("database", {"path": _name(location), "source": location.source})
    else:
        print_text(location.path or _MEMORY)
    return 0


def _info(arguments: argparse.Namespace, location: Location) -> int:
    from pipeline_state.store.health import describe

    with open_at(location, read_only=location.path is not None) as state:
        found = describe(state.database)
    answer = {
        "path": _name(location),
        "source": location.source,
        "size": found.size,
        "log_size": found.log_size,
        "schema": found.schema,
        "newest_schema": found.newest_schema,
        "journal_mode": found.journal_mode,
        "sqlite": found.sqlite,
        "rows": found.rows,
        "backups": [storable_path(str(path)) for path in found.backups],
    }
    if arguments.json:
        print_json("database", answer)
        return 0
    print_pairs(
        [
            ("path", location.path or _MEMORY),
            ("named by", location.source),
            ("size", f"{human_size(found.size)}, and {human_size(found.log_size)} in the log"),
            ("schema", f"{found.schema} of {found.newest_schema}"),
            ("journal", found.journal_mode),
            ("sqlite", found.sqlite),
            *((f"rows: {table}", str(count)) for table, count in found.rows.items() if count),
            *(("backup", str(path)) for path in found.backups),
        ]
    )
    return 0


def _migrate(arguments: argparse.Namespace, location: Location) -> int:
    from pipeline_state.store.migrations import history

    with _opened(location) as state:
        past = history(state.database)
        before = state.database.user_version
    applied = [entry.number for entry in past if entry.number > before]
    if arguments.json:
        print_json("migration", {"path": _name(location), "schema": len(past), "applied": applied})
    else:
        what = f"applied {', '.join(f'{number:04}' for number in applied)}" if applied else "nothing to do"
        print_text(f"{location.path or _MEMORY}: schema {len(past)}, {what}")
    return 0


def _backup(arguments: argparse.Namespace, location: Location) -> int:
    from pipeline_state.store.backup import back_up

    path = _file(location)
    target = None if arguments.target is None else Path(arguments.target).expanduser()
    with open_at(location, read_only=True) as state:
        copy = back_up(state.database, target)
    size = copy.stat().st_size
    if arguments.json:
        print_json("backup", {"database": storable_path(str(path)), "path": storable_path(str(copy)), "size": size})
    else:
        print_text(f"{copy} ({human_size(size)})")
    return 0


def _restore(arguments: argparse.Namespace, location: Location) -> int:
    from pipeline_state.store.backup import restore

    path = _file(location)
    source = Path(arguments.source).expanduser()
    with _opened(location) as state:
        kept = restore(state.database, source)
    if arguments.json:
        answer = {
            "database": storable_path(str(path)),
            "source": storable_path(str(source.absolute())),
            "kept": None if kept is None else storable_path(str(kept)),
        }
        print_json("restored", answer)
    else:
        print_text(f"{path} is what {source} holds; " + (f"before: {kept}" if kept else "it was empty before"))
    return 0


def _verify(arguments: argparse.Namespace, location: Location) -> int:
    from pipeline_state.store.health import verify_at

    path = _file(location)
    if not path.exists():
        raise NoDatabaseError(f"there is no state database at {path} yet")
    problems = verify_at(path)
    if arguments.json:
        answer = {"path": storable_path(str(path)), "ok": not problems, "problems": list(problems)}
        print_json("verification", answer)
    else:
        print_text(f"{path}: " + (f"{len(problems)} problems" if problems else "good"))
        for problem in problems:
            print_text(f"  {problem}")
    return 1 if problems else 0


def _prune(arguments: argparse.Namespace, location: Location) -> int:
    from pipeline_state.config import Retention, load_configuration
    from pipeline_state.store.retention import prune

    configured = load_configuration(Path(location.worktree.root)).retention if location.worktree else Retention()
    days = configured.days if arguments.older_than is None else arguments.older_than
    keep = configured.runs if arguments.keep is None else arguments.keep
    if days < 0 or keep < 0:
        raise UsageError("--older-than and --keep cannot be negative")
    with _opened(location) as state:
        pruned = prune(state.database, days, keep)
    counts = {name: getattr(pruned, name) for name in ("runs", "verdicts", "tests", "environments")}
    if arguments.json:
        print_json("pruned", {"path": _name(location), **counts})
    else:
        print_text("forgot " + ", ".join(f"{count} {name}" for name, count in counts.items()))
    return 0


def _vacuum(arguments: argparse.Namespace, location: Location) -> int:
    from pipeline_state.store.retention import vacuum

    path = _file(location)
    with _opened(location) as state:
        before = path.stat().st_size
        vacuum(state.database)
        after = path.stat().st_size
    if arguments.json:
        print_json("vacuumed", {"path": storable_path(str(path)), "size_before": before, "size_after": after})
    else:
        print_text(f"{path}: {human_size(before)} before, {human_size(after)} now")
    return 0


_ACTIONS = {
    "path": _path,
    "info": _info,
    "migrate": _migrate,
    "backup": _backup,
    "restore": _restore,
    "verify": _verify,
    "prune": _prune,
    "vacuum": _vacuum,
}


def _opened(location: Location) -> State:
    state = open_at(location)
    remark(state.notices)
    return state


def _file(location: Location) -> Path:
    if location.path is None:
        raise UsageError("a state in memory ends with this command; name a file")
    return Path(location.path)


def _name(location: Location) -> str:
    return _MEMORY if location.path is None else storable_path(location.path)
