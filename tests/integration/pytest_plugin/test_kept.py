"""What is kept of a test beside its outcome, and the settings that say how much."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from pipeline_state import open_state
from pipeline_state.pytest_plugin.keeping import keeping
from pipeline_state.store.attempts import Attempt

each_way = pytest.mark.parametrize("options", [(), ("-n1",)], ids=["plain", "xdist"])

OUTPUT = """
import logging, sys
import pytest

@pytest.fixture
def loud():
    print("setting up")
    yield
    print("tearing down")

def test_passed(loud): print("passed")

def test_failed(loud):
    print("out")
    print("err", file=sys.stderr)
    logging.warning("logged")
    assert 0

def test_skipped(loud): pytest.skip("for once")

def test_bad_setup(loud, bad): pass

@pytest.fixture
def bad(loud):
    print("before it breaks")
    raise ValueError
"""


def sections(attempts):
    return {
        attempt.node_id.partition("::")[2]: [(one.name, one.content.strip(), one.phase) for one in attempt.sections]
        for attempt in attempts
        if attempt.sections
    }


@dataclass(frozen=True)
class Kept:
    """What is in the database of one session."""

    properties: tuple[tuple[str, str], ...]
    attempts: list[Attempt]

    def of(self, file):
        return [attempt for attempt in self.attempts if attempt.node_id.startswith(f"{file}.py::")]


@pytest.fixture(scope="module", params=[(), ("-n1",)], ids=["plain", "xdist"])
def kept(request, make_project, tmp_path_factory):
    project = make_project(tmp_path_factory.mktemp("kept"))
    project.write(test_o=OUTPUT, test_p=PHASES, test_m=MARKED, test_n="def test_without(): pass\n")
    project.write(test_s=SUITE_PROPERTIES)
    project.record("-W", "ignore", *request.param)
    run, attempts = project.latest()
    return Kept(properties(project, run), attempts)


def test_the_output_of_failed_tests_is_kept(kept):
    found = sections(kept.of("test_o"))
    assert set(found) == {"test_failed", "test_bad_setup"}
    assert found["test_bad_setup"] == [
        ("Captured stdout setup", "setting up\nbefore it breaks", "setup"),
        ("Captured stdout teardown", "tearing down", "teardown"),
    ]
    assert [(name, phase) for name, _, phase in found["test_failed"]] == [
        ("Captured stdout setup", "call"),
        ("Captured stdout call", "call"),
        ("Captured stderr call", "call"),
        ("Captured log call", "call"),
        ("Captured stdout teardown", "teardown"),
    ]


@each_way
def test_the_output_of_all_tests_is_kept_on_request(project, options):
    project.write(test_o=OUTPUT)
    project.record("-o", "pipeline_state_capture=all", *options)
    found = sections(project.latest()[1])
    assert set(found) == {"test_passed", "test_failed", "test_skipped", "test_bad_setup"}
    assert found["test_passed"] == [
        ("Captured stdout setup", "setting up", "setup"),
        ("Captured stdout call", "passed", "call"),
        ("Captured stdout teardown", "tearing down", "teardown"),
    ]


def test_no_output_is_kept_on_request(project):
    project.write(test_o=OUTPUT)
    project.record("-o", "pipeline_state_capture=no")
    assert sections(project.latest()[1]) == {}


def test_texts_are_cut_where_they_are_to_be(project):
    project.write(
        test_o="def test_1(record_property):\n"
        "    record_property('v', 'v' * 900)\n"
        "    print('o' * 900)\n"
        "    assert 0, 'f' * 900\n"
    )
    project.record("-o", "pipeline_state_text_limit=200")
    [attempt] = project.latest()[1]
    texts = (attempt.failure, attempt.details[0].message, attempt.sections[0].content, attempt.values[0].value)
    assert all(len(text) < 300 and "characters left out" in text for text in texts)


WRONG = ["capture=some", "capture=", "text_limit=99", "text_limit=-1", "text_limit=many", "text_limit=1e3"]


@pytest.mark.parametrize("setting", WRONG)
def test_a_setting_that_says_nothing_is_a_usage_error(pytester, setting):
    config = pytester.parseconfig("-o", f"pipeline_state_{setting}")
    with pytest.raises(pytest.UsageError, match=f"pipeline_state_{setting.partition('=')[0]} is"):
        keeping(config)


def test_what_the_settings_say_is_kept(pytester):
    assert keeping(pytester.parseconfig()) == ("failed", 65_536)
    more = ("-o", "pipeline_state_capture=no", "-o", "pipeline_state_text_limit= 1_000")
    assert keeping(pytester.parseconfig(*more)) == ("no", 1000)


def test_a_wrong_setting_ends_only_what_is_recorded(project):
    project.write(test_o="def test_1(): pass\n")
    (project.root / "pytest.ini").write_text("[pytest]\npipeline_state_capture = some\n")
    assert (project.pytest().returncode, project.record().returncode) == (0, 4)


def test_secrets_in_what_is_kept_are_not(project):
    project.variables["DEPLOY_TOKEN"] = "a-rather-secret-value"
    project.write(
        test_o="import os, pytest\n"
        "def test_1(record_property, record_testsuite_property):\n"
        "    secret = os.environ['DEPLOY_TOKEN']\n"
        "    print(secret)\n"
        "    record_property('v', secret)\n"
        "    record_testsuite_property('s', secret)\n"
        "    raise ValueError(secret)\n"
        "def test_2(): pytest.skip(os.environ['DEPLOY_TOKEN'])\n"
    )
    project.record("-n0")
    content = b"".join(
        path.read_bytes() for path in project.database.parent.glob("pipeline_state.db*") if path.is_file()
    )
    assert b"[redacted]" in content
    assert b"a-rather-secret-value" not in content


PHASES = """
import pytest

