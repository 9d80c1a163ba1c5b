"""All detectors there are: our own, and those that plugins bring. What fails to load is kept and named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pipeline_state.checks.declaration import BuiltIn, Detector, Tool
from pipeline_state.config import Configuration
from pipeline_state.errors import ConfigurationError

BUILT_IN = "built-in"
"""The name that stands for every detector of ours that needs no tool."""

ENTRY_POINT_GROUP = "pipeline_state"

_OF = " of "
"""Between the name of an entry point and that of its distribution."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A plugin, or one detector of it, that could not be taken. It is an error of the run."""

    plugin: str
    message: str


@dataclass(frozen=True, slots=True)
class Registry:
    """The detectors by id, in the order in which they were found, and what could not be loaded."""

    detectors: Mapping[str, Detector]
    failures: tuple[Failure, ...] = ()

    def expand(self, names: Iterable[str]) -> tuple[str, ...]:
        """Replace `built-in` by the ids that it stands for. Each id once; unknown names stay as they are."""
        ids: dict[str, None] = {}
        for name in names:
            ids.update(dict.fromkeys([detector.id for detector in builtin_detectors()] if name == BUILT_IN else [name]))
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


def builtin_detectors() -> tuple[Detector, ...]:
    """The group `built-in`: all that needs no tool. Cheap: no pluggy, no parser is imported."""
    from pipeline_state.checks.detectors import (
        broken_link,
        byte_order_mark,
        case_conflict,
        end_of_file,
        json_syntax,
        large_file,
        merge_conflict,
        private_key,
        python_syntax,
        toml_syntax,
        trailing_whitespace,
        xml_syntax,
        yaml_syntax,
    )

    return (
        byte_order_mark.DETECTOR,
        trailing_whitespace.DETECTOR,
        end_of_file.DETECTOR,
        python_syntax.DETECTOR,
        json_syntax.DETECTOR,
        toml_syntax.DETECTOR,
        yaml_syntax.DETECTOR,
        xml_syntax.DETECTOR,
        merge_conflict.DETECTOR,
        private_key.DETECTOR,
        large_file.DETECTOR,
        case_conflict.DETECTOR,
        broken_link.DETECTOR,
    )


def tool_detectors() -> tuple[Detector, ...]:
    """The detectors of ours that run a tool."""
    from pipeline_state.checks.detectors import (
        actionlint,
        bandit,
        black,
        codespell,
        detect_secrets,
        eslint,
        flake8,
        gitleaks,
        hadolint,
        isort,
        markdownlint,
        mdformat,
        mypy,
        pip_audit,
        prettier,
        psscriptanalyzer,
        pylint,
        pyright,
        ruff,
        semgrep,
        shellcheck,
        yamllint,
    )

    return (
        *ruff.DETECTORS,
        flake8.FLAKE8,
        black.BLACK,
        codespell.CODESPELL,
        yamllint.YAMLLINT,
        bandit.BANDIT,
        isort.ISORT,
        mypy.MYPY,
        pylint.PYLINT,
        pyright.PYRIGHT,
        shellcheck.SHELLCHECK,
        eslint.ESLINT,
        prettier.PRETTIER,
        markdownlint.MARKDOWNLINT,
        mdformat.MDFORMAT,
        hadolint.HADOLINT,
        actionlint.ACTIONLINT,
        psscriptanalyzer.PSSCRIPTANALYZER,
        semgrep.SEMGREP,
        gitleaks.GITLEAKS,
        detect_secrets.DETECT_SECRETS,
        pip_audit.PIP_AUDIT,
    )


def shipped_detectors() -> Mapping[str, Detector]:
    """All detectors of ours by id. Cheap: no pluggy, no parser is imported."""
    return {detector.id: detector for detector in (*builtin_detectors(), *tool_detectors())}


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
            detectors[detector.id] = replace(detector, origin=_distribution_of(name))
            owners[detector.id] = name
    return Registry(detectors, tuple(failures))


def _distribution_of(plugin: str) -> str | None:
    _, between, distribution = plugin.rpartition(_OF)
    return distribution if between else None


def _objection(detector: object) -> str | None:
    """Why this is not a detector that we can run."""
    if not isinstance(detector, Detector):
        return f"brought {type(detector).__name__} where a Detector belongs"
    name: object = detector.id  # a dataclass takes anything
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
