"""Propose a configuration from what the repository already uses; write it on request, and keep what stands there."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from pipeline_state.checks.evidence import PRE_COMMIT, Evidence, evidence
from pipeline_state.checks.registry import BUILT_IN, shipped_detectors
from pipeline_state.cli.answers import add_json_option, print_json, print_text, remark
from pipeline_state.cli.proposal import Proposal, read_repository, with_configuration, with_hook
from pipeline_state.cli.report_output import replace_file
from pipeline_state.errors import StateError
from pipeline_state.location import find_worktree
from pipeline_state.reports.text import printable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what `pipeline-state init` understands."""
    parser.add_argument("--write", action="store_true", help="write what is proposed; without it, it is only shown")
    parser.add_argument("--no-hook", action="store_true", help=f"leave {PRE_COMMIT} out")
    add_json_option(parser)


def run(arguments: argparse.Namespace) -> int:
    """Show or write the proposal."""
    root = Path(find_worktree().root)
    found = evidence(read_repository(root), shipped_detectors())
    detectors = [BUILT_IN, *(one.detector for one in found)]
    configuration = with_configuration(root, detectors)
    proposals = [configuration] if arguments.no_hook else [configuration, with_hook(root)]
    if arguments.write:
        for proposal in proposals:
            _write(proposal)
    if arguments.json:
        print_json("init", _facts(found, detectors, proposals, written=arguments.write))
    else:
        _print(found, proposals, written=arguments.write)
    return 0


def _write(proposal: Proposal) -> None:
    if proposal.text is None:
        return
    try:
        replace_file(os.path.realpath(proposal.path), proposal.text)
    except OSError as error:
        raise StateError(f"cannot write {proposal.path}: {error.strerror}; nothing in it was changed") from error


def _facts(
    found: tuple[Evidence, ...], detectors: list[str], proposals: list[Proposal], *, written: bool
) -> dict[str, Any]:
    return {
        "detectors": detectors,
        "evidence": [{"detector": one.detector, "said_by": list(one.said_by)} for one in found],
        "files": [
            {"path": one.name, "lines": one.lines, "written": written and one.text is not None, "why_not": one.why_not}
            for one in proposals
        ],
    }


def _print(found: tuple[Evidence, ...], proposals: list[Proposal], *, written: bool) -> None:
    for one in found:
        print_text(f"{one.detector:<18} {printable(', '.join(one.said_by))}")
    for proposal in proposals:
        if proposal.text is None:
            remark([f"{proposal.name} stays as it is: {proposal.why_not}"])
        elif written:
            print_text(f"written: {proposal.name}")
        if proposal.lines and not (written and proposal.text is not None):
            print_text(f"\n# {proposal.name}")
            print_text(proposal.lines.rstrip("\n"))
    if not written and any(proposal.text is not None for proposal in proposals):
        remark(["`pipeline-state init --write` writes this"])
