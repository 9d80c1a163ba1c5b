"""A recorded session in the forms that other programs read, as pytest writes them where it came to the end."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import jsonschema
import junitparser
import pytest

from pipeline_state.cli.main import main
from pipeline_state.store.schema import schema_folder

SUITE = """
import logging, sys, unittest, warnings
import pytest


def test_passed(): print("seen")

def test_failed():
    print("out"); print("err", file=sys.stderr); logging.warning("logged")
    assert 0, "first\\nsecond <&> \\x07 \\u00fc \\U0001f600"

def test_long_message(): raise ValueError("x" * 700)

def test_many_lines(): raise ValueError("line " + "\\nof some length " * 60)

def test_chained():
    try: 1 / 0
    except ZeroDivisionError as error: raise KeyError("two") from error

def test_fails_by_hand(): pytest.fail("by hand", pytrace=False)

@pytest.fixture
def bad_setup(): raise ValueError("no set-up")

def test_bad_setup(bad_setup): pass

@pytest.fixture
def bad_teardown(record_property):
    record_property("begun", True)
    yield
    record_property("ended", "in vain")
    raise ValueError("no teardown")

def test_bad_teardown(bad_teardown): pass

def test_failed_and_bad_teardown(bad_teardown, record_property):
    record_property("in call", 1)
    assert 0, "broken too"

@pytest.fixture
def skips_late():
    yield
    pytest.skip("too late")

def test_skips_late(skips_late): pass

def test_bad_setup_and_teardown(bad_teardown, bad_setup): pass

@pytest.mark.skip(reason="not today")
def test_skipped(): pass

@pytest.mark.skip
def test_skipped_without_reason(): pass

@pytest.mark.skipif(True, reason="Skipped: twice")
def test_skipped_by_condition(bad_teardown): pass

def test_skipped_in_call(): pytest.skip("not here")

@pytest.mark.xfail(reason="known")
def test_xfailed(): assert 0

@pytest.mark.xfail
def test_xfailed_without_reason(): assert 0

@pytest.mark.xfail(run=False, reason="dangerous")
def test_xfailed_without_running(): assert 0

def test_xfailed_by_hand(): pytest.xfail("given up")

@pytest.mark.xfail(raises=KeyError)
def test_fails_otherwise_than_expected(): assert 0

@pytest.mark.xfail(reason="thought so")
def test_xpassed(): pass

@pytest.mark.xfail(reason="surely", strict=True)
def test_strict_xpass(): pass

ODD = ["a b", "x::y", "[", "]", "a/b.py", "\\x00", "\\n", "<&>", "\\u00fc", "\\U0001f600", "", "x.py"]

@pytest.mark.parametrize("value", ODD)
def test_parameters(value): assert value != "["

class TestClass:
    def test_method(self): pass

    class TestInner:
        @pytest.mark.parametrize("a", [1])
        @pytest.mark.parametrize("b", [2])
        def test_method(self, a, b): assert a == b

class Case(unittest.TestCase):
    def test_case(self): self.assertEqual(1, 2)

    @unittest.skip("of old")
    def test_skip(self): pass

    @unittest.expectedFailure
    def test_expected(self): assert 0

    def test_with_subtests(self):
        for i in range(3):
            with self.subTest("named", i=i):
                if i == 2: self.skipTest("not two")
                assert i != 1

def test_properties(record_property, record_xml_attribute, record_testsuite_property):
    record_property("key", {"a": [1, "<&>"]})
    record_property("key", None)
    record_testsuite_property("ARCH", "PPC <&>")
    record_testsuite_property("NUMBER", 1)

def function():
    '''
    >>> 1 + 1
    3
    '''

def other():
    '''
    >>> 1 + 1
    2
    '''
"""
SUBTESTS = """
import pytest

def test_subtests(subtests):
    for name in ("a", "b", "c"):
        with subtests.test("of", name=name):
            print("in", name)
            if name == "b": pytest.skip("not b")
            if name == "c": pytest.xfail("not c")
            assert name != "a", name
    with subtests.test(): assert 0

@pytest.fixture
def bad_teardown():
    yield
    raise ValueError("no teardown")

def test_subtests_and_failure(subtests, bad_teardown):
    with subtests.test("one"): assert 0
    assert 0, "as a whole"

def test_good_subtests(subtests):
    with subtests.test("one"): pass
"""
RERUNS = """
import pytest
times = []

@pytest.fixture
def shaky(record_property):
    times.append(1)
    record_property("time", len(times))
    yield
    if len(times) == 3: raise ValueError("teardown")

@pytest.mark.flaky(reruns=3)
def test_passes_at_last(shaky): assert len(times) > 2

@pytest.mark.flaky(reruns=1)
def test_never_passes(): assert 0

@pytest.mark.flaky(reruns=2)
def test_bad_setup(shaky_setup): pass

@pytest.fixture
def shaky_setup():
    times.append(1)
    if len(times) < 7: raise ValueError("setup")
