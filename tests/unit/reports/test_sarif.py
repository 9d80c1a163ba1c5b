"""SARIF: what code scanning needs is where it looks for it. That it is SARIF at all, `test_hostile` holds."""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

import jsonschema
import pytest

from pipeline_state.checks.baseline import Baselined, Entry
from pipeline_state.checks.result import Trouble
from pipeline_state.reports.sarif import FINGERPRINT, ROOT, sarif_report
from pipeline_state.store.storable import storable_path

SCHEMA = json.loads((Path(__file__).parents[2] / "data/sarif/sarif-schema-2.1.0.json").read_text(encoding="utf-8"))


@pytest.fixture
def run(facts):
    """The one run of the report on a result, once the document is what the schema promises."""

    def run(one, root="/work tree"):
        document = json.loads(sarif_report(one, facts(one.exit_code), Path(root)))
        jsonschema.Draft7Validator(SCHEMA).validate(document)
        (run,) = document["runs"]
        return run

    return run


def uri_of(found):
    return found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]


def test_a_finding_has_its_rule_level_place_and_fingerprint(run, result, finding):
    said = run(result(finding()))
    (found,) = said["results"]
    assert (found["ruleId"], found["level"], found["message"]) == ("ruff/F401", "error", {"text": "`os` is unused"})
    assert found["partialFingerprints"] == {FINGERPRINT: "f" * 32}
    place = found["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 3, "startColumn": 8, "endLine": 3, "endColumn": 10}
    assert said["columnKind"] == "unicodeCodePoints"
    assert said["tool"]["driver"]["rules"][found["ruleIndex"]]["properties"]["tags"] == ["style"]
    assert said["tool"]["extensions"] == [{"name": "ruff", "version": "1.2"}]
    assert "baselineState" not in found


@pytest.mark.parametrize(
    ("place", "region"),
    [
        ((None, None, None, None), None),
        ((3, None, None, None), {"startLine": 3}),
        ((3, None, 5, 2), {"startLine": 3, "endLine": 5}),
        ((3, 4, 5, 2), {"startLine": 3, "startColumn": 4, "endLine": 5, "endColumn": 2}),
        ((3, 4, None, 2), {"startLine": 3, "startColumn": 4}),
        ((3, 4, 2, 9), {"startLine": 3, "startColumn": 4}),
        ((None, 4, 2, 9), None),
    ],
)
def test_a_place_is_never_one_that_ends_before_it_begins(run, result, finding, place, region):
    names = ("line", "column", "end_line", "end_column")
    (found,) = run(result(finding(**dict(zip(names, place, strict=True)))))["results"]
    assert found["locations"][0]["physicalLocation"].get("region") == region


def test_a_rule_is_listed_once_with_its_gravest_level(run, result, finding):
    rules = run(result(finding(severity="note"), finding(severity="warning"), finding(rule="A")))["tool"]["driver"][
        "rules"
    ]
    assert [(rule["id"], rule["defaultConfiguration"]["level"]) for rule in rules] == [
        ("ruff/A", "error"),
        ("ruff/F401", "warning"),
    ]


@pytest.mark.parametrize(
    "name",
    [b"a b.py", b"two\nlines", b"caf\xe9", b"100%25#?&", b"c:/d", b"-dash", "漢字.py".encode(), b"a/b;c=d", b'"q'],
)
def test_a_uri_leads_back_to_the_bytes_of_the_name(run, result, finding, name):
    said = run(result(finding(path=storable_path(os.fsdecode(name)))), root=os.fsdecode(b"/w t/caf\xe9"))
    whole = urlsplit(urljoin(said["originalUriBaseIds"][ROOT]["uri"], uri_of(said["results"][0])))
    assert unquote_to_bytes(whole.path) == b"/w t/caf\xe9/" + name
    assert (whole.scheme, whole.netloc, whole.query, whole.fragment) == ("file", "", "", "")


def test_what_could_not_be_judged_is_no_success(run, result, finding):
    clean, tolerated, failed = (
        run(result(finding(), troubles=troubles))["invocations"][0]
        for troubles in (
            (),
            (Trouble("d", None, "gone", tolerated=True),),
            (Trouble("d", "a b", "why"), Trouble(None, None, "x")),
        )
    )
    assert (clean["executionSuccessful"], clean["exitCode"]) == (True, 1)
    assert "toolExecutionNotifications" not in clean
    assert tolerated["executionSuccessful"]
    assert [one["level"] for one in tolerated["toolExecutionNotifications"]] == ["warning"]
    assert (failed["executionSuccessful"], failed["exitCode"]) == (False, 3)
    first, second = failed["toolExecutionNotifications"]
    assert (first["level"], first["message"]["text"], uri_of(first)) == ("error", "why", "a%20b")
    assert "locations" not in second


def test_with_a_baseline_each_result_says_how_it_stands_to_it(run, result, finding):
    baseline = Baselined((finding(rule="old"),), (Entry("b.py", "ruff", "gone", "m", "a" * 32),))
    said = run(result(finding(rule="new"), baseline=baseline))
    assert {one["ruleId"]: one["baselineState"] for one in said["results"]} == {
        "ruff/new": "new",
        "ruff/old": "unchanged",
        "ruff/gone": "absent",
    }
