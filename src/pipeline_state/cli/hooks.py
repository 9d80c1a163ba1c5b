"""The Git hooks that begin the state of a new worktree, and notice worktrees that were removed."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from pipeline_state.cli.answers import add_json_option, print_json, print_text, remark
from pipeline_state.cli.hook_run import run_hook

if TYPE_CHECKING:
    from pipeline_state.worktrees.git_hooks import Hook


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `pipeline-state hooks` understands."""
    commands = parser.add_subparsers(dest="action", required=True, metavar="install|uninstall|status|run")
    installing = commands.add_parser("install", help="put the hooks into place", allow_abbrev=False)
    installing.add_argument("--force", action="store_true", help="also where core.hooksPath leads out of .git")
    commands.add_parser("uninstall", help="take them away, and give back what stood there", allow_abbrev=False)
    asking = commands.add_parser("status", help="whether they are in place, and work", allow_abbrev=False)
    add_json_option(asking)
    running = commands.add_parser("run", help="what the hooks call: begin this worktree, and sweep", allow_abbrev=False)
    running.add_argument(
        "--git-dir", metavar="PATH", help="this worktree's Git directory, which the hook has asked for"
    )
    running.add_argument("--common-dir", metavar="PATH", help="the one that all worktrees share, likewise")


def run(arguments: argparse.Namespace) -> int:
    """Do what is asked for and return the exit code; `run` is 0 whatever happens."""
    if arguments.action == "run":
        return run_hook(arguments.git_dir, arguments.common_dir)
    from pipeline_state.worktrees.git_hooks import console_script, find_place, install, status, uninstall

    place = find_place()
    if arguments.action == "uninstall":
        gone = uninstall(place)
        for name in gone:
            print_text(f"removed {name}")
        if not gone:
            remark(["there was nothing to remove"])
        return 0
    if arguments.action == "install":
        _print(install(place, console_script(), force=arguments.force))
        return 0
    found = status(place)
    if arguments.json:
        print_json("hooks", [_fields(hook) for hook in found])
    else:
        _print(found)
    return 0 if all(hook.condition == "installed" for hook in found) else 1


def _fields(hook: Hook) -> dict[str, Any]:
    from pipeline_state.store.storable import storable_path

    path = None if hook.path is None else storable_path(str(hook.path))
    command = None if hook.command is None else storable_path(hook.command)
    return {"event": hook.event, "state": hook.condition, "path": path, "command": command}


def _print(hooks: tuple[Hook, ...]) -> None:
    for hook in hooks:
        where = "" if hook.path is None else f"  {hook.path}"
        print_text(f"{hook.event:<13}  {hook.condition}{where}")
