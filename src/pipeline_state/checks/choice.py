"""Which detectors run: those that the configuration names, or the command; each of them known, and its settings fit."""

from __future__ import annotations

from pipeline_state.checks.declaration import Detector
from pipeline_state.checks.registry import BUILT_IN, Registry, load_detectors, shipped_detectors, with_declared
from pipeline_state.checks.request import Request
from pipeline_state.checks.result import Trouble
from pipeline_state.checks.variants import objection
from pipeline_state.config import Configuration
from pipeline_state.errors import ConfigurationError, PipelineStateError, UsageError
from pipeline_state.named_tuple import NamedTuple

_ABSENT = "is not known; a plugin that may bring it could not be loaded"


class Chosen(NamedTuple):
    """The detectors that are asked for, in the order of the configuration, and what of them could not be had."""

    detectors: tuple[Detector, ...]
    troubles: tuple[Trouble, ...] = ()


def chosen_detectors(request: Request, configuration: Configuration) -> Chosen:
    """Return the detectors that a request is for.

    Raises `UsageError` or `ConfigurationError` for an id that nobody declares. If a plugin failed, it may be this one
    that does: then the others are heard, and the id is in trouble.
    """
    registry = with_declared(Registry(shipped_detectors()), configuration)
    named = registry.expand(configuration.detectors if request.only is None else request.only)
    if not {*named, *request.skip, *configuration.settings} <= {BUILT_IN, *registry.detectors}:
        registry = all_detectors(configuration)
    require_configured(registry, configuration)
    for name in (*(request.only or ()), *request.skip):
        if name != BUILT_IN:
            _require(name, registry, UsageError, f"there is no detector {name!r}")
    wanted = [name for name in named if name not in registry.expand(request.skip)]
    troubles = [Trouble(None, None, f"the plugin {one.plugin} {one.message}") for one in registry.failures]
    troubles += [Trouble(name, None, _ABSENT) for name in wanted if name not in registry.detectors]
    return Chosen(tuple(registry.detectors[name] for name in wanted if name in registry.detectors), tuple(troubles))


def all_detectors(configuration: Configuration) -> Registry:
    """Return every detector there is: shipped, installed and declared by the project."""
    return with_declared(load_detectors(entry_points=True), configuration)


def require_configured(registry: Registry, configuration: Configuration) -> None:
    """Raise if the configuration names detectors that nobody declares, or sets for one what can have no effect."""
    for key, names in (("detectors", registry.expand(configuration.detectors)), ("detector", configuration.settings)):
        for name in names:
            what = f"in {configuration.source}: {key} names {name!r}, which nobody declares"
            _require(name, registry, ConfigurationError, what)
    for name, settings in configuration.settings.items():
        detector = registry.detectors.get(name)
        unfit = None if detector is None else objection(detector, settings)
        if unfit is not None:
            raise ConfigurationError(f"in {configuration.source}: of the detector {name}, {unfit}; take it out")


def _require(name: str, registry: Registry, error: type[PipelineStateError], what: str) -> None:
    if name in registry.detectors or registry.failures:
        return
    from difflib import get_close_matches  # here: mostly every name is known

    near = get_close_matches(name, [*registry.detectors, BUILT_IN], n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {BUILT_IN}, {', '.join(registry.detectors)}"
    raise error(f"{what}; {hint}")
