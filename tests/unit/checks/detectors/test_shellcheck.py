"""The declaration of shellcheck, held against the real shellcheck."""

from __future__ import annotations

import json
import os

import pytest

from pipeline_state.checks.declaration import Output, ReportError
from pipeline_state.checks.detectors import shellcheck_report
from pipeline_state.checks.detectors.shellcheck import SHELLCHECK

BAD, GOOD = "#!/bin/sh\necho $1\n", '#!/bin/sh\necho "$1"\n'


def test_each_finding_has_the_place_severity_and_category_of_its_rule(bench):
    bench.write("a.sh", "#!/bin/sh\necho 'é'\t$1 $nothing\necho `x` y\n")
    found = bench.judge(SHELLCHECK).problems["a.sh"]
    seen = {p.rule: (p.line, p.column, p.end_line, p.end_column, p.severity, p.category) for p in found}
    assert seen["SC2154"] == (2, 13, 2, 21, "warning", "other")
    assert seen["SC2006"] == (3, 6, 3, 9, "note", "style")
    assert (10, 12) in [(p.column, p.end_column) for p in found if p.rule == "SC2086"], "of characters; a tab is one"


def test_of_two_files_the_one_without_findings_is_clean(bench):
    bench.write("bad.sh", BAD)
    bench.write("good.sh", GOOD)
    assert bench.rules(SHELLCHECK) == {"bad.sh": ["SC2086"], "good.sh": []}


def test_a_syntax_error_is_an_error(bench):
    bench.write("a.sh", "#!/bin/sh\nif [ x\n")
    found = {p.rule: (p.severity, p.category) for p in bench.judge(SHELLCHECK).problems["a.sh"]}
    assert found["SC1073"] == ("error", "syntax")
    assert found["SC1009"] == ("note", "other")


def test_bytes_that_are_not_utf_8_are_judged_and_what_is_missing_is_an_error(bench):
    bench.write("a.sh", b"#!/bin/sh\necho \xff $1\n")
    assert bench.rules(SHELLCHECK, "a.sh", "gone.sh") == {"a.sh": ["SC2086"], "gone.sh": "error"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_strange_names_are_names(bench):
    names = ["-c.sh", "@d.sh", "a b.sh", "é.sh", "we\nird.sh", "quote'\".sh"]
    for name in names:
        bench.write(name, BAD)
    assert bench.rules(SHELLCHECK, *names) == {name: ["SC2086"] for name in names}


def test_a_verdict_does_not_depend_on_which_other_files_are_judged(bench):
    bench.write("a.sh", "#!/bin/sh\n. ./b.sh\n")
    bench.write("b.sh", GOOD)
    assert bench.rules(SHELLCHECK, "a.sh") == {"a.sh": ["SC1091"]}
    assert bench.rules(SHELLCHECK, "a.sh", "b.sh") == {"a.sh": ["SC1091"], "b.sh": []}
    (bench.root / "b.sh").unlink()
    assert bench.rules(SHELLCHECK, "a.sh") == {"a.sh": ["SC1091"]}


def test_where_sourced_files_are_read_the_verdict_is_unknown():
    references, named = shellcheck_report.references, shellcheck_report.in_arguments
    assert references(".shellcheckrc", b"# x\nexternal-sources=true\n").unknown
    assert references(".shellcheckrc", b"external-sources=false\ndisable=SC2086\n").unknown is None
    assert all(named([argument]).unknown for argument in ("-x", "-ax", "--external-sources"))
    assert named(["-s", "bash", "--rcfile", "a", "--rcfile=b", "-e", "SC1"]) == named(["--rcfile=a", "--rcfile=b"])
    assert named(["--rcfile=a"]).paths == ("a",)


@pytest.mark.parametrize(
    "name",
    [
        *("in/.shellcheckrc", "in/shellcheckrc", ".shellcheckrc", "../shellcheckrc", "../../home/.shellcheckrc"),
        "../../home/.config/shellcheckrc",
    ],
)
def test_configuration_counts_at_each_level_and_in_the_home_folder(bench, name):
    bench.write("in/a.sh", BAD)
    bench.write(name, "disable=SC2086\n")
    assert bench.rules(SHELLCHECK, "in/a.sh") == {"in/a.sh": []}


def test_a_configuration_that_shellcheck_refuses_is_an_error(bench):
    bench.write("a.sh", BAD)
    bench.write(".shellcheckrc", "nonsense here\n")
    assert bench.rules(SHELLCHECK, "a.sh") == {"a.sh": "error"}
    assert bench.rules(SHELLCHECK, "a.sh", args=("--nonsense",)) == {"a.sh": "error"}


def test_shellcheck_looks_at_nothing_that_is_not_declared(bench):
    bench.write("in/a.sh", "#!/bin/sh\n. ./b.sh\n. nowhere\n")
    root = os.path.realpath(bench.root)
    sourced = {f"{root}/b.sh", f"{root}/nowhere"}  # looked for, and without effect: see above
    assert bench.looked_at(SHELLCHECK, "in/a.sh") <= bench.declared(SHELLCHECK, "in/a.sh") | sourced


ENTRY = {
    "file": "a.sh",
    "line": 2,
    "endLine": 2,
    "column": 6,
    "endColumn": 8,
    "level": "info",
    "code": 2086,
    "message": "Double quote to prevent globbing and word splitting.",
    "fix": None,
}
WHOLE = json.dumps({"comments": [ENTRY]}).encode()


def report(stdout):
    return shellcheck_report.parse(Output(("shellcheck", "a.sh"), 1, stdout, b""))


def test_a_whole_report_is_read():
    (problem,) = report(WHOLE).problems["a.sh"]
    assert (problem.rule, problem.line, problem.column, problem.end_column) == ("SC2086", 2, 6, 8)
    assert report(b'{"comments":[]}').problems == {}


def test_no_beginning_of_a_report_is_a_report():
    for length in range(len(WHOLE)):
        with pytest.raises(ReportError):
            report(WHOLE[:length])


@pytest.mark.parametrize(
    "stdout",
    [b"[]", b"{}", b"null", b'{"comments": [1]}', b"[[[[" * 50_000, WHOLE + b"x"]
    + [WHOLE.replace(b'"code": 2086', other) for other in (b'"code": "2086"', b'"x": 1', b'"code": 1134')]
    + [WHOLE.replace(b'"info"', b'"grave"'), WHOLE.replace(b'"line": 2', b'"line": null')],
)
def test_what_shellcheck_would_not_write_is_no_report(stdout):
    with pytest.raises(ReportError):
        report(stdout)
