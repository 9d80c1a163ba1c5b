"""The declaration of hadolint, held against the real hadolint."""

from __future__ import annotations

import json
import os

import pytest

from pipeline_state.checks.declaration import Output, ReportError
from pipeline_state.checks.detectors import hadolint_report
from pipeline_state.checks.detectors.hadolint import HADOLINT

BAD, GOOD = "FROM debian\n", "FROM debian:12\n"


def test_each_finding_has_the_place_severity_and_category_of_its_rule(bench):
    bench.write("Dockerfile", 'FROM debian\nRUN sudo x\nRUN cd "$a"; echo `x`\n')
    bench.write("broken.Dockerfile", "FROM\nRUN [\n")
    bench.write("good.Dockerfile", GOOD)
    answer = bench.judge(HADOLINT)
    found = {(p.rule, p.line, p.severity, p.category) for p in answer.problems["Dockerfile"]}
    assert {
        ("DL3006", 1, "warning", "other"),
        ("DL3004", 2, "error", "security"),
        ("DL3003", 3, "warning", "other"),
        ("SC2006", 3, "note", "style"),
    } <= found
    (problem,) = answer.problems["broken.Dockerfile"]
    assert (problem.rule, problem.line, problem.column, problem.severity, problem.category) == (
        "DL1000",
        1,
        5,
        "error",
        "syntax",
    )
    assert answer.problems["good.Dockerfile"] == ()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_strange_names_are_names(bench):
    names = ["-c.dockerfile", "@d", "a b", "é", "we\nird", "quote'\"", "[a]", "*"]
    for name in names:
        bench.write(name, BAD)
    assert bench.rules(HADOLINT, *names) == {name: ["DL3006"] for name in names}


def test_what_cannot_be_read_is_an_error_and_hides_no_other(bench):
    bench.write("Dockerfile", BAD)
    bench.write("latin", b"FROM debian:12\nRUN echo \xff\n")
    bench.write("empty", "")
    assert bench.rules(HADOLINT, "Dockerfile", "gone", "latin", "empty") == {
        "Dockerfile": ["DL3006"],
        "gone": "error",
        "latin": [],
        "empty": [],
    }
    assert bench.rules(HADOLINT, "latin", args=("--nonsense",)) == {"latin": "error"}


@pytest.mark.parametrize("name", [".hadolint.yaml", ".hadolint.yml", "../../home/.config/hadolint.yaml"])
def test_configuration_counts_in_the_root_and_in_the_home_folder(bench, name):
    bench.write("in/Dockerfile", BAD)
    for elsewhere in (f"in/{os.path.basename(name)}", f"../{os.path.basename(name)}"):
        bench.write(elsewhere, "ignored: [DL3006]\n")
    assert bench.rules(HADOLINT, "in/Dockerfile") == {"in/Dockerfile": ["DL3006"]}
    bench.write(name, "ignored: [DL3006]\n")
    assert bench.rules(HADOLINT, "in/Dockerfile") == {"in/Dockerfile": []}
    assert HADOLINT.how.configuration.where == "root"


@pytest.mark.parametrize("text", ["format: tty", "format: sarif", "failure-threshold: error", "no-fail: true"])
def test_no_setting_of_the_project_hides_what_was_found(bench, text):
    bench.write("Dockerfile", BAD)
    bench.write("good", GOOD)
    bench.write(".hadolint.yaml", f"{text}\nverbose: true\n")
    assert bench.rules(HADOLINT, "Dockerfile", "good") == {"Dockerfile": ["DL3006"], "good": []}


def test_a_configuration_that_hadolint_passes_over_is_an_error(bench):
    bench.write("Dockerfile", BAD)
    bench.write(".hadolint.yaml", "ignored: [\n")
    assert bench.rules(HADOLINT, "Dockerfile") == {"Dockerfile": "error"}


def test_the_configuration_that_the_arguments_name_counts(bench):
    bench.write("Dockerfile", BAD)
    bench.write("ci.yaml", "ignored: [DL3006]\n")
    assert bench.rules(HADOLINT, "Dockerfile", args=("--config=ci.yaml",)) == {"Dockerfile": []}
    named = hadolint_report.in_arguments(["--config", "a", "-cb", "-c", "c", "--config=d", "--ignore", "DL3006"])
    assert named.paths == ("a", "b", "c", "d")


def test_hadolint_looks_at_nothing_that_is_not_declared(bench):
    bench.write("in/Dockerfile", BAD)
    assert bench.looked_at(HADOLINT, "in/Dockerfile") <= bench.declared(HADOLINT, "in/Dockerfile")


ENTRY = {
    "code": "DL3006",
    "column": 1,
    "file": "Dockerfile",
    "level": "warning",
    "line": 1,
    "message": "Always tag the version of an image explicitly",
}
WHOLE = json.dumps([ENTRY]).encode()


def report(stdout, stderr=b""):
    return hadolint_report.parse(Output(("hadolint", "Dockerfile"), 1, stdout, stderr, ("Dockerfile",)))


def test_a_whole_report_is_read():
    assert [(p.rule, p.line, p.column) for p in report(WHOLE).problems["Dockerfile"]] == [("DL3006", 1, 1)]
    assert report(b"[]").problems == {}
    assert report(WHOLE + WHOLE) == report(WHOLE), "its configuration asks for another one"


def test_no_beginning_of_a_report_is_a_report():
    for length in range(len(WHOLE)):
        with pytest.raises(ReportError):
            report(WHOLE[:length])


@pytest.mark.parametrize(
    "stdout",
    [b"", b"x[]", b"null", b"[1]", b"[[[[" * 50_000]
    + [WHOLE.replace(b'"line": 1', other) for other in (b'"line": "1"', b'"x": 1', b'"line": null')]
    + [WHOLE.replace(b'"warning"', b'"grave"'), WHOLE.replace(b'"DL3006"', b"1")],
)
def test_what_hadolint_would_not_write_is_no_report(stdout):
    with pytest.raises(ReportError):
        report(stdout)


def test_a_complaint_names_the_files_that_it_is_about():
    with pytest.raises(ReportError) as raised:
        report(WHOLE, b"hadolint: Dockerfile: withBinaryFile: does not exist (No such file or directory)\nHasCall")
    assert raised.value.paths == ("Dockerfile",)
