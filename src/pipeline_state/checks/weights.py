"""How grave findings are by the project's own word. Pure.

A stored finding has the weight of its rule. What the project says of it is applied when it is told, so that a
changed weight changes the report and no verdict. The unchanged case reads no configuration: a snapshot holds what it
needs in a text of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store.findings import Finding, Severity

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    from typing import Any

    from pipeline_state.config import Configuration


class Telling(NamedTuple):
    """How a project wants its findings told.

    `fail_on` is the least weight with which a finding fails; `weights` is made by `packed_weights`, empty where
    every rule keeps its own. `baseline` is the path of the baseline relative to the root, empty where there is none.
    """

    fail_on: Severity = "note"
    weights: str = ""
    baseline: str = ""


def telling_of(configuration: Configuration) -> Telling:
    """Return what a configuration says of the telling."""
    return Telling(configuration.fail_on, packed_weights(configuration), configuration.baseline or "")


def packed_weights(configuration: Configuration) -> str:
    """Return the weights of a configuration as one line of text, for `weighed`."""
    weights: dict[str, list[Any]] = {}
    for name, settings in configuration.settings.items():
        if settings.severity or any(entry.severity for entry in settings.per_path):
            entries = [(entry.files, entry.exclude, dict(entry.severity)) for entry in settings.per_path]
            weights[name] = [dict(settings.severity), entries]
    if not weights:
        return ""
    import json

    return json.dumps(weights)


def weighed(findings: Sequence[Finding], weights: str) -> tuple[Finding, ...]:
    """Return these findings, each with the weight that `weights` gives it."""
    if not findings or not weights:
        return tuple(findings)
    import json

    scales = {name: _scale(base, entries) for name, (base, entries) in json.loads(weights).items()}
    return tuple(_weighed(finding, scales.get(finding.detector)) for finding in findings)


def _weighed(finding: Finding, scale: Callable[[str, str], Severity | None] | None) -> Finding:
    severity = scale(finding.path, finding.rule) if scale is not None else None
    return finding if severity is None else finding._replace(severity=severity)


def _scale(base: Mapping[str, Severity], entries: Sequence[Any]) -> Callable[[str, str], Severity | None]:
    """Return what tells the weight of a rule at a path (in its storable form), `None` where the rule keeps its own."""
    from pipeline_state.checks.per_path import last_match
    from pipeline_state.store.storable import real_path

    entry_of = last_match([(files, exclude) for files, exclude, _ in entries])

    def weight(path: str, rule: str) -> Severity | None:
        number = entry_of(real_path(path))
        own = None if number is None else _longest(entries[number][2], rule)
        return own or _longest(base, rule)

    return weight


def _longest(weights: Mapping[str, Severity], rule: str) -> Severity | None:
    """Return the weight of the longest name that the rule begins with; a `*` at the end of a name is its beginning."""
    fitting: Iterable[str] = (name for name in weights if rule.startswith(name.removesuffix("*")))
    longest = max(fitting, key=lambda name: len(name.removesuffix("*")), default=None)
    return None if longest is None else weights[longest]
