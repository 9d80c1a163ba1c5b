"""The configuration: `[tool.pipeline-state]` of pyproject.toml, or a pipeline-state.toml beside it.

Unknown keys are an error that names the nearest known one: a setting that is silently ignored is worse than none.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline_state.errors import ConfigurationError
from pipeline_state.location import CONFIGURATION_FILES, read_configuration_files

BUILT_IN = "built-in"
"""In `detectors`: all detectors that need no tool."""

DEFAULT_TIMEOUT_S = 300.0


@dataclass(frozen=True, slots=True)
class DetectorSettings:
    """What a project says of one detector.

    `path` is its executable, relative to the worktree root. `files` and `exclude` are glob patterns on relative
    POSIX paths. `optional` makes a missing tool a warning. `timeout_s` is in seconds, for one batch of files.
    """

    path: str | None = None
    args: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    optional: bool = False
    timeout_s: float = DEFAULT_TIMEOUT_S


@dataclass(frozen=True, slots=True)
class Retention:
    """How long history is kept: runs older than `days` go, except for the newest `runs` of them."""

    days: int = 90
    runs: int = 200


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything that a project configures. `detectors` are ids, in the order in which fixers run."""

    detectors: tuple[str, ...] = (BUILT_IN,)
    exclude: tuple[str, ...] = ()
    jobs: int | None = None
    retention: Retention = Retention()
    settings: Mapping[str, DetectorSettings] = field(default_factory=dict)
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
        table = _parse(root / CONFIGURATION_FILES[1], project).get("tool", {}).get("pipeline-state")
        if table is not None:
            tables.append((root / CONFIGURATION_FILES[1], table))
    if not tables:
        return Configuration()
    if len(tables) == 2:
        raise ConfigurationError(f"{tables[0][0]} and [tool.pipeline-state] in {tables[1][0]} both configure; keep one")
    return _configuration(*tables[0])


def _configuration(source: Path, table: dict[str, Any]) -> Configuration:
    read = _Table(source, "", table, ("detectors", "exclude", "jobs", "retention", "detector"))
    retention = _Table(source, "retention.", read.table("retention"), ("days", "runs"))
    return Configuration(
        detectors=read.strings("detectors", (BUILT_IN,)),
        exclude=read.strings("exclude"),
        jobs=read.whole_number("jobs"),
        retention=Retention(
            days=retention.whole_number("days") or Retention().days,
            runs=retention.whole_number("runs") or Retention().runs,
        ),
        settings={
            name: _settings(source, name, read.table("detector")[name]) for name in sorted(read.table("detector"))
        },
        source=source,
    )


def _settings(source: Path, name: str, table: object) -> DetectorSettings:
    read = _Table(source, f"detector.{name}.", table, ("path", "args", "files", "exclude", "optional", "timeout_s"))
    return DetectorSettings(
        path=read.string("path"),
        args=read.strings("args"),
        files=read.strings("files"),
        exclude=read.strings("exclude"),
        optional=read.boolean("optional"),
        timeout_s=read.seconds("timeout_s", DEFAULT_TIMEOUT_S),
    )


class _Table:
    """One TOML table, read key by key; says in which file and where a value is wrong."""

    def __init__(self, source: Path, prefix: str, table: object, known: Sequence[str]) -> None:
        self._source, self._prefix = source, prefix
        if not isinstance(table, dict):
            raise ConfigurationError(f"in {source}: {prefix.rstrip('.')} must be a table")
        self._table: dict[str, Any] = table
        for key in table:
            if key not in known:
                from difflib import get_close_matches

                near = get_close_matches(key, known, n=1, cutoff=0.4)
                hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
                raise ConfigurationError(f"in {source}: unknown key {prefix + key!r}; {hint}")

    def table(self, key: str) -> dict[str, Any]:
        value = self._table.get(key, {})
        return value if isinstance(value, dict) else self._refuse(key, "a table")

    def strings(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        value = self._table.get(key, list(default))
        if not isinstance(value, list) or not all(isinstance(entry, str) and "\0" not in entry for entry in value):
            self._refuse(key, "a list of strings")
        return tuple(value)

    def string(self, key: str) -> str | None:
        value = self._table.get(key)
        if value is not None and (not isinstance(value, str) or "\0" in value):
            self._refuse(key, "a string")
        return value

    def boolean(self, key: str) -> bool:
        value = self._table.get(key, False)
        return value if isinstance(value, bool) else bool(self._refuse(key, "true or false"))

    def whole_number(self, key: str) -> int | None:
        value = self._table.get(key)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
            self._refuse(key, "a whole number from 1")
        return value

    def seconds(self, key: str, default: float) -> float:
        value = self._table.get(key, default)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < float("inf"):
            self._refuse(key, "a number of seconds above 0")
        return float(value)

    def _refuse(self, key: str, wanted: str) -> Any:
        raise ConfigurationError(f"in {self._source}: {self._prefix}{key} must be {wanted}, not {self._table[key]!r}")


def _parse(path: Path, content: bytes) -> dict[str, Any]:
    if sys.version_info >= (3, 11):  # here, because a check with nothing to do parses nothing
        import tomllib
    else:
        import tomli as tomllib
    try:
        parsed: dict[str, Any] = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"cannot read the configuration {path}: {error}") from error
    return parsed
