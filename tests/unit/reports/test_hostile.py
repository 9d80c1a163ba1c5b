"""Whatever tools say and files are called: each form of the report stays what it is, and says it."""

from __future__ import annotations

import io
import json
import os
import re
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipeline_state.checks.audience import FileOutcome
from pipeline_state.checks.baseline import Baselined, Entry, baseline_of, parse, render
from pipeline_state.checks.result import Fixed, Trouble
from pipeline_state.reports.colours import coloured
from pipeline_state.reports.excerpts import Excerpts
from pipeline_state.reports.github import github_report
from pipeline_state.reports.junit import junit_report
from pipeline_state.reports.report import json_report
from pipeline_state.reports.sarif import sarif_report
from pipeline_state.reports.text import text_report
from pipeline_state.store.findings import CATEGORIES, SEVERITIES, Finding
from pipeline_state.store.schema import schema_folder
from pipeline_state.store.storable import storable_path

SCHEMA = json.loads((schema_folder() / "report.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
SARIF = json.loads((Path(__file__).parents[2] / "data/sarif/sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
ROUNDS = int(os.environ.get("PIPELINE_STATE_ROUNDS", "15"))

# Markup, commands of terminals and of CI systems, ends of quotations, lone surrogates, NUL, what XML cannot say, and
# a great deal of it.
HOSTILE = (
    "]]>", "--", "-->", "<!--", "<![CDATA[", "&amp;", "&#0;", "::error::", "%0A", "\r\n", "\0", "\x1b[2J", "\x85",
    "\u2028", "\udcff", "\ud800", "\ufffe", "\uffff", "\U0010ffff", '"', "'", "\\", "<", ">", "&", ",", ":", "%", "\t",
    "漢", "e\u0301", "x" * 1_000,
)  # fmt: skip
texts = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=5)), max_size=4).map("".join)
paths = st.one_of(
    texts.map(lambda text: text.encode("utf-8", "replace").decode()),
    st.binary(min_size=1, max_size=9).map(lambda name: name.decode("utf-8", "surrogateescape")),
).map(storable_path)
numbers = st.one_of(st.none(), st.integers(1, 5), st.integers(1, 2**40))
fingerprints = st.text("0123456789abcdef", min_size=32, max_size=32)
findings = st.builds(
    Finding, texts, texts, st.sampled_from(SEVERITIES), st.sampled_from(CATEGORIES), paths, numbers, numbers, numbers,
    numbers, texts, fingerprints,
)  # fmt: skip
troubles = st.builds(Trouble, st.one_of(st.none(), texts), st.one_of(st.none(), paths), texts, st.booleans())
entries = st.builds(Entry, paths, texts, texts, texts, fingerprints)
baselines = st.builds(Baselined, st.lists(findings, max_size=2).map(tuple), st.lists(entries, max_size=2).map(tuple))
parts = st.tuples(
    st.lists(findings, max_size=3),
    st.fixed_dictionaries(
        {
            "troubles": st.lists(troubles, max_size=2).map(tuple),
            "fixed": st.lists(st.builds(Fixed, texts, paths), max_size=2).map(tuple),
            "baseline": st.one_of(st.none(), baselines),
            "fail_on": st.sampled_from(SEVERITIES),
        }
    ),
)
hostile = settings(
    max_examples=ROUNDS,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # to shrink texts of this kind takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture(scope="module")
def huge(result, finding):
    """A result with a message of 100 kB, on one line and on many."""
    return result(finding(message="x" * 100_000), finding(message="]]>\n" * 25_000, rule="r" * 10_000))


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "github"])
def test_a_message_of_100_kb_is_told_whole_and_soon(huge, facts, form):
    start = time.process_time()
    outcomes = [FileOutcome("ruff", "src/a.py", "findings")]
    reports = {
        "text": lambda: text_report(huge, 0),
        "json": lambda: json_report(huge, facts()),
        "sarif": lambda: sarif_report(huge, facts(), Path("/root")),
        "junit": lambda: junit_report(huge, facts(), outcomes),
        "github": lambda: github_report(huge),
    }
    text = said(reports[form]())
    assert "x" * 100_000 in text
    assert time.process_time() - start < 2


def said(text):
    """The text as it goes into a file: all of it can be written."""
    return text.encode("utf-8").decode("utf-8")


