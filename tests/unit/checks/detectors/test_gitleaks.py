"""The declaration of gitleaks, held against the real gitleaks where it is installed, and what it wrote elsewhere."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pipeline_state.checks.declaration import Output, ReportError
from pipeline_state.checks.detectors import gitleaks_configuration, gitleaks_report
from pipeline_state.checks.detectors.gitleaks import GITLEAKS

SECRET = "AKIA" + "IMN7LDVQPH5ZQ2XY"  # in two parts: no scanner shall take this file for one that has a key in it
BAD, GOOD = f'first = 1\naws = "{SECRET}"\n', "first = 1\n"
RULE = "aws-access-token"


def test_each_finding_has_the_line_severity_and_category_of_its_rule_and_no_secret(bench):
    bench.write("a.py", BAD)
    (problem,) = bench.judge(GITLEAKS).problems["a.py"]
    assert (problem.rule, problem.line, problem.column, problem.severity, problem.category) == (
        *(RULE, 2, None),
        *("error", "security"),
    )
    assert SECRET not in repr(problem)


def test_a_secret_that_is_a_part_of_what_matched_is_a_finding(bench):
    """The most common rule of gitleaks finds the name of a key with it, and shows that."""
    bench.write("a.py", 'api_key = "a8f5b2c9d1e3' + 'f7a6b4c8d2e9f1a3b5c7"\n')
    (problem,) = bench.judge(GITLEAKS).problems["a.py"]
    assert (problem.rule, problem.line) == ("generic-api-key", 1)
    assert "api_key" not in repr(problem)


def test_each_file_is_judged_by_itself(bench):
    bench.write("bad.py", BAD)
    bench.write("in/good.py", GOOD)
    bench.write("other.py", BAD)
    assert bench.rules(GITLEAKS, "bad.py", "in/good.py") == {"bad.py": [RULE], "in/good.py": []}


def test_what_is_passed_over_is_excluded_and_what_cannot_be_read_is_an_error(bench):
    bench.write("node_modules/a.py", BAD)
    bench.write("empty.py", "")
    assert bench.rules(GITLEAKS, "node_modules/a.py", "empty.py", "gone.py") == {
        "node_modules/a.py": "excluded",
        "empty.py": "excluded",
        "gone.py": "error",
    }


def test_many_files_of_a_folder_are_judged_in_one_run_as_they_are_by_themselves(bench):
    names = [f"in/{n}/f{n}.py" for n in range(8)]
    for name in names:
        bench.write(name, GOOD)
    bench.write("in/3/f3.py", BAD)
    bench.write("in/5/f5.py", "")
    bench.write("in/other.py", BAD)  # not asked for
    bench.write("in/.gitleaks.toml", ALLOWED)
    runner = bench.runner(GITLEAKS)
    assert runner._runs([*names, "b.py", "a.py"]) == [names, ["b.py"], ["a.py"]]
    expected = {**{name: [] for name in names}, "in/3/f3.py": [RULE], "in/5/f5.py": "excluded"}
    assert bench.rules(GITLEAKS, *names) == expected
    bench.write("in/3/f3.py", GOOD)  # a finding is left, of a file that is not asked for
    assert bench.rules(GITLEAKS, *names) == {**expected, "in/3/f3.py": []}
    bench.write("in/.gitleaksignore", "x\n")
    assert runner._runs(names) == [[name] for name in names]
    assert runner._runs([f"in/é{n}" for n in range(8)]) == [[f"in/é{n}"] for n in range(8)]


def test_a_run_over_a_folder_whose_log_does_not_end_is_no_verdict():
    names = ("in/a.py", "in/b.py")
    log = b"".join(b"3:06PM TRC scanning path path=%s\n" % name.encode() for name in names)
    whole = Output(("gitleaks",), 0, b"[]", log + b"3:06PM INF scanned ~4 bytes (4 bytes) in 1ms\n", names)
    assert gitleaks_report.parse(whole).judged == set(names)
    with pytest.raises(ReportError, match="end"):
        gitleaks_report.parse(Output(("gitleaks",), 0, b"[]", log, names))
    with pytest.raises(ReportError, match="permission denied"):
        gitleaks_report.parse(
            Output(("gitleaks",), 0, b"[]", log + b"3:06PM WRN skipping file: permission denied path=in/b.py\n", names)
        )


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_strange_names_are_names(bench):
    names = ["-c.py", "é we\nird '\".py", os.fsdecode(b"caf\xe9.py")]
    for name in names:
        bench.write(name, BAD)
    assert bench.rules(GITLEAKS, *names) == {name: [RULE] for name in names}


def test_a_secret_that_the_arguments_would_show_is_refused_and_not_repeated(bench):
    bench.write("a.py", BAD)
    answer = bench.judge(GITLEAKS, args=("--redact=10",))
    assert "--redact" in answer.errors["a.py"]
    assert SECRET[:10] not in answer.errors["a.py"]


ALLOWED = "[extend]\nuseDefault = true\n[[allowlists]]\npaths = ['^in/']\n"


def test_configuration_counts_from_the_root_alone(bench):
    bench.write("in/a.py", BAD)
    bench.write("in/.gitleaks.toml", ALLOWED)
    bench.write("in/.gitleaksignore", f"in/a.py:{RULE}:2\n")
    assert bench.rules(GITLEAKS, "in/a.py") == {"in/a.py": [RULE]}
    bench.write(".gitleaks.toml", ALLOWED)
    assert bench.rules(GITLEAKS, "in/a.py") == {"in/a.py": "excluded"}
    bench.write(".gitleaks.toml", "[[rules]]\nid = 'mine'\ndescription = 'Mine.'\nregex = 'first'\n")
    assert bench.rules(GITLEAKS, "in/a.py") == {"in/a.py": ["mine"]}
    (bench.root / ".gitleaks.toml").unlink()
    assert bench.rules(GITLEAKS, "in/a.py") == {"in/a.py": [RULE]}
    bench.write(".gitleaksignore", f"in/a.py:{RULE}:2\n")
    assert bench.rules(GITLEAKS, "in/a.py") == {"in/a.py": []}
    assert set(GITLEAKS.how.configuration.names) == {".gitleaks.toml", ".gitleaksignore"}


def test_a_comment_in_the_file_is_heard(bench):
    bench.write("a.py", BAD.replace('"\n', '"  # gitleaks:allow\n'))
    assert bench.rules(GITLEAKS) == {"a.py": []}


def test_configuration_may_be_named_and_extended(bench):
    bench.write("a.py", BAD)
    bench.write("ci/base.toml", "[[rules]]\nid = 'mine'\ndescription = 'Mine.'\nregex = 'first'\n")
    bench.write("ci/main.toml", "[extend]\npath = 'ci/base.toml'\n")
    assert bench.rules(GITLEAKS, "a.py", args=("-c", "ci/main.toml")) == {"a.py": ["mine"]}
    found = gitleaks_configuration.references("main.toml", (bench.root / "ci/main.toml").read_bytes())
    assert (found.paths, found.from_root) == (("ci/base.toml",), True)


def test_arguments_and_configurations_name_their_files():
    named, references = gitleaks_configuration.in_arguments, gitleaks_configuration.references
    assert named(["-c", "a", "--baseline-path=b", "-id"]).paths == ("a", "b", "d", "d/.gitleaksignore")
    assert references("x.toml", b"[extend]\nurl = 'https://example.org'\n").unknown
    assert references("x.toml", b"extend = 1\n").paths == references("x.toml", b"\xff").paths == ()


@pytest.mark.parametrize("content", ["{", "[[rules]]\nid = 'mine'\n"])
def test_a_configuration_that_gitleaks_refuses_is_an_error(bench, content):
    bench.write("a.py", BAD)
    bench.write(".gitleaks.toml", content)
    assert bench.rules(GITLEAKS, "a.py") == {"a.py": "error"}


def test_gitleaks_looks_at_nothing_that_is_not_declared(bench):
    bench.write("in/a.py", BAD)
    beside = {os.path.join(os.path.realpath(bench.root), "in/a.py/.gitleaksignore")}  # below a file there is none
    assert bench.looked_at(GITLEAKS, "in/a.py") <= bench.declared(GITLEAKS, "in/a.py") | beside


REPORTS = Path(__file__).parent / "reports"
WHOLE, LOG = ((REPORTS / f"gitleaks-8.30.{ending}").read_bytes() for ending in ("json", "log"))


def report(stdout=WHOLE, stderr=LOG, exit_code=1):
    return gitleaks_report.parse(Output(("gitleaks", "a.py"), exit_code, stdout, stderr, ("a.py",)))


def test_a_recorded_report_is_read():
    (problem,) = report().problems["a.py"]
    assert (problem.rule, problem.line) == (RULE, 2)
    assert problem.message.startswith("Identified a pattern that may indicate AWS credentials")


def test_no_beginning_of_a_report_is_a_report():
    for length in range(0, len(WHOLE.rstrip()), 11):
        with pytest.raises(ReportError):
            report(WHOLE[:length])


def test_without_a_log_that_says_what_was_scanned_there_is_no_verdict():
    for log in (b"", LOG.replace(b"scanning path", b"looking at"), LOG * 2):
        for stdout, exit_code in ((WHOLE, 1), (b"[]", 0)):
            with pytest.raises(ReportError, match="log"):
                report(stdout, log, exit_code)
    passed_over = b"3:06PM DBG skipping file: global allowlist path=a.py\n"
    assert report(b"[]", passed_over, 0).excluded == {"a.py"}
    with pytest.raises(ReportError, match="did not scan"):
        report(WHOLE, passed_over)
    with pytest.raises(ReportError, match="permission denied"):
        report(b"[]", LOG + b"3:06PM WRN skipping file: permission denied path=a.py\n")


ENTRY = json.loads(WHOLE)[0]


@pytest.mark.parametrize(
    "entry",
    [1, {}, *({**ENTRY, part: wrong} for part in ("RuleID", "StartLine", "File", "Description") for wrong in ([], {}))],
)
def test_what_gitleaks_would_not_write_is_no_report(entry):
    with pytest.raises(ReportError):
        report(json.dumps([entry]).encode())


@pytest.mark.parametrize(("stdout", "exit_code"), [(WHOLE, 0), (b"[]", 1)])
def test_an_exit_code_that_says_something_else_is_not_believed(stdout, exit_code):
    with pytest.raises(ReportError, match="exit code"):
        report(stdout, LOG, exit_code)


def test_what_it_shows_is_never_repeated():
    with pytest.raises(ReportError) as raised:
        report(json.dumps([{**ENTRY, "Secret": SECRET}]).encode())
    assert SECRET not in str(raised.value)
    assert SECRET not in repr(report(json.dumps([{**ENTRY, "Match": f"key = {SECRET}"}]).encode()))
    with pytest.raises(ReportError) as raised:
        report(WHOLE + SECRET.encode())
    assert SECRET not in str(raised.value)
