"""SARIF, as real tools wrote it, as the standard defines it, and as it must not be believed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_state.checks.declaration import Output, ReportError
from pipeline_state.checks.parsers import sarif

REPORTS = Path(__file__).parent / "reports"


def read(report, *names, category="other"):
    stdout = report if isinstance(report, bytes) else json.dumps(report).encode()
    return sarif.parse(Output(("tool", *names), 1, stdout, b"", names), category=category)


def run(*results, **more):
    driver = {"name": "tool", "rules": more.pop("rules", [])}
    return {"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": list(results), **more}]}


def result(uri="a.py", region=None, **more):
    location = {"physicalLocation": {"artifactLocation": {"uri": uri}, **({"region": region} if region else {})}}
    return {"ruleId": "r", "message": {"text": "m"}, "locations": [location], **more}


def only(report, *names):
    ((name, (problem,)),) = read(report, *names or ("a.py",)).problems.items()
    return name, problem


RECORDED = {
    "ruff-0.17.sarif": {
        "/tree/a.py": [("F401", 1, 8, "error"), ("F401", 1, 12, "error"), ("F821", 3, 12, "error")],
        "/tree/sp ace é%%20.py": [("F401", 1, 8, "error")],
    },
    "eslint-9.sarif": {
        "/tree/a.js": [
            ("no-extra-semi", 1, 11, "warning"),
            ("no-cond-assign", 2, 5, "warning"),
            ("no-undef", 2, 14, "error"),
        ]
    },
    "semgrep-1.182.sarif": {
        "a.py": [("no-eval", 1, 1, "error"), ("no-assert", 2, 1, "warning"), ("todo", 3, 3, "note")]
    },
    "gitleaks-8.30.sarif": {"sub/b.py": [("aws-access-token", 1, 12, "warning")]},
}


@pytest.mark.parametrize("name", RECORDED)
def test_what_real_tools_wrote_is_read(name):
    problems = read((REPORTS / name).read_bytes(), "a.py", "sub/b.py").problems
    found = {path: [(p.rule, p.line, p.column, p.severity) for p in said] for path, said in problems.items()}
    assert found == RECORDED[name]


@pytest.mark.parametrize("name", RECORDED)
def test_no_beginning_of_a_report_is_a_report(name):
    whole = (REPORTS / name).read_bytes().rstrip()
    for length in range(0, len(whole), max(1, len(whole) // 200)):
        with pytest.raises(ReportError):
            read(whole[:length], "a.py")


def test_tags_of_rules_say_what_they_are_about():
    found = read((REPORTS / "semgrep-1.182.sarif").read_bytes(), "a.py").problems["a.py"]
    assert [p.category for p in found] == ["security", "other", "other"]


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("a%20b.py", "a b.py"),
        ("a b.py", "a b.py"),
        ("%E9.py", os.fsdecode(b"\xe9.py")),
        ("./src/a.py", "./src/a.py"),
        ("file:///tree/a%20b.py", "/tree/a b.py"),
        ("file://localhost/tree/a.py", "/tree/a.py"),
        ("file:/tree/a.py", "/tree/a.py"),
        ("file:///C:/tree/a.py", "C:/tree/a.py"),
        ("100%25.py", "100%.py"),
        ("100%.py", "100%.py"),
        ("a%2520b.py", "a%20b.py"),
    ],
)
def test_a_name_is_the_one_that_its_uri_stands_for(uri, name):
    assert only(run(result(uri)), "x.py")[0] == name


def test_a_name_that_was_given_as_it_stands_is_meant():
    assert only(run(result("a%20b.py")), "a%20b.py", "c.py")[0] == "a%20b.py"
    with pytest.raises(ReportError, match="or about"):
        read(run(result("a%20b.py")), "a%20b.py", "a b.py")


@pytest.mark.parametrize("uri", ["https://example.org/a.py", "file://server/a.py", "git:a.py", "", "a%00b", "urn:x:y"])
def test_a_result_that_is_in_no_file_here_is_refused(uri):
    with pytest.raises(ReportError):
        read(run(result(uri)), "a.py")


def test_bases_of_names_are_followed_and_end():
    bases = {"ROOT": {"uri": "file:///tree/"}, "SRC": {"uri": "src/", "uriBaseId": "ROOT"}, "ME": {"uriBaseId": "ME"}}

    def based(identifier, uri="a%20b.py"):
        one = result(uri)
        one["locations"][0]["physicalLocation"]["artifactLocation"]["uriBaseId"] = identifier
        return run(one, originalUriBaseIds=bases)

    assert only(based("SRC"))[0] == "/tree/src/a b.py"
    assert only(based("ROOT"))[0] == "/tree/a b.py"
    assert only(based("%SRCROOT%"))[0] == "a b.py"
    with pytest.raises(ReportError, match="never end"):
        read(based("ME"), "a.py")


def test_a_file_may_be_named_by_its_place_in_the_list():
    one = result()
    one["locations"][0]["physicalLocation"]["artifactLocation"] = {"index": 1}
    artifacts = [{"location": {"uri": "x"}}, {"location": {"uri": "b%20c.py"}}]
    assert only(run(one, artifacts=artifacts))[0] == "b c.py"
    for wrong in ([], [{}, {}], [{}, {"location": {"uri": "x"}, "parentIndex": 0}]):
        with pytest.raises(ReportError):
            read(run(one, artifacts=wrong), "a.py")


def test_a_result_without_a_place_belongs_to_the_only_file():
    nowhere = result(locations=[])
    assert only(run(nowhere))[0] == "a.py"
    with pytest.raises(ReportError, match="in no file"):
        read(run(nowhere), "a.py", "b.py")


def test_a_result_counts_in_each_file_that_it_names():
    one = result()
    one["locations"] += result("b.py")["locations"]
    assert sorted(read(run(one), "a.py", "b.py").problems) == ["a.py", "b.py"]


@pytest.mark.parametrize(
    ("region", "place"),
    [
        ({}, (None, None, None, None)),
        ({"startLine": 3}, (3, 1, None, None)),
        ({"startLine": 3, "startColumn": 2, "endColumn": 5}, (3, 2, 3, 5)),
        ({"startLine": 3, "startColumn": 9, "endLine": 4, "endColumn": 1}, (3, 9, 4, 1)),
        ({"startLine": 0, "startColumn": 0}, (1, 1, None, None)),
        ({"startLine": 3, "endLine": 1}, (3, 1, 3, None)),
        ({"charOffset": 17, "charLength": 2}, (None, None, None, None)),
    ],
)
def test_a_region_is_lines_and_columns(region, place):
    problem = only(run(result(region=region)))[1]
    assert (problem.line, problem.column, problem.end_line, problem.end_column) == place


@pytest.mark.parametrize("line", [-7, 2**40, "3", 1.5, True])
def test_a_place_that_is_none_is_refused(line):
    with pytest.raises(ReportError):
        read(run(result(region={"startLine": line})), "a.py")


RULE = {"id": "r", "defaultConfiguration": {"level": "note"}}


@pytest.mark.parametrize(
    ("more", "rule", "severity"),
    [
        ({"level": "error"}, RULE, "error"),
        ({}, RULE, "note"),
        ({}, {"id": "r"}, "warning"),
        ({"level": "none"}, RULE, "note"),
        ({"kind": "review"}, RULE, "warning"),
        ({"kind": "informational"}, RULE, "note"),
        ({}, {"id": "r", "properties": {"security-severity": "9.8"}}, "error"),
        ({}, {"id": "r", "properties": {"security-severity": "4.0"}}, "warning"),
        ({}, {"id": "r", "properties": {"security-severity": "x", "problem.severity": "recommendation"}}, "note"),
    ],
)
def test_how_grave_a_result_is_is_said_by_itself_then_by_its_rule(more, rule, severity):
    assert only(run(result(**more), rules=[rule]))[1].severity == severity


@pytest.mark.parametrize(
    "more",
    [
        {"kind": "pass"},
        {"kind": "notApplicable"},
        {"baselineState": "absent"},
        {"suppressions": [{"kind": "inSource"}]},
        {"suppressions": [{"kind": "external", "status": "accepted"}]},
    ],
)
def test_what_is_settled_is_no_problem(more):
    assert read(run(result(**more)), "a.py").problems == {}


@pytest.mark.parametrize(
    "more",
    [
        {"suppressions": []},
        {"suppressions": [{"kind": "inSource"}, {"kind": "external", "status": "rejected"}]},
        {"suppressions": [{"kind": "external", "status": "underReview"}]},
        {"baselineState": "unchanged"},
    ],
)
def test_what_is_not_settled_is_a_problem(more):
    assert "a.py" in read(run(result(**more)), "a.py").problems


@pytest.mark.parametrize(
    ("rule", "category"),
    [
        ({"properties": {"tags": ["external/cwe/cwe-79"]}}, "security"),
        ({"properties": {"security-severity": "3"}}, "security"),
        ({"relationships": [{"target": {"toolComponent": {"name": "CWE"}}}]}, "security"),
        ({"properties": {"tags": ["style"]}}, "style"),
        ({"properties": {"tags": ["typescript"]}}, "other"),
        ({"properties": {"tags": ["typing"]}}, "type"),
        ({}, "other"),
    ],
)
def test_tags_and_taxonomies_say_what_a_rule_is_about(rule, category):
    assert only(run(result(), rules=[{"id": "r", **rule}]))[1].category == category


def test_a_taxon_of_the_result_counts_too():
    taxa = [{"id": "79", "toolComponent": {"name": "CWE"}}]
    assert only(run(result(taxa=taxa)))[1].category == "security"


def test_a_rule_is_found_by_place_by_id_and_as_part_of_another():
    rules = [{"id": "x"}, {"id": "r", "defaultConfiguration": {"level": "error"}}]
    for more in ({"ruleIndex": 1}, {"rule": {"index": 1}, "ruleId": None}, {"ruleId": "r/sub"}):
        assert only(run(result(**more), rules=rules))[1].severity == "error"
    assert only(run(result(ruleId="r/sub"), rules=rules))[1].rule == "r/sub"
    assert only(run(result(ruleId=None), rules=rules))[1].rule == "unnamed"
    with pytest.raises(ReportError):
        read(run(result(ruleIndex=2), rules=rules), "a.py")


def test_messages_are_put_together():
    rules = [{"id": "r", "messageStrings": {"m1": {"text": "{0} is {{not}} [here](1), {7}"}}}]
    message = {"id": "m1", "arguments": ["it"]}
    assert only(run(result(message=message), rules=rules))[1].message == "it is {not} here, {7}"
    with pytest.raises(ReportError, match="without a message"):
        read(run(result(message={"id": "m2"}), rules=rules), "a.py")


FAILED = [
    {"executionSuccessful": False},
    {},
    {"executionSuccessful": True, "exitSignalNumber": 9},
    {"executionSuccessful": True, "processStartFailureMessage": "no"},
    {
        "executionSuccessful": True,
        "toolExecutionNotifications": [{"level": "error", "message": {"text": "broke"}}],
    },
    {
        "executionSuccessful": True,
        "toolConfigurationNotifications": [{"level": "error", "message": {"id": "x"}}],
    },
]


@pytest.mark.parametrize("invocation", FAILED)
def test_a_run_that_failed_is_not_believed(invocation):
    good = {"executionSuccessful": True, "toolExecutionNotifications": [{"message": {"text": "a warning"}}]}
    assert read(run(result(), invocations=[good]), "a.py").problems
    with pytest.raises(ReportError):
        read(run(invocations=[good, invocation]), "a.py")


def test_an_error_that_names_its_file_is_that_files():
    notification = {"level": "error", "message": {"text": "broke"}, "locations": result("b%20c.py")["locations"]}
    invocation = {"executionSuccessful": True, "toolExecutionNotifications": [notification]}
    with pytest.raises(ReportError) as raised:
        read(run(invocations=[invocation]), "a.py", "b c.py")
    assert raised.value.paths == ("b c.py",)


@pytest.mark.parametrize(
    "report",
    [
        b"",
        b"null",
        b"2.1",
        b"[]",
        b"{}",
        b'{"version": "2.1.0"}',
        b'{"version": "2.1.0", "runs": null}',
        b'{"version": "2.1.0", "runs": []}',
        {"version": "2.0.0", "runs": run()["runs"]},
        {"version": "2.1.0", "runs": [1]},
        {**run(), "inlineExternalProperties": []},
        run(externalPropertyFileReferences={"results": []}),
        {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}}]},
        {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": None}]},
        {"version": "2.1.0", "runs": [{"results": []}]},
        run(1),
        run(result(kind="strange")),
        run(result(level="grave")),
        run({"ruleId": "r", "message": "m"}),
        run(result(ruleId="r\ud800")),
        run(result(ruleId="r" * 1000)),
        json.dumps(run()).encode() + b"x",
        json.dumps(run()).encode().replace(b'"version"', b'"version": "1", "version"'),
        json.dumps(run()).encode("utf-16"),
        b"[" * 100_000,
        b'{"version": "2.1.0", "runs": [NaN]}',
    ],
)
def test_what_is_outside_of_the_format_is_refused(report):
    with pytest.raises(ReportError):
        read(report, "a.py")


def test_an_empty_run_and_a_byte_order_mark_are_no_fault():
    assert read(b"\xef\xbb\xbf" + json.dumps(run()).encode(), "a.py").problems == {}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(data=st.data())
def test_whatever_stands_in_the_place_of_a_value_there_is_a_report_or_a_refusal(data):
    report = run(
        result(region={"startLine": 1, "endLine": 2}, level="error", suppressions=[]),
        rules=[dict(RULE, defaultConfiguration={"level": "note"})],
        artifacts=[{"location": {"uri": "a.py"}}],
        invocations=[{"executionSuccessful": True, "toolExecutionNotifications": []}],
    )
    holders = []

    def collect(value):
        for key in value if isinstance(value, dict) else range(len(value)):
            holders.append((value, key))
            if isinstance(value[key], dict | list):
                collect(value[key])

    collect(report)
    holder, key = data.draw(st.sampled_from(holders), label="where")
    holder[key] = data.draw(VALUES, label="what")
    try:
        found = read(report, "a.py")
    except ReportError:
        return
    assert all(isinstance(name, str) and name for name in found.problems)
