"""The parser of a command's arguments: each command declares its own."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from importlib import import_module
from typing import Any, NoReturn

from pipeline_state.errors import UsageError

_WIDTH = 100
"""Columns of the help."""


class _Parser(argparse.ArgumentParser):
    """A parser whose errors go through the one boundary, as every other error does."""

    def __init__(self, **options: Any) -> None:
        # Asked for the terminal's width, argparse loads five modules of archive formats; and does so for each argument.
        super().__init__(formatter_class=lambda prog: argparse.HelpFormatter(prog, width=_WIDTH), **options)

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see `{self.prog} --help`)")


def build_parser(command: str, commands: Collection[str]) -> argparse.ArgumentParser:
    """Return the complete parser of one of the commands. Raises `UsageError` if there is no such command."""
    if command not in commands:
        from difflib import get_close_matches

        near = get_close_matches(command, commands, n=1)
        hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(commands)}"
        raise UsageError(f"there is no command {command!r}{hint}")
    module = import_module(f"pipeline_state.cli.{command}")
    parser = _Parser(prog=f"pipeline-state {command}", description=module.__doc__, allow_abbrev=False)
    module.add_arguments(parser)
    parser.set_defaults(run=module.run)
    return parser