"""
BAD = {
    "test_bad": "import nothing_of_that_name\n",
    "test_syntax": "def (:\n",
    "test_left_out": "import pytest\npytest.skip('not for us', allow_module_level=True)\n",
    "test_old": "import unittest\nraise unittest.SkipTest('of old')\n",
}


def canonical(text: str, *, ordered: bool = True) -> list[object]:
    """What a report says, without its times; under xdist the order of the cases is a matter of time, too."""

    def plain(node: ET.Element) -> object:
        attributes = {name: value for name, value in node.attrib.items() if name not in ("time", "timestamp")}
        return (node.tag, sorted(attributes.items()), node.text or "", [plain(child) for child in node])

    (suite,) = ET.fromstring(text)  # noqa: S314 - a report that we made
    children = [plain(child) for child in suite]
    if not ordered:
        children = sorted((child for child in children if child[0] != "properties"), key=repr)
    return [sorted((name, value) for name, value in suite.attrib.items() if "time" not in name), *children]


@pytest.fixture
def exported(project):
    """Record a session beside `--junitxml`, and return both documents."""

    def run(*options: str) -> tuple[str, str]:
        own = project.root.parent / "own.xml"
        project.record("--junitxml", str(own), *options)
        return own.read_text(encoding="utf-8"), export(project, "junit")

    return run


def export(project, form: str) -> str:
    output = project.root.parent / f"exported.{form}"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project.root)
        assert main(["runs", "export", "latest", "--format", form, "--output", str(output)]) == 0
    return output.read_text(encoding="utf-8")


@pytest.mark.parametrize("options", [(), ("-n2",)], ids=["plain", "xdist"])
def test_a_finished_session_is_exported_as_pytest_writes_it(project, exported, options):
    project.write(test_all=SUITE, **BAD)
    (project.root / "pkg" / "sub.dir").mkdir(parents=True)
    (project.root / "pkg" / "sub.dir" / "test_deep[1].py").write_text("def test_deep(): assert 0\n")
    if hasattr(pytest, "Subtests"):
        project.write(test_subtests=SUBTESTS)
    own, ours = exported("--continue-on-collection-errors", "--doctest-modules", "-p", "no:rerunfailures", *options)
    assert canonical(own, ordered=not options) == canonical(ours, ordered=not options)
    assert len(canonical(ours)) > 50


@pytest.mark.parametrize("options", [(), ("-n1",)], ids=["plain", "xdist"])
def test_repetitions_are_exported_as_pytest_writes_them(project, exported, options):
    project.write(test_reruns=RERUNS)
    own, ours = exported(*options)
    assert canonical(own) == canonical(ours)


@pytest.mark.parametrize("options", [(), ("-x",), ("--collect-only",), ("--setup-plan",), ("--setup-only",), ("-n1",)])
def test_what_pytest_leaves_out_is_left_out(project, exported, options):
    project.write(
        test_1="def test_1(): pass\ndef test_2(): assert 0\ndef test_3(): pass\n", test_bad="import no_such\n"
    )
    own, ours = exported(*options)
    assert canonical(own) == canonical(ours)


def test_a_dead_worker_is_exported_as_pytest_writes_it(project, exported):
    project.write(test_1="import os\ndef test_1(): pass\ndef test_2(): os._exit(1)\ndef test_3(): pass\n")
    own, ours = exported("-n1")
    assert canonical(own, ordered=False) == canonical(ours, ordered=False)
    assert "worker &#x27;gw0&#x27; crashed" in ours or "worker 'gw0' crashed" in ours


def test_an_internal_error_is_exported_as_pytest_writes_it(project, exported):
    project.write(
        test_1="def test_1(): pass\ndef test_2(): pass\n",
        conftest="def pytest_runtest_logfinish(nodeid):\n    if 'test_2' in nodeid: raise ValueError('inside')\n",
    )
    own, ours = exported()
    assert canonical(own) == canonical(ours)
    assert "inside" in ours


KILLED = """
import os
def test_1(record_property): record_property("a", 1)
def test_2(): assert 0
def test_3(): os.kill(os.getpid(), 9)
def test_4(): pass
"""


def test_a_killed_session_is_complete(project):
    project.write(test_k=KILLED)
    project.record()
    text = export(project, "junit")
    head, *cases = canonical(text)
    found = {dict(case[1])["name"]: [child[0] for child in case[3] if child[0] != "properties"] for case in cases}
    assert found == {
        "test_1": [],
        "test_2": ["failure"],
        "test_3": ["error"],
        "test_4": ["skipped"],
        "session": ["error"],
    }
    numbers = {name: value for name, value in head if name in ("tests", "errors", "failures", "skipped")}
    assert numbers == {"tests": "5", "errors": "2", "failures": "1", "skipped": "1"}
    suites = junitparser.JUnitXml.fromstring(text.encode())
    assert [len(case.result) for case in next(iter(suites))] == [0, 1, 1, 1, 1]


def test_what_ctrl_c_stopped_is_no_success(project):
    project.write(test_x="def test_1(): pass\ndef test_2(): raise KeyboardInterrupt\ndef test_3(): pass\n")
    project.record()
    _, *cases = canonical(export(project, "junit"))
    found = {dict(case[1])["name"]: [child[0] for child in case[3]] for case in cases}
    assert found == {"test_1": [], "test_2": ["error"], "test_3": ["skipped"], "session": ["error"]}


# pytest-reportlog

ROUNDED = 5
"""Decimal places of a duration."""


def reports_of(log: str, config: pytest.Config) -> list[dict[str, object]]:
    """What the lines of a log say, as far as the database keeps it, read back by pytest itself."""
    found = []
    for line in map(json.loads, log.splitlines()):
        if line["$report_type"] in ("SessionStart", "SessionFinish"):
            found.append(line)
            continue
        if line["$report_type"] == "WarningMessage" or (line["$report_type"] == "CollectReport" and is_passed(line)):
            continue
        if line["$report_type"] == "SubTestReport":
            line["_report_type"] = line.pop("$report_type")
        report = config.hook.pytest_report_from_serializable(config=config, data=line)
        said = {name: getattr(report, name) for name in ("nodeid", "outcome", "when")}
        if report.outcome != "passed" and not hasattr(report, "wasxfail"):
            said["longrepr"] = report.longrepr if isinstance(report.longrepr, (tuple, list)) else str(report.longrepr)
            crash = getattr(report.longrepr, "reprcrash", None)
            said["crash"] = crash and (crash.path, crash.lineno, crash.message)
        if report.outcome == "failed":
            said["sections"] = [tuple(section) for section in report.sections]
        if isinstance(report, pytest.TestReport):
            said["location"] = report.location[:2]
            said["properties"] = [(name, str(value)) for name, value in report.user_properties]
            said["expected"] = hasattr(report, "wasxfail")
            said["seconds"] = round(report.duration, ROUNDED)
            said["worker"] = getattr(report, "worker_id", None)
        found.append(said)
    return found


def is_passed(line: dict[str, object]) -> bool:
    return line["outcome"] == "passed"


@pytest.mark.parametrize("options", [(), ("-n1",)], ids=["plain", "xdist"])
def test_the_report_log_says_what_that_of_pytest_reportlog_says(project, request, options):
    project.write(test_all=SUITE, **BAD)
    if hasattr(pytest, "Subtests"):
        project.write(test_subtests=SUBTESTS)
    own = project.root.parent / "own.jsonl"
    more = ("--continue-on-collection-errors", "-p", "no:rerunfailures", f"--report-log={own}")
    project.record(*more, *options)
    theirs = reports_of(own.read_text(encoding="utf-8"), request.config)
    ours = reports_of(export(project, "reportlog"), request.config)
    assert len(ours) > 130
    assert [one for one in theirs if one not in ours] == []
    assert [one for one in ours if one not in theirs] == []


def test_the_report_log_of_a_killed_session_ends(project, request):
    project.write(test_k=KILLED)
    project.record()
    log = export(project, "reportlog")
    lines = [json.loads(line) for line in log.splitlines()]
    assert [lines[0]["$report_type"], lines[-1]] == ["SessionStart", {"exitstatus": 2, "$report_type": "SessionFinish"}]
    found = {(one["nodeid"], one["when"]): one["outcome"] for one in reports_of(log, request.config)[1:-1]}
    assert found["test_k.py::test_3", "call"] == "failed"
    assert found["test_k.py::test_4", "setup"] == "skipped"
    assert found["", "collect"] == "failed"


# JSON

SCHEMA = json.loads((schema_folder() / "session.schema.json").read_text(encoding="utf-8"))


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_all_that_is_kept_is_in_the_json(project):
    project.write(test_all=SUITE, **BAD)
    project.record("--continue-on-collection-errors")
    document = json.loads(export(project, "json"))
    jsonschema.validate(document, SCHEMA)
    session = document["session"]
    tests = {test["node_id"].partition("::")[2]: test for test in session["tests"]}
    assert (session["cut_off"], session["exit_code"]) == (None, 1)
    assert session["properties"] == [{"name": "ARCH", "value": "PPC <&>"}, {"name": "NUMBER", "value": "1"}]
    assert [section["name"] for section in tests["test_failed"]["captured"]] == [
        "Captured stdout call",
        "Captured stderr call",
        "Captured log call",
    ]
    assert tests["test_failed"]["details"][0]["message"].startswith("AssertionError: first\n  second")
    assert tests["test_xfailed"]["markers"] == ["xfail"]
    assert tests["test_passed"]["captured"] == []


def test_a_killed_session_is_described_too(project):
    project.write(test_k=KILLED)
    project.record()
    document = json.loads(export(project, "json"))
    jsonschema.validate(document, SCHEMA)
    assert document["session"]["cut_off"] == "the session was interrupted"
