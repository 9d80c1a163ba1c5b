"""All detectors there are: our own, and those that plugins bring. What fails to load is kept and named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any

from pipeline_state.checks.declaration import BuiltIn, Detector, Tool
from pipeline_state.config import Configuration
from pipeline_state.errors import ConfigurationError
from pipeline_state.named_tuple import NamedTuple

BUILT_IN = "built-in"
"""The name that stands for every detector of ours that needs no tool."""

ENTRY_POINT_GROUP = "pipeline_state"

_BUILT_IN = {
    "byte-order-mark": ("byte_order_mark", "DETECTOR"),
    "trailing-whitespace": ("trailing_whitespace", "DETECTOR"),
    "end-of-file": ("end_of_file", "DETECTOR"),
    "python-syntax": ("python_syntax", "DETECTOR"),
    "json": ("json_syntax", "DETECTOR"),
    "toml": ("toml_syntax", "DETECTOR"),
    "yaml": ("yaml_syntax", "DETECTOR"),
    "xml": ("xml_syntax", "DETECTOR"),
    "merge-conflict": ("merge_conflict", "DETECTOR"),
    "private-key": ("private_key", "DETECTOR"),
    "large-file": ("large_file", "DETECTOR"),
    "case-conflict": ("case_conflict", "DETECTOR"),
    "broken-link": ("broken_link", "DETECTOR"),
}
_TOOLS = {
    "ruff": ("ruff", "RUFF"),
    "ruff-format": ("ruff", "RUFF_FORMAT"),
    "flake8": ("flake8", "FLAKE8"),
    "black": ("black", "BLACK"),
    "codespell": ("codespell", "CODESPELL"),
    "yamllint": ("yamllint", "YAMLLINT"),
    "bandit": ("bandit", "BANDIT"),
    "isort": ("isort", "ISORT"),
    "mypy": ("mypy", "MYPY"),
    "pylint": ("pylint", "PYLINT"),
    "pyright": ("pyright", "PYRIGHT"),
    "shellcheck": ("shellcheck", "SHELLCHECK"),
    "eslint": ("eslint", "ESLINT"),
    "prettier": ("prettier", "PRETTIER"),
    "markdownlint-cli2": ("markdownlint", "MARKDOWNLINT"),
    "mdformat": ("mdformat", "MDFORMAT"),
    "hadolint": ("hadolint", "HADOLINT"),
    "actionlint": ("actionlint", "ACTIONLINT"),
    "psscriptanalyzer": ("psscriptanalyzer", "PSSCRIPTANALYZER"),
    "semgrep": ("semgrep", "SEMGREP"),
    "gitleaks": ("gitleaks", "GITLEAKS"),
    "detect-secrets": ("detect_secrets", "DETECT_SECRETS"),
    "pip-audit": ("pip_audit", "PIP_AUDIT"),
}
_PLACES = {**_BUILT_IN, **_TOOLS}
"""By id, the module among `detectors` and the constant in it: who asks for one detector does not load forty."""

_OF = " of "
"""Between the name of an entry point and that of its distribution."""


class Failure(NamedTuple):
    """A plugin, or one detector of it, that could not be taken. It is an error of the run."""

    plugin: str
    message: str


class Registry(NamedTuple):
    """The detectors by id, in the order in which they were found, and what could not be loaded."""

    detectors: Mapping[str, Detector]
    failures: tuple[Failure, ...] = ()

    def expand(self, names: Iterable[str]) -> tuple[str, ...]:
        """Replace `built-in` by the ids that it stands for. Each id once; unknown names stay as they are."""
        ids: dict[str, None] = {}
        for name in names:
            ids.update(dict.fromkeys(_BUILT_IN if name == BUILT_IN else [name]))
        return tuple(ids)


def with_declared(registry: Registry, configuration: Configuration) -> Registry:
    """Return these detectors with those that the project declares. Raises `ConfigurationError` for wrong ones."""
    if all(settings.declaration is None for settings in configuration.settings.values()):
        return registry
    from pipeline_state.checks.declared import declared_detectors

    declared = declared_detectors(configuration)
    for name, detector in declared.items():
        problem = _objection(detector)
        if problem is None and name in registry.detectors:
            problem = f"the id belongs to {registry.detectors[name].origin or 'pipeline-state'}; choose another one"
        if problem is not None:
            raise ConfigurationError(f"in {configuration.source}: cannot declare the detector {name!r}: {problem}")
    return Registry({**registry.detectors, **declared}, registry.failures)


def shipped_detectors() -> Mapping[str, Detector]:
    """All detectors of ours by id. Each is loaded when it is first asked for; what ids there are costs nothing."""
    return _SHIPPED


class _Shipped(Mapping[str, Detector]):
    """The detectors of ours, each loaded from its module when it is asked for."""

    def __getitem__(self, name: str) -> Detector:
        module, constant = _PLACES[name]
        detector: Detector = getattr(import_module(f"pipeline_state.checks.detectors.{module}"), constant)
        return detector

    def __contains__(self, name: object) -> bool:
        return name in _PLACES

    def __iter__(self) -> Iterator[str]:
        return iter(_PLACES)

    def __len__(self) -> int:
        return len(_PLACES)


_SHIPPED = _Shipped()


def load_detectors(*, entry_points: bool = False) -> Registry:
    """Ask every plugin. `entry_points` also loads those that other distributions install: 43 to 60 ms."""
    import pluggy

    from pipeline_state.checks import hookspecs

    plugins = pluggy.PluginManager("pipeline_state")
    plugins.add_hookspecs(hookspecs)
    failures = _load_entry_points(plugins) if entry_points else []
    return _collect(plugins, failures)


def _load_entry_points(plugins: Any) -> list[Failure]:
    """Register each entry point by itself: with pluggy's own loader the first that raises would hide the rest."""
    from importlib.metadata import distributions

    failures = []
    for distribution in distributions():
        for entry_point in distribution.entry_points:
            if entry_point.group != ENTRY_POINT_GROUP:
                continue
            name = f"{entry_point.name}{_OF}{distribution.metadata['Name']}"
            try:
                plugins.register(entry_point.load(), name=name)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin's import runs a stranger's code
                failures.append(Failure(name, f"cannot be loaded: {_said(error)}"))
    return failures


