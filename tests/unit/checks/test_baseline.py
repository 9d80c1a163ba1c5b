"""The baseline: the known survives moved lines, the new is told, what is gone is named, and no trouble is hidden."""

from __future__ import annotations

import json

import jsonschema
import pytest

from pipeline_state.checks.audience import FileOutcome
from pipeline_state.checks.baseline import apply, baseline_of, parse, render
from pipeline_state.checks.findings import Problem
from pipeline_state.checks.fingerprints import findings_of
from pipeline_state.checks.result import CheckResult, Trouble
from pipeline_state.errors import ConfigurationError
from pipeline_state.store.check_runs import CheckSummary
from pipeline_state.store.schema import schema_folder

SCHEMA = json.loads((schema_folder() / "baseline.schema.json").read_text(encoding="utf-8"))


def found(content, path="a.py", detector="ruff"):
    """A finding for each line that has a `!`."""
    lines = content.splitlines()
    problems = [Problem("r", "m", number, 1) for number, line in enumerate(lines, 1) if "!" in line]
    return findings_of(detector, path, content.encode(), problems)


def told(before, after, outcome="findings", *, troubles=(), everything=True, gone=False, outcomes=None):
    """What a check tells of `after` with the baseline of `before`."""
    result = CheckResult(CheckSummary(1, 1, 0, len(after), 0), (), tuple(after), troubles=tuple(troubles))
    said = [FileOutcome("ruff", "a.py", outcome)] if outcomes is None else outcomes
    return apply(baseline_of(before), result, lambda: said, lambda _: gone, everything=everything)


def lines(result):
    return [finding.line for finding in result.findings]


@pytest.mark.parametrize(
    ("before", "after", "new", "gone"),
    [
        ("!one", "!one", [], 0),
        ("!one", "more\n\n!one", [], 0),
        ("!one", "    !one  ", [], 0),
        ("!one\n!two", "!two\n!one", [], 0),
        ("!one", "!two", [1], 1),
        ("!one", "!one\n!one", [2], 0),
        ("!one\n!one", "!one", [], 1),
        ("!one\n!one\n!one", "!one\n!one\n!one\n!one\n!one", [4, 5], 0),
        ("!one", "", [], 1),
        ("", "!one", [1], 0),
    ],
)
def test_what_is_known_is_known_by_its_line_and_number(before, after, new, gone):
    result = told(found(before), found(after))
    assert lines(result) == new
    assert result.summary.findings == len(new)
    assert len(result.baseline.gone) == gone
    assert len(result.baseline.known) + len(new) == len(found(after))
    assert result.exit_code == (1 if new else 0)


def test_a_renamed_file_and_another_detector_have_findings_of_their_own():
    assert told(found("!one"), found("!one", path="b.py")).exit_code == 1
    assert told(found("!one"), found("!one", detector="flake8")).exit_code == 1


def test_what_could_not_be_judged_stays_and_makes_nothing_gone():
    for trouble in (Trouble("ruff", "a.py", "why"), Trouble("ruff", None, "why")):
        result = told(found("!one"), [], "error", troubles=[trouble])
        assert (result.exit_code, result.troubles, result.baseline.gone) == (3, (trouble,), ())


def test_a_detector_that_did_not_load_makes_nothing_gone():
    for name in (None, "ruff"):
        assert told(found("!one"), [], outcomes=[], troubles=[Trouble(name, None, "plugin")]).baseline.gone == ()
    assert len(told(found("!one"), [], outcomes=[], troubles=[Trouble("other", None, "plugin")]).baseline.gone) == 1


@pytest.mark.parametrize(
    ("everything", "file_gone", "gone"), [(True, False, 1), (True, True, 1), (False, True, 1), (False, False, 0)]
)
def test_what_was_not_looked_at_is_gone_only_with_its_file_or_from_everything(everything, file_gone, gone):
    assert len(told(found("!one"), [], outcomes=[], everything=everything, gone=file_gone).baseline.gone) == gone


def test_a_file_that_is_left_out_by_now_has_no_findings_any_more():
    assert len(told(found("!one"), [], "excluded").baseline.gone) == 1


def test_nothing_is_asked_of_the_files_while_every_entry_occurs():
    result = CheckResult(CheckSummary(1, 1, 0, 1, 0), (), found("!one"))

    def outcomes():
        pytest.fail("it takes time in proportion to the files")

    assert apply(baseline_of(found("!one")), result, outcomes, lambda _: False, everything=True).exit_code == 0


def test_the_file_has_a_line_for_each_entry_in_one_order():
    one, two = found("!b\n!a"), found("!c", path="A.py")
    text = render(baseline_of([*one, *two]))
    assert text == render(baseline_of([*two, *reversed(one)]))
    jsonschema.validate(json.loads(text), SCHEMA)
    assert [line.split(",")[0].strip() for line in text.splitlines()[3:-2]] == ['{"path": "A.py"'] + [
        '{"path": "a.py"'
    ] * 2
    assert parse(text.encode(), "f") == baseline_of([*one, *two])


def test_moved_lines_change_nothing_in_the_file():
    assert render(baseline_of(found("!a\n!b"))) == render(baseline_of(found("x\n\n!b\n  !a")))


def test_the_text_of_a_line_is_not_in_the_file():
    assert "hunter2" not in render(baseline_of(found("! hunter2")))


def test_entries_of_both_sides_of_a_merge_are_read_once():
    text = render(baseline_of(found("!a")))
    entry = text.splitlines()[3]
    doubled = text.replace(entry, f"{entry},\n{entry}")
    assert parse(doubled.encode(), "f") == baseline_of(found("!a"))
    assert parse(b"\xef\xbb\xbf" + text.encode(), "f") == baseline_of(found("!a"))


ENTRY = json.loads(render(baseline_of(found("!a"))))["findings"][0]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "cannot read"),
        (b"\xff\xfe", "cannot read"),
        (b"[" * 100_000, "cannot read"),
        (b"[]", "is no baseline"),
        (b"{}", "is no baseline"),
        (b'{"version": true, "findings": []}', "is no baseline"),
        (b'{"version": 1}', "is no baseline"),
        (b'{"version": 1, "findings": {}}', "is no baseline"),
        (b'{"version": 1, "findings": [], "more": 1}', "is no baseline"),
        (b'{"version": 2, "anything": 1}', "a newer one wrote it"),
        (b"<<<<<<< HEAD\n{}", "merge conflict"),
        (json.dumps({"version": 1, "findings": [ENTRY, 3]}).encode(), "entry 2 .* exactly"),
        (json.dumps({"version": 1, "findings": [{**ENTRY, "more": ""}]}).encode(), "exactly"),
        (json.dumps({"version": 1, "findings": [{**ENTRY, "rule": 3}]}).encode(), "strings only"),
        (json.dumps({"version": 1, "findings": [{**ENTRY, "path": "\ud800"}]}).encode(), "half of a character"),
        (json.dumps({"version": 1, "findings": [{**ENTRY, "fingerprint": "F" * 32}]}).encode(), "hexadecimal"),
    ],
)
def test_what_is_no_baseline_is_refused_with_the_reason(content, why):
    with pytest.raises(ConfigurationError, match=why):
        parse(content, "the file")


def test_a_long_message_is_cut_in_the_file():
    problem = [Problem("r", "m" * 1000, 1, 1)]
    (entry,) = baseline_of(findings_of("d", "a", b"x", problem)).entries.values()
    assert len(entry.message) == 200