@hostile
@given(parts=parts)
def test_text_has_a_line_for_each_thing_and_obeys_none_of_it(parts, result):
    one = result(*parts[0], **parts[1])
    text = said(text_report(one, 0))
    gone = one.baseline.gone if one.baseline is not None else ()
    assert len(text.split("\n")) == len(one.findings) + len(one.fixed) + len(gone) + 2
    assert all(line.isprintable() for line in text.split("\n"))


@hostile
@given(
    parts=parts,
    content=st.one_of(st.none(), st.binary(max_size=40), texts.map(lambda text: text.encode("utf-8", "replace"))),
)
def test_excerpts_have_no_commands_but_our_own_colours(parts, content, result):
    one = result(*parts[0], **parts[1])
    excerpt = Excerpts(lambda _: content, one.findings, paint=coloured, width=60)
    text = said(text_report(one, 0, paint=coloured, excerpt=excerpt))
    assert all(line.isprintable() for line in re.sub("\x1b\\[[0-9;]+m", "", text).split("\n"))


@hostile
@given(parts=parts)
def test_json_is_what_its_schema_promises(parts, result, facts):
    one = result(*parts[0], **parts[1])
    report = json.loads(said(json_report(one, facts(one.exit_code))))
    VALIDATOR.validate(report)
    assert len(report["findings"]) == len(one.findings)


@hostile
@given(parts=parts)
def test_sarif_is_what_its_schema_promises(parts, result, facts):
    one = result(*parts[0], **parts[1])
    report = json.loads(said(sarif_report(one, facts(one.exit_code), Path("/a place/caf\udce9"))))
    jsonschema.Draft7Validator(SARIF).validate(report)
    (run,) = report["runs"]
    known = () if one.baseline is None else (*one.baseline.known, *one.baseline.gone)
    assert len(run["results"]) == len(one.findings) + len(known)
    for each in run["results"]:
        assert run["tool"]["driver"]["rules"][each["ruleIndex"]]["id"] == each["ruleId"]
        assert each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].isascii()
    assert not re.search("[\ud800-\udfff]", json.dumps(report, ensure_ascii=False))


@hostile
@given(parts=parts)
def test_junit_is_xml_and_counts_what_is_there(parts, result, facts):
    one = result(*parts[0], **parts[1])
    pairs = {(each.detector, each.path): "findings" for each in one.findings}
    pairs |= {(each.detector, each.path): "error" for each in one.troubles if each.detector and each.path}
    outcomes = [FileOutcome(*pair, outcome) for pair, outcome in pairs.items()]
    text = said(junit_report(one, facts(one.exit_code), outcomes))
    root = ET.parse(io.BytesIO(text.encode())).getroot()  # noqa: S314 - our own
    cases = root.findall(".//testcase")
    assert len(cases) == int(root.attrib["tests"]) >= len(outcomes)
    bad = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    assert len(bad) == int(root.attrib["failures"]) + int(root.attrib["errors"])
    assert bool(root.findall(".//error")) == any(not each.tolerated for each in one.troubles) or one.troubles
    assert bad or one.exit_code == 0 or one.fixed or any(each.tolerated for each in one.troubles)


@hostile
@given(parts=parts)
def test_github_has_one_command_a_line_and_no_other(parts, result):
    one = result(*parts[0], **parts[1])
    lines = said(github_report(one)).split("\n")
    assert lines.pop() == ""
    assert len(lines) == len(one.findings) + len(one.fixed) + len(one.troubles)
    for line in lines:
        assert "\r" not in line
        command, properties, message = re.fullmatch(r"::(error|warning|notice) ([^\n]*?)::(.*)", line).groups()
        assert command
        assert message is not None
        for each in properties.split(","):
            assert re.fullmatch(r"(file|line|endLine|col|endColumn|title)=[^:,\r\n]*", each)


@hostile
@given(found=st.lists(findings, max_size=4))
def test_a_baseline_is_read_as_it_was_written(found):
    found = [each for each in found if not re.search("[\ud800-\udfff]", each.detector + each.rule + each.message)]
    baseline = baseline_of(found)
    text = said(render(baseline))
    assert parse(text.encode(), "a file") == baseline
    assert len(text.splitlines()) == len(baseline.entries) + (5 if baseline.entries else 4)
