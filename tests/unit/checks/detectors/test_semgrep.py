"""The declaration of semgrep, held against the real semgrep where it is installed, and what it wrote elsewhere."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pipeline_state.checks.declaration import Output, ReportError
from pipeline_state.checks.detectors import semgrep_configuration, semgrep_report
from pipeline_state.checks.detectors.semgrep import SEMGREP

RULE = """\
  - id: no-{name}
    languages: [{language}]
    message: no {name}
    severity: {severity}
    pattern: {name}(...)
    metadata: {{category: {category}}}
"""
RULES = (
    "rules:\n"
    + RULE.format(name="eval", language="python", severity="ERROR", category="security")
    + RULE.format(name="input", language="python", severity="INFO", category="best-practice")
)
BAD, GOOD = "eval('1')\n", "x = 1\n"


def test_each_finding_has_the_place_severity_and_category_of_its_rule(bench):
    """One run says all of this: semgrep takes seconds to start."""
    bench.write(".semgrep.yml", RULES)
    names = ["bad.py", "in/good.py", "-c.py", "a [b]* é.py", "we\nird.py"] if os.name != "nt" else ["bad.py", "b c.py"]
    for name in names:
        bench.write(name, GOOD if "good" in name else f"{BAD}  # é\nx = input()\n")
    bench.write("half.py", "eval(1)\ndef (:\n")
    bench.write(".semgrepignore", "out/\n")
    bench.write("in/.semgrepignore", "a.py\n")
    for name in ("out/a.py", "in/a.py"):
        bench.write(name, BAD)
    bench.write("large.py", BAD + "#" * 1_000_000)
    answer = bench.judge(SEMGREP, *names, "half.py", "out/a.py", "in/a.py", "large.py")
    assert answer.errors == {}
    assert answer.excluded == {"out/a.py", "in/a.py", "large.py"}
    found = {name: [p.rule for p in problems] for name, problems in answer.problems.items()}
    assert "partly-parsed" in found.pop("half.py")
    assert found == {name: [] if "good" in name else ["no-eval", "no-input"] for name in names}
    problem, other = answer.problems["bad.py"]
    assert (problem.line, problem.column, problem.end_line, problem.end_column) == (1, 1, 1, 10)
    assert (problem.severity, problem.category, problem.message) == ("error", "security", "no eval")
    assert (other.severity, other.category) == ("note", "style")


def test_its_own_run_over_the_folder_finds_the_same(bench):
    bench.write("ci/rules.yml", RULES)
    bench.write(".semgrepignore", "/out/\n!/out/kept.py\n*.gen.py\n")
    for name in ("a.py", "out/a.py", "sub/out/b.py", "sub/x.gen.py", "tests/t.py"):
        bench.write(name, BAD)
    args = ("--config", "ci/rules.yml")
    own = bench.run(SEMGREP, *SEMGREP.how.check, *args, ".")
    assert own.stdout, own
    own = json.loads(own.stdout)
    answer = bench.judge(SEMGREP, *(path for path in bench.paths() if path.endswith(".py")), args=args)
    assert {path for path, found in answer.problems.items() if found} == {one["path"] for one in own["results"]}
    assert answer.errors == {}
    assert answer.excluded


def test_without_rules_there_is_no_verdict_and_nothing_is_started(bench):
    bench.write("a.py", BAD)
    assert "has no rules" in bench.judge(SEMGREP, "a.py").errors["a.py"]


@pytest.mark.parametrize("rules", ["rules: [", "rules: [{id: x}]", "- x"])
def test_rules_that_semgrep_refuses_are_an_error(bench, rules):
    bench.write("a.py", BAD)
    bench.write(".semgrep.yml", rules)
    assert bench.rules(SEMGREP, "a.py") == {"a.py": "error"}


def test_semgrep_looks_at_nothing_in_the_worktree_that_is_not_declared(bench):
    bench.write("in/a.py", BAD)
    bench.write(".semgrep.yml", RULES)
    root = os.path.realpath(bench.root)
    home = str(bench.home)
    strange = {path for path in bench.looked_at(SEMGREP, "in/a.py") if path.startswith((root, home))}
    # Its settings; and Git, which is asked for the name of the project.
    its_own = (f"{home}/.semgrep", f"{home}/.gitconfig", f"{home}/.config/git", f"{root}/.git", f"{root}/HEAD")
    its_own_files = {path for path in strange if path.startswith(its_own) and not path.startswith(f"{root}/.gitignore")}
    assert strange - its_own_files - {home} <= bench.declared(SEMGREP, "in/a.py")


def test_rules_from_elsewhere_are_told():
    named, references = semgrep_configuration.in_arguments, semgrep_configuration.references
    assert named(["--config", "a.yml", "-cb.yaml", "--config=c.yml", "-f", "d.yml"]).paths == (
        *("a.yml", "b.yaml", "c.yml", "d.yml"),
    )
    for value in ("auto", "p/python", "r/x.y", "rules", "https://example.org/rules.yml", ""):
        assert named(["--config", value]).unknown
    assert references("a.yml", b"rules:\n- mode: join\n  join:\n    refs:\n      - rule: b.yml\n").unknown
    assert references("a.yml", RULES.encode()).unknown is references(".semgrepignore", b"rule: x\n").unknown is None


WHOLE = (Path(__file__).parent / "reports/semgrep-1.182.json").read_bytes()
NAMES = ("a.py", "broken.py", "sp ace é%20.py", "left.py")


def report(stdout, exit_code=0):
    return semgrep_report.parse(Output(("semgrep", *NAMES), exit_code, stdout, b"", NAMES))


def test_a_recorded_report_is_read():
    found = report(WHOLE)
    assert {name: [(p.rule, p.severity) for p in said] for name, said in found.problems.items()} == {
        "a.py": [("no-eval", "error"), ("no-assert", "warning"), ("todo", "note")],
        "broken.py": [("partly-parsed", "note")],
    }
    assert (found.judged, found.others) == (frozenset(NAMES[:3]), "excluded")


def test_no_beginning_of_a_report_is_a_report():
    for length in range(0, len(WHOLE.rstrip()), 17):
        with pytest.raises(ReportError):
            report(WHOLE[:length])


def test_what_failed_is_no_verdict():
    data = json.loads(WHOLE)
    timeout = {"code": 2, "level": "warn", "type": "Timeout", "message": "Timeout at a.py", "path": "a.py"}
    assert report(json.dumps({**data, "errors": [timeout]}).encode()).unprocessed == {"a.py": "Timeout at a.py"}
    broken = {"code": 2, "level": "error", "type": "Rule parse error", "rule_id": "bad", "message": "Rule parse error"}
    with pytest.raises(ReportError, match="Rule parse error"):
        report(json.dumps({**data, "errors": [broken]}).encode())


@pytest.mark.parametrize(
    "stdout",
    [
        *(b"{}", b"[]", b"null", WHOLE + b"x"),
        WHOLE.replace(b'"scanned":["a.py",', b'"scanned":['),
        WHOLE.replace(b'"severity":"ERROR"', b'"severity":"GRAVE"'),
        WHOLE.replace(b'"check_id":"no-eval"', b'"check_id":null'),
        WHOLE.replace(b'"line":1,', b'"line":"x",'),
        WHOLE.replace(b'"errors":[', b'"errors":[1,'),
        WHOLE.replace(b'"paths":', b'"path":'),
    ],
)
def test_what_semgrep_would_not_write_is_no_report(stdout):
    with pytest.raises(ReportError):
        report(stdout)
