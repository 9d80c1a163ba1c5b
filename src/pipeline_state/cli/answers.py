"""What a command prints: data alone on standard output, remarks on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse


def add_db_option(parser: argparse.ArgumentParser) -> None:
    """Add `--db PATH`."""
    parser.add_argument("--db", metavar="PATH", help="use this state database")


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """Add `--json`."""
    parser.add_argument("--json", action="store_true", help="print JSON, and nothing else, on standard output")


def print_json(noun: str, value: Any) -> None:
    """Print `{"version": 1, "<noun>": value}`; `value` holds storable text and paths."""
    import json

    print(json.dumps({"version": 1, noun: value}, indent=2))


def print_pairs(pairs: Sequence[tuple[str, str]]) -> None:
    """Print lines of a name and a value, aligned."""
    width = max((len(name) for name, _ in pairs), default=0)
    for name, value in pairs:
        print_text(f"{name:<{width}}  {value}")


def print_text(text: str) -> None:
    """Print a line as the bytes that it stands for: a path that is not UTF-8 is a path all the same."""
    sys.stdout.flush()
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:  # standard output was replaced by something that takes text
        print(text)
        return
    buffer.write(os.fsencode(text) + os.linesep.encode("ascii"))
    buffer.flush()


def remark(sentences: Iterable[str]) -> None:
    """Print sentences for the user on standard error, one line each."""
    from pipeline_state.reports.text import printable

    for sentence in sentences:
        print(f"pipeline-state: {printable(sentence)}", file=sys.stderr)


def human_size(size: int) -> str:
    """Return a number of bytes as people read it."""
    number = float(size)
    for unit in ("bytes", "KB", "MB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "bytes" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} GB"
