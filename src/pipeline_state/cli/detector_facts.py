"""What is known of a detector, as `schema/detectors.schema.json` describes it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipeline_state.checks.declaration import Tool
from pipeline_state.checks.inventory import Known
from pipeline_state.config import PathSettings
from pipeline_state.store.storable import storable_path, storable_text


def facts_of(one: Known, root: Path) -> dict[str, Any]:
    """Return what is known of a detector as JSON; paths below the root are relative to it."""
    detector, prepared, never = one.detector, one.prepared, one.prepared.never
    settings = prepared.settings
    return {
        "id": detector.id,
        "title": storable_text(detector.title),
        "origin": _origin(one),
        "enabled": one.enabled,
        "optional": settings.optional,
        "repairs": detector.fixes,
        "scope": detector.scope,
        "types": sorted(detector.types),
        "extensions": sorted(detector.extensions),
        "files": _texts(settings.files),
        "exclude": _texts(settings.exclude),
        "inputs": None if settings.inputs is None else _texts(settings.inputs),
        "timeout_s": settings.timeout_s,
        "severity": {storable_text(rule): weight for rule, weight in settings.severity.items()},
        "per_path": [_entry_facts(entry) for entry in settings.per_path],
        "tool": _tool_facts(one, detector.how, root) if isinstance(detector.how, Tool) else None,
        "reused": never is None,
        "reason": _text(never),
    }


def _tool_facts(one: Known, tool: Tool, root: Path) -> dict[str, Any]:
    prepared, configuration = one.prepared, tool.configuration
    return {
        "executable": storable_text(tool.executable),
        "path": None if prepared.executable is None else _shown(prepared.executable, root),
        "version": _text(one.version),
        "missing": _text(prepared.missing),
        "unsaid": _text(one.unsaid),
        "looked": [_shown(place, root) for place in one.places],
        "arguments": _texts((*tool.check, *prepared.settings.args)),
        "configuration": _texts((*configuration.names, *configuration.user)),
    }


def _entry_facts(entry: PathSettings) -> dict[str, Any]:
    """Return what is set for some of the files; what is left open is `None`."""
    return {
        "files": _texts(entry.files),
        "exclude": _texts(entry.exclude),
        "skip": entry.skip,
        "args": None if entry.args is None else _texts(entry.args),
        "severity": {storable_text(rule): weight for rule, weight in entry.severity.items()},
        "optional": entry.optional,
        "timeout_s": entry.timeout_s,
    }


def _texts(words: Iterable[str]) -> list[str]:
    return [storable_text(word) for word in words]


def _text(said: str | None) -> str | None:
    return None if said is None else storable_text(said)


def _origin(one: Known) -> str:
    """Return who declares a detector: us, the project, or an installed distribution by its name."""
    if one.prepared.settings.declaration is not None:
        return "configuration"
    return "pipeline-state" if one.detector.origin is None else f"distribution {one.detector.origin}"


def _shown(path: Path, root: Path) -> str:
    """Return a path; below the root, relative to it. Links are not followed: it is what would be started."""
    return storable_path(os.fspath(path.relative_to(root) if path.is_relative_to(root) else path))
