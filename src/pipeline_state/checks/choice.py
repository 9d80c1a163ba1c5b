"""Which detectors run: those that the configuration names, or the command; each of them known, and its settings fit."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from pipeline_state.checks.declaration import Detector
from pipeline_state.checks.registry import (
    BUILT_IN,
    Failure,
    Registry,
    load_detectors,
    shipped_detectors,
    with_declared,
)
from pipeline_state.checks.request import Request
from pipeline_state.checks.variants import objection
from pipeline_state.config import Configuration
from pipeline_state.errors import ConfigurationError, DetectorError, PipelineStateError, UsageError


def chosen_detectors(request: Request, configuration: Configuration) -> tuple[list[Detector], tuple[Failure, ...]]:
    """Return the detectors that are asked for, in the order of the configuration, and the plugins that failed.

    Raises `UsageError` or `ConfigurationError` for an id that nobody declares, `DetectorError` if a plugin that
    failed may have.
    """
    registry = with_declared(Registry(shipped_detectors()), configuration)
    named = registry.expand(configuration.detectors if request.only is None else request.only)
    if not {*named, *request.skip, *configuration.settings} <= {BUILT_IN, *registry.detectors}:
        registry = all_detectors(configuration)
    require_configured(registry, configuration)
    for name in (*(request.only or ()), *request.skip):
        if name != BUILT_IN and name not in registry.detectors:
            raise _unknown(f"there is no detector {name!r}", name, registry, UsageError)
    skipped = registry.expand(request.skip)
    return [registry.detectors[name] for name in named if name not in skipped], registry.failures


def all_detectors(configuration: Configuration) -> Registry:
    """Return every detector there is: shipped, installed and declared by the project."""
    return with_declared(load_detectors(entry_points=True), configuration)


def require_configured(registry: Registry, configuration: Configuration) -> None:
    """Raise if the configuration names detectors that are not known, or sets for one what can have no effect."""
    for key, names in _mentioned(registry, configuration):
        for name in names:
            if name not in registry.detectors:
                what = f"in {configuration.source}: {key} names {name!r}, which nobody declares"
                raise _unknown(what, name, registry, ConfigurationError)
    for name, settings in configuration.settings.items():
        unfit = objection(registry.detectors[name], settings)
        if unfit is not None:
            raise ConfigurationError(f"in {configuration.source}: of the detector {name}, {unfit}; take it out")


def _mentioned(registry: Registry, configuration: Configuration) -> list[tuple[str, Iterable[str]]]:
    return [("detectors", registry.expand(configuration.detectors)), ("detector", configuration.settings)]


def _unknown(what: str, name: str, registry: Registry, error: type[PipelineStateError]) -> PipelineStateError:
    """Return the error for an unknown id. If a plugin failed, it is that which is to be repaired."""
    if registry.failures:
        failed = "; ".join(f"the plugin {one.plugin} {one.message}" for one in registry.failures)
        return DetectorError(f"{what}; {failed}")
    near = get_close_matches(name, [*registry.detectors, BUILT_IN], n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {BUILT_IN}, {', '.join(registry.detectors)}"
    return error(f"{what}; {hint}")
