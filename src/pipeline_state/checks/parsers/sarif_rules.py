"""The rules of a SARIF run: what they are called, how grave they are, what they are about."""

from __future__ import annotations

import re
from typing import Any

from pipeline_state.checks.declaration import ReportError
from pipeline_state.checks.findings import Category, Severity
from pipeline_state.checks.parsers import entries
from pipeline_state.checks.parsers.sarif_shapes import inner, integer, items, mapping, text
from pipeline_state.named_tuple import NamedTuple

_LEVELS: dict[str, Severity] = {"error": "error", "warning": "warning", "note": "note", "none": "note"}
_WORDS: dict[str, Severity] = {"error": "error", "warning": "warning", "recommendation": "note"}

_CATEGORIES: tuple[tuple[Category, re.Pattern[str]], ...] = (
    ("security", re.compile(r"security|(?:external/)?cwe(?:$|\W)|owasp|vulnerab|secrets?$|crypto|injection")),
    ("syntax", re.compile(r"syntax|parse[ -]?errors?|parser")),
    ("type", re.compile(r"typ(?:e|es|ing)(?:$|\W)")),
    ("format", re.compile(r"format(?:ting)?$|layout|whitespace")),
    ("style", re.compile(r"style|stylistic|maintainability|readability|naming|convention|documentation")),
)
"""What tags, and names of taxonomies, say a rule is about: the first that fits counts."""

_PLACEHOLDER = re.compile(r"\{(\d{1,3})\}|\{\{|\}\}")
_LINK = re.compile(r"(?<!\\)\[([^\[\]]{0,500})\]\([^()]{0,500}\)")


class Rule(NamedTuple):
    """One rule: the descriptor that the run has of it, empty if it has none."""

    id: str
    descriptor: dict[str, Any]

    def severity(self, level: str | None) -> Severity:
        """Return how grave a result with this level is; the rule's own if it says none (3.27.10)."""
        configured = text(inner(self.descriptor, "defaultConfiguration"), "level")
        level = level or configured
        if level is not None and level not in _LEVELS:
            raise ReportError(f"its report has a level that SARIF has not: {level!r:.100}")
        return _LEVELS[level] if level is not None else self._weighed()

    def _weighed(self) -> Severity:
        """As GitHub reads the properties of rules."""
        properties = inner(self.descriptor, "properties")
        score, word = properties.get("security-severity"), properties.get("problem.severity")
        try:
            weight = float(score) if isinstance(score, str | int | float) else None
        except (ValueError, OverflowError):
            weight = None
        if weight is not None and weight > 0:
            return "error" if weight >= 7 else "warning" if weight >= 4 else "note"
        return _WORDS.get(word, "warning") if isinstance(word, str) else "warning"

    def category(self, result: dict[str, Any], default: Category) -> Category:
        """Return what a result of this rule is about, as far as tags and taxonomies say it."""
        words = [*_tags(result), *_tags(self.descriptor)]
        taxa = [*items(result, "taxa"), *(inner(one, "target") for one in items(self.descriptor, "relationships"))]
        words += [name for one in taxa if (name := text(inner(one, "toolComponent"), "name"))]
        if "security-severity" in inner(self.descriptor, "properties"):
            words.append("security")
        for category, pattern in _CATEGORIES:
            if any(pattern.match(word.lower()) for word in words):
                return category
        return default

    def message(self, message: dict[str, Any]) -> str:
        """Return the text of a message, its links and arguments put in (3.11)."""
        said = text(message, "text")
        if said is None:
            strings = inner(self.descriptor, "messageStrings")
            said = text(inner(strings, text(message, "id") or ""), "text")
        if said is None:
            said = text(message, "markdown")
        if said is None:
            raise ReportError("its report has a result without a message")
        arguments = message.get("arguments")
        if isinstance(arguments, list) and all(isinstance(one, str) for one in arguments):
            said = _PLACEHOLDER.sub(lambda place: _filled(place, arguments), said)
        return _LINK.sub(r"\1", said)


class Rules:
    """All rules of one run. A result names its own by place, by id, or both."""

    def __init__(self, run: dict[str, Any]) -> None:
        tool = mapping(run.get("tool"), "tool")
        driver = mapping(tool.get("driver"), "driver")
        self._components = [items(one, "rules") for one in (driver, *items(tool, "extensions"))]
        self._by_id: dict[str, dict[str, Any]] = {}
        for one in (rule for rules in reversed(self._components) for rule in rules):
            self._by_id[text(one, "id") or ""] = one

    def of(self, result: dict[str, Any]) -> Rule:
        """Return the rule of a result; an unnamed one if it says none (3.52.3)."""
        reference = inner(result, "rule")
        named = text(result, "ruleId") or text(reference, "id")
        place = integer(result, "ruleIndex")
        if place is None:
            place = integer(reference, "index")
        descriptor = self._by_id.get(named or "", {})
        if place is not None:
            component = integer(inner(reference, "toolComponent"), "index")
            descriptor = self._at(0 if component is None else component + 1, place)
        elif named is not None and not descriptor:
            descriptor = self._by_id.get(named.rpartition("/")[0], {})  # a rule within a rule (3.5.4)
        return Rule(named or text(descriptor, "id") or entries.UNNAMED, descriptor)

    def _at(self, component: int, place: int) -> dict[str, Any]:
        if component >= len(self._components) or not 0 <= place < len(self._components[component]):
            raise ReportError(f"its report has no rule at the place {place} that a result names")
        return self._components[component][place]


def _tags(value: dict[str, Any]) -> list[str]:
    tags = inner(value, "properties").get("tags")
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []


def _filled(place: re.Match[str], arguments: list[str]) -> str:
    if place[1] is None:
        return place[0][0]
    return arguments[int(place[1])] if int(place[1]) < len(arguments) else place[0]
