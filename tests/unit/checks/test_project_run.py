"""A tool that is run over its whole project: what it says of each selected file, and what nobody may believe."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from pipeline_state.checks.batches import ToolRunner
from pipeline_state.checks.declaration import ProjectRun, Report, ReportError, Tool
from pipeline_state.checks.findings import Problem
from pipeline_state.checks.processes import Processes

FOUND = (Problem("bad", "is bad"),)
WHOLE = ProjectRun(targets=(".",))


@pytest.fixture
def judge(tmp_path):
    """Runs a tool that gives this report, as a dictionary, and ends with this code; returns what is said of files."""

    def judge(report, *paths, code=0, run=WHOLE):
        def parse(output):
            (tmp_path / "argv").write_text(json.dumps(output.argv[3:]))
            return Report(**report)

        tool = Tool("tool", ("-c", f"raise SystemExit({code})"), parse, {0: "clean", 1: "findings"})
        runner = ToolRunner(
            tool=tool,
            executable=Path(os.path.realpath(sys.executable)),
            args=("--theirs",),
            root=tmp_path,
            environment={},
            timeout_s=60,
            processes=Processes(),
        )
        return runner.judge_project(run, ("--cache=here",), paths)

    return judge


def test_it_is_run_once_over_its_targets_and_told_of_the_selected_files_alone(judge, tmp_path):
    report = {"problems": {"./a.py": FOUND, os.fspath(tmp_path / "b.py"): FOUND, "c.py": FOUND, "/usr/x.py": FOUND}}
    answer = judge(report, "a.py", "b.py", "d.py", code=1)
    assert answer.problems == {"a.py": FOUND, "b.py": FOUND, "d.py": ()}
    assert json.loads((tmp_path / "argv").read_text()) == ["--theirs", "--cache=here", "."]


@pytest.mark.parametrize(("others", "kind"), [("excluded", "excluded"), ("error", "errors")])
def test_a_file_that_it_does_not_name_is_clean_only_where_it_judged_it(judge, others, kind):
    report = {"problems": {}, "judged": frozenset({"./a.py"}), "others": others}
    answer = judge(report, "a.py", "b.py")
    assert answer.problems == {"a.py": ()}
    assert list(getattr(answer, kind)) == ["b.py"]


def test_a_file_that_it_says_it_passes_over_is_excluded(judge):
    answer = judge({"problems": {}, "excluded": frozenset({"./a.py"})}, "a.py", "b.py")
    assert (answer.excluded, answer.problems) == ({"a.py"}, {"b.py": ()})


def test_a_file_that_it_could_not_process_is_an_error(judge):
    answer = judge({"problems": {}, "unprocessed": {"a.py": "too hard"}}, "a.py", "b.py", code=1)
    assert answer.errors == {"a.py": "too hard"}
    assert list(answer.problems) == ["b.py"]


def test_files_that_are_only_counted_must_be_as_many_as_are_expected(judge):
    run = ProjectRun(judged=frozenset({"a.py", "b.py"}), ignored=frozenset({"b.py"}))
    answer = judge({"problems": {}, "judged": 2, "others": "excluded"}, "a.py", "b.py", "c.py", run=run)
    assert (list(answer.problems), answer.excluded) == (["a.py"], {"b.py", "c.py"})
    with pytest.raises(ReportError, match="2 were to be expected"):
        judge({"problems": {}, "judged": 3}, "a.py", run=run)
    with pytest.raises(ReportError, match="not known which"):
        judge({"problems": {}, "judged": 3}, "a.py")


def test_a_project_without_files_is_not_judged(judge, tmp_path):
    answer = judge({"problems": {}}, "a.py", run=ProjectRun(judged=frozenset()))
    assert answer.excluded == {"a.py"}
    assert not (tmp_path / "argv").exists()


@pytest.mark.parametrize(("report", "code"), [({"a.py": FOUND}, 0), ({}, 1), ({}, 7)])
def test_exit_code_and_report_must_say_the_same(judge, report, code):
    with pytest.raises(ReportError):
        judge({"problems": report}, "a.py", code=code)