@pytest.fixture
def bad_teardown():
    yield
    raise KeyError("gone")

def test_both(bad_teardown): raise ValueError("here")

@pytest.mark.skip(reason="later")
def test_skipped(): pass
"""


def test_each_phase_says_what_failed_and_where(kept):
    both, skipped = kept.of("test_p")
    call, teardown = both.details
    assert (call.phase, call.message, call.line, teardown.phase, teardown.message, teardown.line) == (
        "call",
        "ValueError: here",
        9,
        "teardown",
        "KeyError: 'gone'",
        7,
    )
    assert both.failure == f"{call.failure}\n\n{teardown.failure}"
    assert "gw0" not in both.failure
    [skip] = skipped.details
    assert (skip.phase, skip.message, skip.line, skip.failure) == ("setup", "Skipped: later", 11, None)
    assert call.path.endswith("test_p.py")


MARKED = """
import pytest

pytestmark = pytest.mark.of_module

@pytest.mark.slow
@pytest.mark.parametrize("n", [1])
def test_slow(n): pass

@pytest.mark.of_class
class TestClass:
    @pytest.mark.parametrize("n", [1, pytest.param(2, marks=pytest.mark.second)])
    def test_method(self, n): pass
"""


def markers(attempts):
    return {one.node_id.partition("::")[2]: one.markers for one in attempts}


def test_the_names_of_markers_are_kept(kept):
    assert markers([*kept.of("test_m"), *kept.of("test_n")]) == {
        "test_slow[1]": ("of_module", "slow"),
        "TestClass::test_method[1]": ("of_class", "of_module"),
        "TestClass::test_method[2]": ("of_class", "of_module", "second"),
        "test_without": (),
    }


@each_way
def test_markers_that_are_gone_are_forgotten(project, options):
    for text in (MARKED, MARKED.replace("mark.slow", "mark.quick").replace("pytestmark", "unused")):
        project.write(test_m=text)
        project.record("-W", "ignore", *options)
    found = markers(project.latest()[1])
    assert (found["test_slow[1]"], found["TestClass::test_method[1]"]) == (("quick",), ("of_class",))


SUITE_PROPERTIES = """
import pytest

@pytest.fixture(scope="session", autouse=True)
def says(record_testsuite_property):
    record_testsuite_property("first", 1)
    yield
    record_testsuite_property("last", "end")

def test_1(record_testsuite_property): record_testsuite_property("second", "two")

def test_2(record_testsuite_property):
    with pytest.raises(TypeError):
        record_testsuite_property(3, "three")
"""


def properties(project, run):
    with open_state(project.database) as state:
        return state.sessions.find(run.id).properties


def test_what_is_said_of_the_suite_is_kept(kept):
    assert kept.properties == (("first", "1"), ("second", "two"), ("last", "end"))


def test_what_is_said_of_the_suite_reaches_the_junit_xml_as_ever(project):
    project.write(test_s=SUITE_PROPERTIES)
    xml = project.root / "own.xml"
    for options in ([], ["--pipeline-state"]):
        assert project.pytest(f"--junitxml={xml}", *options).returncode == 0
        assert '<property name="second" value="two" />' in xml.read_text()
        assert xml.read_text().count("<property ") == 3


def test_without_recording_the_fixture_is_that_of_pytest(project):
    project.write(test_s=SUITE_PROPERTIES)
    assert project.pytest().returncode == 0


def test_what_was_said_before_a_kill_is_kept(project):
    project.write(
        test_k="import os, pytest\n"
        "def test_1(record_testsuite_property): record_testsuite_property('said', 1)\n"
        "@pytest.mark.odd\n"
        "def test_2(record_property):\n    print('out')\n    record_property('own', 1)\n    assert 0, 'broken'\n"
        "def test_3(): os.kill(os.getpid(), 9)\n"
    )
    project.record("-W", "ignore")
    run, attempts = project.latest()
    assert properties(project, run) == (("said", "1"),)
    second = attempts[1]
    assert (second.markers, second.values, second.sections[0].content) == (("odd",), (("own", "1", "call"),), "out\n")
    assert second.details[0].message == "AssertionError: broken\nassert 0"


def test_an_internal_error_is_kept(project):
    project.write(
        test_1="def test_1(): pass\n",
        conftest="def pytest_runtest_logfinish(nodeid): raise ValueError('inside')\n",
    )
    assert project.record().returncode == 3
    run, _ = project.latest()
    with open_state(project.database) as state:
        assert "ValueError: inside" in state.sessions.find(run.id).internal_error


def test_a_worker_without_anything_to_tell_calls_no_hook(project):
    project.write(
        test_1="def test_1(): pass\n",
        conftest="def pytest_unconfigure(config):\n"
        "    if hasattr(config, 'workerinput'):\n"
        "        assert config.pluginmanager.has_plugin('pipeline_state_recorder')\n"
        "        assert not config.pluginmanager.has_plugin('pipeline_state_speaker')\n",
    )
    assert project.record("-n1").returncode == 0


def test_a_test_has_one_place_whatever_runs_saw(project):
    text = "def test_1(): pass\n"
    for lines in (0, 3):
        project.write(test_1="\n" * lines + text)
        project.record()
        assert project.latest()[1][0].line == lines + 1
        assert project.latest()[1][0].file == "test_1.py"
