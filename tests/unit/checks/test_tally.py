"""What it all came to: every number from one count, and the gravest outcome of a detector named."""

from __future__ import annotations

import pytest

from pipeline_state.checks.declaration import BuiltIn, Detector, Report, Tool
from pipeline_state.checks.result import CheckResult, Fixed, Trouble
from pipeline_state.checks.tally import Tally, file_outcomes, gathered
from pipeline_state.checks.tree import Entry, Reported, file_counts
from pipeline_state.store.check_runs import CheckSummary
from pipeline_state.store.findings import Finding


def judge(_path, _content):
    return ()


MISSING = Tool("no-such-tool", (), lambda _: Report({}), {})
IDS = ("one", "two", "three")


def finding(path="a", line=1, detector="one", rule="r"):
    return Finding(detector, rule, "error", "other", path, line, None, None, None, "m", "f")


def told(detector=0, path="a", *, excluded=False):
    return Reported(detector, path, excluded, b"k" * 16)


@pytest.fixture
def result(ready):
    """What a tally comes to, with three detectors of which the second is missing; all judge all files."""

    def result(tally, masks=(0b111, 0b111)):
        hows = (BuiltIn(judge), MISSING, BuiltIn(judge))
        prepared = ready(
            *(
                Detector(id=name, version=1, title=name, types=frozenset(), how=how)
                for name, how in zip(IDS, hows, strict=True)
            )
        )
        tree = {name: Entry(0, b"", mask) for name, mask in zip("ab", masks, strict=False)}
        return tally.result(prepared, ["1", "", "3"], len(tree), file_counts(tree), (), ("notice",))

    return result


def outcomes(result):
    return {one.id: one.outcome for one in result.detectors}


def test_every_detector_is_clean_until_something_is_said(result):
    found = result(Tally())
    assert outcomes(found) == {"one": "clean", "two": "missing", "three": "clean"}
    assert found.summary == CheckSummary(2, 0, 0, 0, 0)
    assert found.notices == ("notice",)


def test_pairs_are_counted_by_detector_and_summed(result):
    tally = Tally()
    tally.checked.update({0: 1, 2: 2})
    tally.reused.update({0: 1})
    tally.durations[2] = 0.123456
    found = result(tally)
    assert (found.summary.checked, found.summary.reused) == (3, 1)
    assert [(one.checked, one.reused, one.duration_s) for one in found.detectors] == [
        (1, 1, 0.0),
        (0, 0, 0.0),
        (2, 0, 0.1235),
    ]


def test_in_whatever_order_tools_end_their_troubles_are_told_in_one(result):
    said = [Trouble("three", "b", "m"), Trouble(None, None, "m"), Trouble("one", "b", "m"), Trouble("one", "a", "m")]
    one, other = Tally(), Tally()
    one.troubles += said
    other.troubles += reversed(said)
    assert result(one).troubles == result(other).troubles == (said[1], said[3], said[2], said[0])


def test_a_detector_without_a_file_is_left_out(result):
    assert outcomes(result(Tally(), (0b001, 0b101))) == {"one": "clean", "three": "clean"}
    assert result(Tally(), ()).detectors == ()


def test_the_gravest_outcome_is_the_one(result):
    tally = Tally()
    tally.tell(told(0, "a", excluded=True), ())
    assert outcomes(result(tally))["one"] == "clean"  # of two files one was judged
    tally.tell(told(0, "b", excluded=True), ())
    assert outcomes(result(tally))["one"] == "excluded"
    tally.fixed.append(Fixed("one", "a"))
    assert outcomes(result(tally))["one"] == "fixed"
    tally.tell(told(0, "a"), [finding()])
    assert outcomes(result(tally))["one"] == "findings"
    tally.fail(0, Trouble("one", "a", "why"))
    assert outcomes(result(tally))["one"] == "error"
    assert outcomes(result(tally))["three"] == "clean"


def test_why_a_detector_could_not_judge_is_said_with_it(result):
    tally = Tally()
    tally.fail(0, Trouble("one", "a", "first"))
    tally.fail(0, Trouble("one", "b", "second"))
    messages = {one.id: one.message for one in result(tally).detectors}
    assert messages["one"] == "first"
    assert messages["two"].startswith("no-such-tool is missing")
    assert messages["three"] is None


def test_what_is_tolerated_is_no_error(result):
    tally = Tally()
    tally.troubles += [Trouble("two", None, "missing", tolerated=True), Trouble("one", "a", "why")]
    assert result(tally).summary.errors == 1


def test_findings_are_shown_by_place_and_detector(result):
    tally = Tally()
    tally.tell(
        told(),
        [finding("b"), finding("a", 2), finding("a", None), finding("a", 2, "one", "q"), finding("a", 2, "alpha")],
    )
    shown = [(one.path, one.line, one.detector, one.rule) for one in result(tally).findings]
    assert shown == sorted(shown, key=lambda one: (one[0], one[1] or 0, *one[2:]))
    assert len(shown) == 5


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({}, 0),
        ({"findings": (finding(),)}, 1),
        ({"fixed": (Fixed("one", "a"),)}, 1),
        ({"troubles": (Trouble("one", None, "why", tolerated=True),)}, 0),
        ({"troubles": (Trouble("one", None, "why"),)}, 3),
        ({"troubles": (Trouble("one", None, "why"),), "findings": (finding(),)}, 3),
        ({"troubles": (Trouble("one", None, "why", tolerated=True),), "findings": (finding(),)}, 1),
    ],
)
def test_what_could_not_be_judged_outranks_what_was_found(more, code):
    values = {"findings": (), **more}
    assert CheckResult(CheckSummary(0, 0, 0, 0, 0), (), **values).exit_code == code


TREE = {"a": Entry(0, b"", 0b11), "b": Entry(0, b"", 0b10), "\udce9": Entry(0, b"", 0b01)}


def outcomes_of_files(tally):
    return [(*one,) for one in file_outcomes(IDS, TREE, tally.reported, tally.troubles)]


def test_each_detector_is_listed_with_each_of_its_files():
    tally = Tally()
    tally.tell(told(0, "a"), [finding()])
    tally.tell(told(1, "b", excluded=True), [])
    assert outcomes_of_files(tally) == [
        ("one", "a", "findings"),
        ("two", "a", "clean"),
        ("two", "b", "excluded"),
        ("one", '"\\351"', "clean"),
    ]


def test_no_file_of_a_detector_in_trouble_is_clean():
    tally = Tally()
    tally.tell(told(0, "a"), [finding()])
    tally.fail(0, Trouble("one", None, "why"))
    tally.fail(1, Trouble("two", "b", "why"))
    assert [outcome for _, _, outcome in outcomes_of_files(tally)] == ["findings", "clean", "error", "error"]


def test_what_hinders_a_whole_project_is_told_once():
    stopped = [Trouble("mypy", path, "stopped") for path in ("a", "b", "c")]
    others = [Trouble("ruff", "a", "stopped"), Trouble("ruff", "b", "stopped"), Trouble("mypy", "d", "changed")]
    told = gathered([stopped[0], *others, *stopped[1:]], {"mypy"})
    assert told == (Trouble("mypy", None, "stopped (3 files)"), *others)
