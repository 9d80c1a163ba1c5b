"""The command `check`: what is asked for is what is judged, and what is said goes where it belongs."""

from __future__ import annotations

import json

import jsonschema
import pytest

from pipeline_state.store.schema import schema_folder
from pipeline_state.store.state import open_state

SCHEMA = json.loads((schema_folder() / "report.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

BROKEN = "a = (\n"


@pytest.fixture
def place(repository, git):
    """A repository with a broken file that is tracked, one that is staged, and one that is neither."""
    (repository / "tracked.py").write_text(BROKEN)
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "one")
    (repository / "staged.py").write_text(BROKEN)
    git(repository, "add", ".")
    (repository / "untracked.py").write_text(BROKEN)
    return repository


@pytest.fixture
def report(command, place):
    """The JSON report of `check` with these words, once it is what its schema promises."""
    assert place.exists()

    def report(*words):
        answer = command("check", "--json", *words)
        VALIDATOR.validate(answer.json)
        assert answer.json["run"]["exit_code"] == answer.code
        return answer.json

    return report


def judged(report):
    return {one["path"] for one in report["findings"]}


@pytest.mark.parametrize(
    ("words", "selection", "paths"),
    [
        ([], "all", {"tracked.py", "staged.py", "untracked.py"}),
        (["--all-files"], "tracked", {"tracked.py", "staged.py"}),
        (["--staged"], "staged", {"staged.py"}),
        (["untracked.py", "tracked.py"], "named", {"tracked.py", "untracked.py"}),
        (["--from-ref", "HEAD", "--to-ref", "HEAD"], "range", set()),
        (["."], "named", {"tracked.py", "staged.py", "untracked.py"}),
    ],
)
def test_what_is_selected_is_judged(report, words, selection, paths):
    found = report(*words)
    assert (found["run"]["selection"], judged(found)) == (selection, paths)


def test_what_is_found_again_is_reused_and_told_again(report):
    first, second = report(), report()
    assert first["summary"]["reused"] == 0
    assert second["summary"]["checked"] == 0
    assert second["summary"]["reused"] == first["summary"]["checked"]
    assert second["findings"] == first["findings"]


def test_without_the_cache_everything_is_judged_and_nothing_is_stored(report):
    for _ in range(2):
        found = report("--no-cache")
        assert found["summary"]["reused"] == 0
    assert report()["summary"]["reused"] == 0


def test_detectors_are_chosen_and_left_out(report):
    def ids(*words):
        return {one["id"] for one in report(*words)["detectors"]}

    everything = ids()
    assert {"python-syntax", "end-of-file"} <= everything
    assert ids("--detector", "python-syntax") == {"python-syntax"}
    assert ids("--detector", "python-syntax", "--detector", "json") == {"python-syntax"}
    assert ids("--skip", "python-syntax") == everything - {"python-syntax"}
    assert ids("--skip", "built-in") == set()
    assert ids("--detector", "built-in", "--skip", "end-of-file") == everything - {"end-of-file"}


def test_a_run_is_recorded_under_the_id_that_is_told(report, git, place):
    run = report()["run"]
    with open_state() as state:
        recorded = state.runs.get(run["id"])
        assert recorded.status == "finished"
        assert (recorded.commit_id, recorded.branch) == (git(place, "rev-parse", "HEAD"), "main")
        assert state.check_runs.summary(run["id"]).findings == 3
    assert (run["commit"], run["branch"]) == (recorded.commit_id, recorded.branch)


@pytest.mark.usefixtures("place")
def test_the_report_is_alone_on_standard_output(command):
    found = command("check")
    assert (found.code, found.err) == (1, "")
    assert found.out.splitlines()[-1].startswith("3 findings: ")
    explained = command("check", "--explain", "tracked.py")
    assert len(explained.out.splitlines()) == 2
    assert "reused python-syntax tracked.py: nothing moved" in explained.err


def test_why_is_explained_by_what_moved(command, place):
    command("check")
    (place / "tracked.py").write_text("b = (\n")
    explained = command("check", "--explain", "--detector", "python-syntax").err.splitlines()
    assert "judged python-syntax tracked.py: moved: content" in explained
    assert "reused python-syntax staged.py: nothing moved" in explained
    (place / "new.py").write_text("")
    assert "judged python-syntax new.py: not judged before" in command("check", "--explain").err


def test_fixing_repairs_and_says_so_and_then_is_done(command, place):
    (place / "text.txt").write_text("trailing  \nno end")
    fixed = command("check", "--fix", "text.txt")
    assert (fixed.code, (place / "text.txt").read_text()) == (1, "trailing\nno end\n")
    assert set(fixed.out.splitlines()[:2]) == {
        "text.txt: fixed [trailing-whitespace]",
        "text.txt: fixed [end-of-file]",
    }
    assert command("check", "--fix", "text.txt").code == 0


def test_a_staged_file_that_differs_from_the_index_is_said_and_not_judged(command, place):
    (place / "staged.py").write_text("a = 1\n")
    found = command("check", "--staged", "--json")
    assert found.code == 3
    assert judged(found.json) == set()
    assert "stage or stash" in found.err


def test_a_report_can_go_to_a_file(command, place):
    found = command("check", "--output", "report.txt")
    assert (found.code, found.out) == (1, "")
    assert "3 findings" in (place / "report.txt").read_text()


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_how_many_work_at_once_changes_nothing(report, jobs):
    assert len(report("--no-cache", "--jobs", jobs)["findings"]) == 3
