"""The configuration: `[tool.pipeline-state]` of pyproject.toml, or a pipeline-state.toml beside it.

Unknown keys are an error that names the nearest known one: a setting that is silently ignored is worse than none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from pipeline_state import toml
from pipeline_state.config.declaration import Answers as Answers
from pipeline_state.config.declaration import Declaration as Declaration
from pipeline_state.config.detector import DetectorSettings as DetectorSettings
from pipeline_state.config.detector import PathSettings as PathSettings
from pipeline_state.config.detector import read_detector
from pipeline_state.config.table import Table
from pipeline_state.config.words import WEIGHTS, Weight
from pipeline_state.errors import ConfigurationError
from pipeline_state.location import CONFIGURATION_FILES, read_configuration_files
from pipeline_state.named_tuple import NamedTuple

BUILT_IN = "built-in"
"""In `detectors`: all detectors that need no tool."""


class Retention(NamedTuple):
    """How long history is kept: runs older than `days` go, except for the newest `runs` of them."""

    days: int = 90
    runs: int = 200


class Configuration(NamedTuple):
    """Everything that a project configures.

    `detectors` are ids, in the order in which fixers run. `fail_on` is the least weight with which a finding fails.
    `baseline` is the file of the known findings, and `python` the interpreter of the project's own environment, both
    relative to the root.
    """

    detectors: tuple[str, ...] = (BUILT_IN,)
    exclude: tuple[str, ...] = ()
    fail_on: Weight = "note"
    baseline: str | None = None
    python: str | None = None
    jobs: int | None = None
    retention: Retention = Retention()
    settings: Mapping[str, DetectorSettings] = {}
    source: Path | None = None

    def of(self, detector: str) -> DetectorSettings:
        """Return the settings of one detector; the defaults where nothing is said."""
        return self.settings.get(detector, DetectorSettings())


def load_configuration(root: Path) -> Configuration:
    """Return the configuration of the worktree at `root`. Raises `ConfigurationError` if it is wrong."""
    return parse_configuration(root, read_configuration_files(root))


def parse_configuration(root: Path, contents: Sequence[bytes | None]) -> Configuration:
    """Return the configuration that the contents of `CONFIGURATION_FILES` hold.

    Raises `ConfigurationError` if it is wrong.
    """
    own, project = contents
    tables: list[tuple[Path, dict[str, Any]]] = []
    if own is not None:
        tables.append((root / CONFIGURATION_FILES[0], _parse(root / CONFIGURATION_FILES[0], own)))
    if project is not None and b"pipeline-state" in project:
        tools = _parse(root / CONFIGURATION_FILES[1], project).get("tool")
        table = tools.get("pipeline-state") if isinstance(tools, dict) else None
        if table is not None:
            tables.append((root / CONFIGURATION_FILES[1], table))
    if not tables:
        return Configuration()
    if len(tables) == 2:
        raise ConfigurationError(f"{tables[0][0]} and [tool.pipeline-state] in {tables[1][0]} both configure; keep one")
    return _configuration(*tables[0])


def _configuration(source: Path, table: dict[str, Any]) -> Configuration:
    known = ("detectors", "exclude", "fail-on", "baseline", "python", "jobs", "retention", "detector")
    read = Table(source, "", table, known)
    retention = read.within("retention", ("days", "runs"))
    settings = Table(source, "detector.", read.table("detector"), tuple(read.table("detector")))
    baseline = read.string("baseline")
    if baseline is not None and not (baseline and baseline.isprintable()):
        read.refuse("baseline", "the path of a file")
    return Configuration(
        detectors=read.strings("detectors", (BUILT_IN,)),
        exclude=read.strings("exclude"),
        fail_on=cast("Weight", read.one_of("fail-on", WEIGHTS, "note")),
        baseline=baseline,
        python=read.string("python"),
        jobs=read.whole_number("jobs"),
        retention=Retention(
            days=retention.whole_number("days") or Retention().days,
            runs=retention.whole_number("runs") or Retention().runs,
        ),
        settings={name: read_detector(settings, name) for name in sorted(read.table("detector"))},
        source=source,
    )


def _parse(path: Path, content: bytes) -> dict[str, Any]:
    try:
        return toml.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:  # not UTF-8, no TOML, a number of 5,000 digits, a list in a list in …
        raise ConfigurationError(f"cannot read the configuration {path}: {error}") from error
