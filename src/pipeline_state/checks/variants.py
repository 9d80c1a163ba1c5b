"""A detector with the settings that some of its files are judged under. Pure.

Files for which a project sets other arguments have keys and batches of their own: to everything that makes keys and
runs tools they are the files of a detector of their own, which has the same id.
"""

from __future__ import annotations

from collections.abc import Callable

from pipeline_state.checks.declaration import BuiltIn, Detector
from pipeline_state.checks.per_path import last_match
from pipeline_state.config import DetectorSettings, PathSettings
from pipeline_state.named_tuple import NamedTuple

_OF_TOOLS = ("path", "args", "optional")
_OF_BATCHES = ("args", "optional", "timeout_s")
_OF_EACH_FILE = ("file", "paths", "never")
"""Scopes in which a file can be judged without the others."""


class Variant(NamedTuple):
    """A detector under one set of settings.

    `entries` are the numbers of those `per_path` entries whose files are judged under it; `None` is among them if it
    judges the files that no entry is about.
    """

    detector: Detector
    settings: DetectorSettings
    entries: frozenset[int | None] = frozenset((None,))


def variants_of(detector: Detector, settings: DetectorSettings) -> tuple[Variant, ...]:
    """Return a detector under each of its sets of settings, the one for all other files first."""
    numbers: dict[tuple[object, ...], set[int | None]] = {_of_batches(settings): {None}}
    resolved = {_of_batches(settings): settings}
    for number, entry in enumerate(settings.per_path):
        if not entry.skip:
            own = _resolved(settings, entry)
            numbers.setdefault(_of_batches(own), set()).add(number)
            resolved.setdefault(_of_batches(own), own)
    return tuple(Variant(detector, resolved[key], frozenset(entries)) for key, entries in numbers.items())


def entry_chooser(settings: DetectorSettings) -> Callable[[str], int | None]:
    """Return what tells, for a path, the number of the entry that counts for it."""
    return last_match([(entry.files, entry.exclude) for entry in settings.per_path])


def objection(detector: Detector, settings: DetectorSettings) -> str | None:
    """Return what a project sets for a detector that can have no effect on it, as a sentence; `None` if nothing."""
    if isinstance(detector.how, BuiltIn):
        for name in _OF_TOOLS:
            if getattr(settings, name):
                return f"{name} is set, and it runs no tool"
    for number, entry in enumerate(settings.per_path, 1):
        for name in _OF_BATCHES:
            if getattr(entry, name) is None:
                continue
            if isinstance(detector.how, BuiltIn):
                return f"per-path.{number}.{name} is set, and it runs no tool of its own for some of the files"
            if detector.scope not in _OF_EACH_FILE:
                return f"per-path.{number}.{name} is set, and it judges the whole project at once"
    return None


def _resolved(settings: DetectorSettings, entry: PathSettings) -> DetectorSettings:
    return settings._replace(
        args=settings.args if entry.args is None else entry.args,
        optional=settings.optional if entry.optional is None else entry.optional,
        timeout_s=settings.timeout_s if entry.timeout_s is None else entry.timeout_s,
    )


def _of_batches(settings: DetectorSettings) -> tuple[object, ...]:
    return settings.args, settings.optional, settings.timeout_s
