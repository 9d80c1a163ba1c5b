"""What a project says of one detector: `[tool.pipeline-state.detector.ID]`, and what differs for some of its files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from pipeline_state.config.declaration import KEYS as KEYS_OF_DECLARATIONS
from pipeline_state.config.declaration import Declaration, read_declaration
from pipeline_state.config.table import Table
from pipeline_state.config.words import WEIGHTS, Weight
from pipeline_state.named_tuple import NamedTuple

DEFAULT_TIMEOUT_S = 300.0

_KEYS_OF_PATHS = ("files", "exclude", "skip", "args", "severity", "optional", "timeout_s")
_KEYS = ("path", "args", "files", "exclude", "inputs", "severity", "optional", "timeout_s", "per-path")


class PathSettings(NamedTuple):
    """What is said of some of a detector's files: those that match `files`, but for those that match `exclude`.

    `skip` keeps them from the detector. What is `None`, or a rule that `severity` does not name, is as the
    detector's own settings have it.
    """

    files: tuple[str, ...]
    exclude: tuple[str, ...] = ()
    skip: bool = False
    args: tuple[str, ...] | None = None
    severity: Mapping[str, Weight] = {}
    optional: bool | None = None
    timeout_s: float | None = None


class DetectorSettings(NamedTuple):
    """What a project says of one detector.

    `path` is its executable, relative to the worktree root. `files` and `exclude` are glob patterns on relative
    POSIX paths. `inputs` are such patterns for further files that its verdicts depend on: whoever gives them, and be
    it none, says that there are no others; `None` is not said. `severity` gives a weight to rules, by their names or
    the beginnings of these. `optional` makes a missing tool a warning. `timeout_s` is in seconds, for one batch of
    files. Of `per_path`, the last entry that a file matches counts for it. `declaration` is there if the project
    declares the detector itself.
    """

    path: str | None = None
    args: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    inputs: tuple[str, ...] | None = None
    severity: Mapping[str, Weight] = {}
    optional: bool = False
    timeout_s: float = DEFAULT_TIMEOUT_S
    per_path: tuple[PathSettings, ...] = ()
    declaration: Declaration | None = None


def read_detector(outer: Table, name: str) -> DetectorSettings:
    """Read the table of one detector from the table of all of them. Raises `ConfigurationError` if it is wrong."""
    read = outer.within(name, (*_KEYS, *KEYS_OF_DECLARATIONS))
    declaration = read_declaration(read)
    return DetectorSettings(
        path=read.string("path") or _own_program(declaration),
        args=read.strings("args"),
        files=read.strings("files"),
        exclude=read.strings("exclude"),
        inputs=read.strings("inputs") if "inputs" in read else None,
        severity=_severity(read),
        optional=read.boolean("optional"),
        timeout_s=read.seconds("timeout_s", DEFAULT_TIMEOUT_S),
        per_path=tuple(_path_settings(one) for one in read.tables("per-path", _KEYS_OF_PATHS)),
        declaration=declaration,
    )


def _own_program(declaration: Declaration | None) -> str | None:
    """Return the program of a declared detector, if it is named by its path: below the root, if that is relative."""
    if declaration is None or "/" not in declaration.command[0]:
        return None
    return declaration.command[0]


def _path_settings(read: Table) -> PathSettings:
    if not read.strings("files"):
        raise read.wrong("files", "must say which files this is about: a list of patterns")
    return PathSettings(
        files=read.strings("files"),
        exclude=read.strings("exclude"),
        skip=read.boolean("skip"),
        args=read.strings("args") if "args" in read else None,
        severity=_severity(read),
        optional=read.boolean("optional") if "optional" in read else None,
        timeout_s=read.seconds("timeout_s", DEFAULT_TIMEOUT_S) if "timeout_s" in read else None,
    )


def _severity(read: Table) -> Mapping[str, Weight]:
    return {name: cast("Weight", weight) for name, weight in read.words("severity", WEIGHTS).items()}
