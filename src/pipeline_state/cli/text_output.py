"""The report for people, as it fits where it goes: with colours and excerpts on a terminal, plain elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping

from pipeline_state.reports.text import Paint, plain, text_report

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    import argparse
    from types import SimpleNamespace

    from pipeline_state.cli.checking import Checked
    from pipeline_state.store.findings import Finding

_WIDTH = 120
"""Columns of an excerpt that does not go to a terminal."""

_LARGEST = 50_000_000
"""Bytes of a file of which no excerpt is made any more."""


def text_of(answer: Checked, root: str, arguments: argparse.Namespace | SimpleNamespace) -> str:
    """Return the report as `--color`, `--excerpts`, `--output` and `--quiet` ask for it."""
    result = answer.result
    terminal = arguments.output is None and is_terminal(sys.stdout)
    paint = paint_for(arguments.color, terminal=terminal, to_stdout=arguments.output is None)
    excerpt = None
    if result.findings and (arguments.excerpts == "always" or (arguments.excerpts == "auto" and terminal)):
        told = (*result.findings, *(result.baseline.known if result.baseline is not None else ()))
        excerpt = excerpts_of(told, root, paint, terminal=terminal)
    return text_report(result, answer.duration_s, paint=paint, excerpt=excerpt, quiet=arguments.quiet)


def is_terminal(stream: object) -> bool:
    """Whether a person reads this stream."""
    try:
        return bool(stream.isatty())  # type: ignore[attr-defined]  # a stream, or None, or something in its place
    except (AttributeError, ValueError):  # there is none, or it is closed
        return False


def paint_for(when: str, *, terminal: bool, to_stdout: bool, environ: Mapping[str, str] = os.environ) -> Paint:
    """Return what gives texts their look: colours if `when` or, for `auto`, the terminal and the environment say so.

    See https://no-color.org and https://force-color.org; the first outranks the second, and neither an explicit `when`.
    """
    if when == "auto":
        forced = to_stdout and bool(environ.get("FORCE_COLOR"))
        able = terminal and environ.get("TERM") != "dumb" and (sys.platform != "win32" or "WT_SESSION" in environ)
        wanted = not environ.get("NO_COLOR") and (forced or able)
    else:
        wanted = when == "always"
    if not wanted:
        return plain
    from pipeline_state.reports.colours import coloured

    return coloured


def excerpts_of(
    findings: Iterable[Finding], root: str, paint: Paint, *, terminal: bool
) -> Callable[[Finding], list[str]]:
    """Return what makes the excerpts of findings in the files below `root`."""
    from pipeline_state.reports.excerpts import Excerpts
    from pipeline_state.store.storable import real_path

    def read(path: str) -> bytes | None:
        name = os.path.join(root, real_path(path))
        try:
            if not os.path.isfile(name) or os.path.getsize(name) > _LARGEST:
                return None
            with open(name, "rb") as file:
                return file.read()
        except OSError:
            return None

    width = _WIDTH
    if terminal:
        try:
            width = os.get_terminal_size(sys.stdout.fileno()).columns
        except (OSError, ValueError):  # replaced by something that has no size
            pass
    return Excerpts(read, findings, paint=paint, width=width)
