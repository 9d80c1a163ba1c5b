"""Sessions in other programs' forms, from values alone: what no real session can be made to hold at will."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_state.reports.replay import RecordedSession, parts_of, version_of
from pipeline_state.reports.session_json import session_json
from pipeline_state.reports.session_junit import junit_xml
from pipeline_state.reports.session_log import report_log
from pipeline_state.store.attempts import OUTCOMES, Attempt, Phase
from pipeline_state.store.details import Detail, Section, Value
from pipeline_state.store.runs import Run
from pipeline_state.store.sessions import Session

STARTED = "2026-01-31T12:34:56.123456Z"


def attempt(**fields) -> Attempt:
    known = {
        "run": "0" * 16,
        "rootdir": ".",
        "node_id": "test_a.py::test_1",
        "number": 1,
        "worker": None,
        "outcome": "failed",
        "phase": "call",
        "started_at": STARTED,
        "phases": {"setup": Phase("passed", 0.25), "call": Phase("failed", 0.5), "teardown": Phase("passed", 0.125)},
        "reason": None,
        "failure": "text",
        "file": "test_a.py",
        "line": 3,
    }
    return Attempt(**{**known, **fields})


def session(*attempts, status="finished", version="9.2.0", **fields) -> RecordedSession:
    run = Run(
        id="0" * 16,
        kind="pytest",
        status=status,
        exit_code=1 if status == "finished" else None,
        started_at=STARTED,
        finished_at=None if status == "running" else "2026-01-31T12:34:58.123456Z",
        commit_id=None,
        branch=None,
        tree_digest=None,
        host="a host",
        incomplete=fields.pop("incomplete", None),
        worktree="token",
        arguments=(),
        environment_id=None,
    )
    known = Session("0" * 16, ".", "run", None, 0, **fields)
    return RecordedSession(run, known, attempts, {"distribution:pytest": version} if version else {})


def suite(recorded: RecordedSession) -> ET.Element:
    return ET.fromstring(junit_xml(recorded))[0]  # noqa: S314 - what we have just made


def test_durations_are_those_of_the_phases_and_times_those_of_the_session():
    node = suite(session(attempt()))
    assert (node.get("time"), node[0].get("time")) == ("2.000", "0.875")
    assert node.get("timestamp") == "2026-01-31T12:34:56.123456+00:00"


MESSAGES = {
    "x" * 501: f"{'x' * 500}...\n[truncated; full report in element text]",
    "x" * 500: "x" * 500,
    "\n".join(["line"] * 200): "\n".join(["line"] * 100) + "\n[+100 more lines; full report in element text]",
    "a\n" + "b" * 600: "a\n[+1 more line; full report in element text]",
    "": "",
}


@pytest.mark.parametrize("message", MESSAGES, ids=range(len(MESSAGES)))
def test_a_message_is_as_long_as_the_pytest_that_ran_would_make_it(message):
    failed = attempt(details=(Detail("call", 0, message, "a.py", 1),))
    shown = {version: suite(session(failed, version=version))[0][0].get("message") for version in ("9.2", "", "9.1.1")}
    assert shown == {"9.2": MESSAGES[message], "": MESSAGES[message], "9.1.1": message}


def test_what_xml_cannot_hold_is_shown_as_pytest_shows_it():
    node = suite(session(attempt(node_id="test_\x01.py::test_1[\x1b]", failure="\x07 \x7f \ufffe \U0001f600 \r\n")))
    assert (node[0].get("classname"), node[0].get("name")) == ("test_#x01", "test_1[#x1B]")
    assert node[0][0].text.split() == ["#x07", "#x7F", "#xFFFE", "\U0001f600"]


@pytest.mark.parametrize(("version", "tests"), [("9.0.3", ["2", "1"]), ("9.1.0", ["1", "2"]), ("", ["1", "2"])])
def test_a_failed_teardown_counts_as_it_does_in_the_pytest_that_ran(version, tests):
    ends = {"setup": Phase("passed", 0), "teardown": Phase("failed", 0)}
    alone = attempt(outcome="error", phase="teardown", phases={**ends, "call": Phase("passed", 0)})
    both = attempt(phases={**ends, "call": Phase("failed", 0)})
    assert [suite(session(each, version=version)).get("tests") for each in (alone, both)] == tests


def test_before_9_1_pytest_took_more_for_what_xml_cannot_hold():
    shown = {
        version: suite(session(attempt(failure="\U0001f600"), version=version))[0][0] for version in ("9.0.3", "9.1")
    }
    assert {version: node.text for version, node in shown.items()} == {"9.0.3": "#x1F600", "9.1": "\U0001f600"}
    assert shown["9.0.3"].get("message") == "#x1F600"


@pytest.mark.parametrize(
    ("status", "fields", "why"),
    [
        ("running", {}, "the session is still going on"),
        ("interrupted", {}, "the session was interrupted"),
        ("finished", {"incomplete": "a full disk"}, "the record is incomplete: a full disk"),
        ("finished", {}, None),
    ],
)
def test_one_case_stands_for_a_session_that_is_not_whole(status, fields, why):
    recorded = session(status=status, **fields)
    assert [case[0].get("message") for case in suite(recorded)] == ([why] if why else [])
    *_, last = map(json.loads, report_log(recorded).splitlines())
    assert last["exitstatus"] == (1 if status == "finished" else 2)
    assert json.loads(session_json(recorded))["session"]["cut_off"] == why


def test_a_test_that_never_ran_is_skipped_only_where_the_session_was_cut_off():
    never = attempt(outcome="not run", phase=None, started_at=None, phases={}, failure=None)
    assert [case[0].tag for case in suite(session(never, status="interrupted"))] == ["skipped", "error"]
    assert list(suite(session(never))) == []


def test_what_a_hook_added_is_no_property():
    node = suite(
        session(attempt(values=(Value("own", "1", "call"), Value("hook", "2"), Value("late", "3", "teardown"))))
    )
    assert [each.get("name") for each in node.iter("property")] == ["own", "late"]


@pytest.mark.parametrize(
    ("node_id", "parts"),
    [
        ("a/test_b.py", ("a/test_b.py", [], "")),
        ("a[1].py::T::test[x::y[z]]", ("a[1].py", ["T", "test"], "[x::y[z]]")),
        ("", ("", [], "")),
        ("::[", ("", [""], "[")),
    ],
)
def test_a_node_id_is_taken_apart(node_id, parts):
    assert parts_of(node_id) == parts


@pytest.mark.parametrize(("text", "numbers"), [("9.2.0", (9, 2, 0)), ("10.0.0rc1", (10, 0, 0)), ("", ()), ("x", ())])
def test_a_version_is_read(text, numbers):
    assert version_of(text) == numbers


TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)
PHASE = st.sampled_from(["setup", "call", "teardown"])
ATTEMPTS = st.builds(
    attempt,
    node_id=TEXT,
    outcome=st.sampled_from(sorted(OUTCOMES)),
    phase=st.sampled_from(["collect", "setup", "call", "teardown", None]),
    worker=st.none() | TEXT,
    started_at=st.none() | st.just(STARTED),
    reason=st.none() | TEXT,
    failure=st.none() | TEXT,
    phases=st.dictionaries(PHASE, st.builds(Phase, TEXT, st.none() | st.floats(0, 10))),
    values=st.lists(st.builds(Value, TEXT, TEXT, st.none() | PHASE)).map(tuple),
    details=st.lists(st.builds(Detail, PHASE, st.integers(0, 2), st.none() | TEXT, st.none() | TEXT, st.none())).map(
        tuple
    ),
    sections=st.lists(st.builds(Section, PHASE, st.integers(0, 2), TEXT, TEXT)).map(tuple),
    markers=st.lists(TEXT).map(tuple),
)


@given(st.lists(ATTEMPTS, max_size=5), st.sampled_from(["running", "finished", "interrupted"]))
def test_whatever_is_stored_can_be_read_back(attempts, status):
    recorded = session(*attempts, status=status)
    node = suite(recorded)
    found = [child.tag for case in node.iter("testcase") for child in case if child.tag != "properties"]
    named = {"errors": "error", "failures": "failure", "skipped": "skipped"}
    assert {name: int(node.get(name, "-1")) for name in named} == {
        name: found.count(tag) for name, tag in named.items()
    }
    assert all(json.loads(line)["$report_type"] for line in report_log(recorded).splitlines())
    assert len(json.loads(session_json(recorded))["session"]["tests"]) == len(attempts)
