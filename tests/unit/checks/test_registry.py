"""Which detectors there are, and that none is lost in silence."""

from __future__ import annotations

import subprocess
import sys

import pluggy
import pytest

from pipeline_state.checks import hookspecs, registry
from pipeline_state.checks.declaration import BuiltIn, Detector
from pipeline_state.checks.findings import CATEGORIES, SEVERITIES
from pipeline_state.checks.registry import load_detectors, shipped_detectors

BUILT_IN = [detector for detector in shipped_detectors().values() if isinstance(detector.how, BuiltIn)]


def judge(_path, _content):
    return []


def declared(name, how=None):
    return Detector(name, 1, "", frozenset({"text"}), how or BuiltIn(judge))


class Plugin:
    """What a plugin returns, or raises."""

    def __init__(self, answer):
        self.answer = answer

    @hookspecs.hookimpl
    def pipeline_state_detectors(self):
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


@pytest.fixture(autouse=True)
def _importable(monkeypatch):
    monkeypatch.setitem(sys.modules, __name__, sys.modules.get(__name__) or sys.modules[judge.__module__])


def collected(**answers):
    plugins = pluggy.PluginManager("pipeline_state")
    plugins.add_hookspecs(hookspecs)
    for name, answer in answers.items():
        plugins.register(Plugin(answer), name=name)
    return registry._collect(plugins, [])


def test_the_group_built_in_stands_for_all_that_needs_no_tool():
    ids = load_detectors().expand(["ruff", "built-in", "json", "own"])
    assert ids == ("ruff", *(detector.id for detector in BUILT_IN), "own")
    assert "ruff" not in load_detectors().expand(["built-in"])


def test_ids_are_unique_and_each_detector_is_declared_completely():
    assert [detector.id for detector in shipped_detectors().values()] == list(shipped_detectors())
    for detector in BUILT_IN:
        assert detector.title
        assert detector.scope == "file"
        assert registry._objection(detector) is None


def test_what_the_built_in_ones_report_can_be_stored():
    for detector in BUILT_IN:
        for problem in detector.how.judge("a", b"\xef\xbb\xbf<<<<<<< \0[ \n\n"):
            assert problem.severity in SEVERITIES
            assert problem.category in CATEGORIES


def test_a_plugins_detectors_are_taken():
    found = collected(one=[declared("own")], two=(declared("other"),))
    assert found.failures == ()
    assert {"own", "other", "json", "ruff"} <= set(found.detectors)


def test_a_plugin_that_raises_is_named_and_takes_nobody_with_it():
    found = collected(a=RuntimeError("broken"), b=[declared("own")], c=SystemExit(3))
    assert "own" in found.detectors
    assert [(failure.plugin, "broken" in failure.message) for failure in found.failures] == [("a", True), ("c", False)]


@pytest.mark.parametrize("answer", [3, "own", ["own"], [None], [declared]])
def test_what_is_no_detector_is_named(answer):
    found = collected(a=answer, b=[declared("own")])
    assert {failure.plugin for failure in found.failures} == {"a"}
    assert "own" in found.detectors


def test_a_plugin_that_answers_nothing_brings_nothing():
    assert collected(a=[]).failures == ()


def test_an_id_is_given_once():
    found = collected(a=[declared("json"), declared("own")], b=[declared("own")])
    assert [failure.plugin for failure in found.failures] == ["a", "b"]
    assert "pipeline-state" in found.failures[0].message
    assert found.detectors["json"] is shipped_detectors()["json"]


@pytest.mark.parametrize("name", ["", "built-in", 3, "a b", "--x", "a/b", "é"])
def test_an_id_that_cannot_be_used_is_refused(name):
    assert collected(a=[declared(name)]).failures


def test_a_function_does_not_judge_a_whole_project():
    (failure,) = collected(a=[declared("own")._replace(scope="project")]).failures
    assert "is for tools" in failure.message


def test_a_function_that_a_worker_cannot_import_is_refused():
    found = collected(
        a=[declared("own", BuiltIn(lambda _path, _content: []))], b=[declared("x", BuiltIn(judge, unread=3))]
    )
    assert len(found.failures) == 2
    assert "top of a module" in found.failures[0].message


def test_how_must_be_one_of_the_two():
    assert "neither" in collected(a=[Detector("own", 1, "", frozenset(), "ruff")]).failures[0].message


def distribution(folder, name, module, text):
    (folder / f"{module}.py").write_text(text)
    info = folder / f"{name}-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[pipeline_state]\n{module} = {module}\n")


def test_installed_plugins_are_found_and_those_that_fail_are_named(tmp_path, monkeypatch):
    text = (
        "import pluggy\n"
        "from pipeline_state.checks.declaration import BuiltIn, Detector\n"
        "def judge(path, content): return []\n"
        "@pluggy.HookimplMarker('pipeline_state')\n"
        "def pipeline_state_detectors():\n"
        "    return [Detector('no-tabs', 1, '', frozenset({'text'}), BuiltIn(judge))]\n"
    )
    distribution(tmp_path, "a-broken", "broken_plugin", "raise ImportError('no such library')\n")
    distribution(tmp_path, "good", "good_plugin", text)
    distribution(
        tmp_path,
        "strange",
        "strange_plugin",
        text.replace("def pipeline_state_detectors()", "def pipeline_state_detectors(unknown)"),
    )
    monkeypatch.syspath_prepend(tmp_path)
    found = load_detectors(entry_points=True)
    assert "no-tabs" in found.detectors
    failed = {failure.plugin: failure.message for failure in found.failures}
    assert "no such library" in failed["broken_plugin of a-broken"]
    assert "strange_plugin of strange" in failed
    assert len(failed) == 2
    assert "no-tabs" not in load_detectors().detectors, "only when they are asked for"


def test_the_shipped_detectors_are_had_without_pluggy_and_without_any_parser():
    program = (
        "import sys; from pipeline_state.checks.registry import shipped_detectors; shipped_detectors()\n"
        "print(*sorted({'pluggy', 'json', 'yaml', 'tomllib', 'pyexpat', 'importlib.metadata'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