def _collect(plugins: Any, failures: list[Failure]) -> Registry:
    """Call each plugin by itself, in the order of their names: one that raises takes nobody with it."""
    detectors = dict(shipped_detectors())
    owners = dict.fromkeys(detectors, "pipeline-state")
    calls = {name: plugin for name, plugin in plugins.list_name_plugin() if plugin is not None}
    for name in sorted(calls):
        others = [plugin for other, plugin in calls.items() if other != name]
        hook = plugins.subset_hook_caller("pipeline_state_detectors", remove_plugins=others)
        try:
            answers = [detector for answer in hook() for detector in answer]
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the same
            failures.append(Failure(name, f"its detectors cannot be had: {_said(error)}"))
            continue
        for detector in answers:
            problem = _objection(detector)
            if problem is None and detector.id in owners:
                problem = f"the id {detector.id!r} belongs to {owners[detector.id]}"
            if problem is not None:
                failures.append(Failure(name, problem))
                continue
            detectors[detector.id] = detector._replace(origin=_distribution_of(name))
            owners[detector.id] = name
    return Registry(detectors, tuple(failures))


def _distribution_of(plugin: str) -> str | None:
    _, between, distribution = plugin.rpartition(_OF)
    return distribution if between else None


def _objection(detector: object) -> str | None:
    """Why this is not a detector that we can run."""
    if not isinstance(detector, Detector):
        return f"brought {type(detector).__name__} where a Detector belongs"
    name: object = detector.id  # a plugin may have put anything there
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name) or name == BUILT_IN:
        return f"the id {detector.id!r} cannot be used; it is made of letters, digits, `_`, `.` and `-`"
    how: object = detector.how
    if isinstance(how, Tool):
        return None
    if not isinstance(how, BuiltIn):
        return f"{detector.id}: `how` is {type(how).__name__}, neither BuiltIn nor Tool"
    if detector.scope == "project":
        return f"{detector.id}: a function judges one file; the scope `project` is for tools"
    for function in (how.judge, how.unread, how.names):
        if function is not None and not _importable(function):
            return f"{detector.id}: {function!r} cannot be imported by a worker; define it at the top of a module"
    return None


def _importable(function: Any) -> bool:
    """Whether a worker finds this very function by its module and name."""
    import sys

    module = getattr(function, "__module__", None)
    if not callable(function) or module in (None, "__main__"):
        return False
    found: Any = sys.modules.get(module)
    for part in getattr(function, "__qualname__", "").split("."):
        found = getattr(found, part, None)
    return found is function


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")
