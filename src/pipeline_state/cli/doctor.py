"""Look for what is wrong with the set-up, and explain it; exit code 1 if there is a problem."""

from __future__ import annotations

import argparse

from pipeline_state.cli.answers import add_db_option, add_json_option, print_json, print_text, remark
from pipeline_state.location import locate
from pipeline_state.store.storable import storable_text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--repair", action="store_true", help="first repair what can be repaired safely")
    add_db_option(parser)
    add_json_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Examine the set-up, print what was seen, and return the exit code."""
    from pipeline_state.store.diagnosis import examine
    from pipeline_state.worktrees.diagnosis import examine_worktrees

    location = locate(arguments.db)
    repaired: list[str] = []
    if arguments.repair:
        from pipeline_state.worktrees.repair import repair

        repaired = list(repair(location))
        remark(repaired)
    seen = [*examine(location), *examine_worktrees(location)]
    problems = sum(diagnosis.status == "problem" for diagnosis in seen)
    if arguments.json:
        checks = [
            {"id": diagnosis.id, "status": diagnosis.status, "message": storable_text(diagnosis.message)}
            for diagnosis in seen
        ]
        print_json(
            "doctor", {"ok": not problems, "checks": checks, "repaired": [storable_text(one) for one in repaired]}
        )
    else:
        width = max(len(diagnosis.id) for diagnosis in seen)
        for diagnosis in seen:
            print_text(f"{diagnosis.status:<7}  {diagnosis.id:<{width}}  {diagnosis.message}")
    return 1 if problems else 0
