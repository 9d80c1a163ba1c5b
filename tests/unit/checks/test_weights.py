"""How grave findings are by the project's own word: told, never stored."""

from __future__ import annotations

import pytest

from pipeline_state.checks.findings import CATEGORIES, SEVERITIES, Finding
from pipeline_state.checks.weights import Telling, telling_of, weighed
from pipeline_state.config import Configuration, DetectorSettings, PathSettings, words


def finding(rule, path="a.py", detector="ruff", severity="error"):
    return Finding(detector, rule, severity, "other", path, 1, 1, None, None, "message", "f" * 32)


def told(found, *, path="a.py", detector="ruff", per_path=(), **severity):
    names = {name.replace("_", "*"): weight for name, weight in severity.items()}
    settings = {"ruff": DetectorSettings(severity=names, per_path=tuple(per_path))}
    weights = telling_of(Configuration(settings=settings)).weights
    (one,) = weighed([finding(found, path, detector)], weights)
    return one.severity


def test_the_words_of_the_configuration_are_those_of_the_store():
    assert words.WEIGHTS == SEVERITIES
    assert words.CATEGORIES == CATEGORIES


def test_a_rule_has_its_own_weight_where_nothing_is_said():
    assert telling_of(Configuration()) == Telling("note", "")
    assert told("F401") == "error"
    assert told("F401", E="note") == "error"


def test_the_longest_beginning_of_a_rule_decides():
    weights = {"F": "warning", "F4": "note", "F401": "error", "_": "note"}
    assert [told(rule, **weights) for rule in ("F401", "F402", "F821", "E501")] == ["error", "note", "warning", "note"]


@pytest.mark.parametrize("name", ["F4", "F4_", "F401", "F401_", "_"])
def test_a_star_at_the_end_of_a_name_changes_nothing(name):
    assert told("F401", **{name: "note"}) == "note"


def test_what_is_said_of_one_detector_does_not_touch_another():
    assert told("F401", detector="flake8", _="note") == "error"


def test_the_last_entry_for_a_path_decides_and_leaves_other_rules_to_the_detector():
    entries = [
        PathSettings(("tests/**",), severity={"S101": "note", "F": "note"}),
        PathSettings(("tests/slow/**",), exclude=("conftest.py",), severity={"S101": "error"}),
    ]
    weights = {"per_path": entries, "F": "warning", "_": "warning"}
    assert told("S101", path="a.py", **weights) == "warning"
    assert told("S101", path="tests/a.py", **weights) == "note"
    assert told("F401", path="tests/a.py", **weights) == "note"
    assert told("S101", path="tests/slow/a.py", **weights) == "error"
    assert told("F401", path="tests/slow/a.py", **weights) == "warning"
    assert told("S101", path="tests/slow/conftest.py", **weights) == "note"


def test_nothing_but_the_weight_changes():
    configuration = Configuration(settings={"ruff": DetectorSettings(severity={"*": "note"})})
    before = [finding("F401"), finding("E501", severity="warning")]
    after = weighed(before, telling_of(configuration).weights)
    assert list(after) == [one._replace(severity="note") for one in before]


def test_names_and_paths_may_hold_anything():
    entries = [PathSettings(("caf\udce9\t\n*.py",), severity={"\t\n\u2028": "note"})]
    configuration = Configuration(settings={"ruff": DetectorSettings(per_path=tuple(entries))})
    weights = telling_of(configuration).weights
    assert not set(weights) & {"\t", "\n"}, "a snapshot keeps it in a field of a line"
    assert weights.isascii()
    from pipeline_state.store.storable import storable_path

    (one,) = weighed([finding("\t\n\u2028x", storable_path("caf\udce9\t\n1.py"))], weights)
    assert one.severity == "note"
