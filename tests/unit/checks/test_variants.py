"""The sets of settings that the files of one detector are judged under."""

from __future__ import annotations

import pytest

from pipeline_state.checks.declaration import BuiltIn, Detector, Report, Tool
from pipeline_state.checks.variants import objection, variants_of
from pipeline_state.config import DetectorSettings, PathSettings


def judge(_path, _content):
    return ()


def detector(how, scope="file"):
    return Detector("own", 1, "", frozenset({"text"}), how, scope=scope)


TOOL = detector(Tool("own", (), lambda _: Report({}), {}))
OURS = detector(BuiltIn(judge))


def sets_of(*entries, **settings):
    variants = variants_of(TOOL, DetectorSettings(per_path=entries, **settings))
    return [(one.settings.args, one.settings.optional, one.settings.timeout_s, set(one.entries)) for one in variants]


def test_without_entries_there_is_one_set():
    assert sets_of(args=("-a",), timeout_s=5.0) == [(("-a",), False, 5.0, {None})]


def test_an_entry_that_sets_nothing_for_a_run_has_no_set_of_its_own():
    entries = (PathSettings(("a",), severity={"*": "note"}), PathSettings(("b",), args=("-a",)))
    assert sets_of(*entries, args=("-a",)) == [(("-a",), False, 300.0, {None, 0, 1})]


def test_what_an_entry_does_not_say_is_what_the_detector_says():
    entries = (PathSettings(("a",), args=()), PathSettings(("b",), optional=True), PathSettings(("c",), timeout_s=1.0))
    assert sets_of(*entries, args=("-a",)) == [
        (("-a",), False, 300.0, {None}),
        ((), False, 300.0, {0}),
        (("-a",), True, 300.0, {1}),
        (("-a",), False, 1.0, {2}),
    ]


def test_entries_that_say_the_same_share_a_set():
    assert sets_of(PathSettings(("a",), args=("-x",)), PathSettings(("b",), args=("-x",)))[1:] == [
        (("-x",), False, 300.0, {0, 1})
    ]


def test_files_that_are_skipped_have_none():
    assert sets_of(PathSettings(("a",), skip=True, args=("-x",))) == [((), False, 300.0, {None})]


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        (DetectorSettings(args=("-x",)), "args is set"),
        (DetectorSettings(path="x"), "path is set"),
        (DetectorSettings(optional=True), "optional is set"),
        (DetectorSettings(per_path=(PathSettings(("a",)), PathSettings(("a",), args=()))), "per-path.2.args is set"),
        (DetectorSettings(per_path=(PathSettings(("a",), timeout_s=3.0),)), "per-path.1.timeout_s is set"),
    ],
)
def test_what_can_have_no_effect_is_objected_to(settings, what):
    assert what in objection(OURS, settings)
    assert objection(TOOL, settings) is None


def test_what_can_have_an_effect_is_not():
    entries = (PathSettings(("a",), severity={"*": "note"}), PathSettings(("a",), skip=True))
    assert objection(OURS, DetectorSettings(severity={"*": "note"}, timeout_s=3.0, per_path=entries)) is None


def test_a_whole_project_is_judged_under_one_set():
    whole = detector(TOOL.how, "project")
    assert "the whole project at once" in objection(whole, DetectorSettings(per_path=(PathSettings(("a",), args=()),)))
    assert objection(whole, DetectorSettings(args=("-x",), per_path=(PathSettings(("a",), skip=True),))) is None
