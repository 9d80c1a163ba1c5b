"""The declaration of detect-secrets, held against the real detect-secrets."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pipeline_state.checks.declaration import Output, ReportError
from pipeline_state.checks.detectors import detect_secrets_configuration, detect_secrets_report
from pipeline_state.checks.detectors.detect_secrets import DETECT_SECRETS

SECRET = "AKIA" + "IMN7LDVQPH5ZQ2XY"  # in two parts: no scanner shall take this file for one that has a key in it
BAD = f'first = 1\naws = "{SECRET}"\n'
GOOD = "first = 1\n"
RULE = "aws-access-key"


def baseline(bench, *names, **more):
    """Write a baseline as the tool itself does, with further settings."""
    said = bench.run(DETECT_SECRETS, "scan", "--no-verify", *names).stdout
    report = json.loads(said)
    for key, value in more.items():
        report[key] += value
    bench.write(".secrets.baseline", json.dumps(report))


def test_each_finding_has_the_place_severity_and_category_of_its_rule_and_no_secret(bench):
    bench.write("a.py", BAD + 'password = "correct horse"\n')
    found = bench.judge(DETECT_SECRETS).problems["a.py"]
    assert sorted((p.rule, p.line, p.severity, p.category) for p in found) == [
        (RULE, 2, "error", "security"),
        ("secret-keyword", 3, "warning", "security"),
    ]
    assert not any(secret in repr(found) for secret in (SECRET, "correct horse"))


def test_of_two_files_the_one_without_findings_is_clean(bench):
    bench.write("bad.py", BAD)
    bench.write("good.py", GOOD)
    bench.write("empty.py", "")
    assert bench.rules(DETECT_SECRETS) == {"bad.py": [RULE], "good.py": [], "empty.py": []}


def test_what_cannot_be_read_is_an_error_and_hides_no_other(bench):
    bench.write("a.py", BAD)
    assert bench.rules(DETECT_SECRETS, "a.py", "gone.py") == {"a.py": [RULE], "gone.py": "error"}


@pytest.mark.parametrize(("name", "content"), [("package-lock.json", BAD), ("a.png", BAD), ("a.py", b"caf\xe9\n")])
def test_what_it_passes_over_is_excluded_and_never_clean(bench, name, content):
    bench.write(name, content)
    assert bench.rules(DETECT_SECRETS) == {name: "excluded"}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_strange_names_are_names(bench):
    names = ["-c.py", "@d.py", "a b.py", "é.py", "we\nird.py", "quote'\".py", os.fsdecode(b"caf\xe9.py")]
    for name in names:
        bench.write(name, BAD)
    assert bench.rules(DETECT_SECRETS, *names) == {name: [RULE] for name in names}


def test_secrets_of_the_baseline_are_known_and_it_is_never_written(bench):
    bench.write("a.py", BAD)
    bench.write("-b.py", BAD)
    assert bench.rules(DETECT_SECRETS, "a.py") == {"a.py": [RULE]}
    baseline(bench, "a.py", "./-b.py")
    before = (bench.root / ".secrets.baseline").read_bytes()
    assert bench.rules(DETECT_SECRETS, "a.py", ".secrets.baseline") == {"a.py": [], ".secrets.baseline": "excluded"}
    bench.write("a.py", "\n\n" + BAD)  # its own hook would write the new line into the baseline
    assert bench.rules(DETECT_SECRETS, "a.py") == {"a.py": []}
    bench.write("a.py", BAD.replace("IMN7", "JMN7"))
    assert bench.rules(DETECT_SECRETS, "a.py") == {"a.py": [RULE]}
    assert (bench.root / ".secrets.baseline").read_bytes() == before
    assert DETECT_SECRETS.how.configuration.names == (".secrets.baseline",)


def test_filters_of_the_baseline_and_of_the_arguments_count(bench):
    bench.write("in/a.py", BAD)
    excluding = {"path": "detect_secrets.filters.regex.should_exclude_file", "pattern": ["^in/"]}
    baseline(bench, filters_used=[excluding])
    assert bench.rules(DETECT_SECRETS, "in/a.py") == {"in/a.py": "excluded"}
    (bench.root / ".secrets.baseline").unlink()
    assert bench.rules(DETECT_SECRETS, "in/a.py", args=("--exclude-files", "^in/")) == {"in/a.py": "excluded"}
    assert bench.rules(DETECT_SECRETS, "in/a.py", args=("--disable-plugin", "AWSKeyDetector")) == {"in/a.py": []}


def test_a_baseline_that_the_arguments_name_comes_before_that_of_the_root(bench):
    bench.write("a.py", BAD)
    baseline(bench, "a.py")
    (bench.root / ".secrets.baseline").rename(bench.root / "known.json")
    baseline(bench)
    assert bench.rules(DETECT_SECRETS, "a.py") == {"a.py": [RULE]}
    assert bench.rules(DETECT_SECRETS, "a.py", args=("--baseline", "known.json")) == {"a.py": []}
    named = detect_secrets_configuration.in_arguments
    assert named(["--baseline", "a", "--word-list=b", "-v"]).paths == ("a", "b")


def test_the_network_is_not_asked_whatever_the_baseline_says(bench):
    bench.write("a.py", BAD)
    verifying = "detect_secrets.filters.common.is_ignored_due_to_verification_policies"
    baseline(bench, filters_used=[{"path": verifying, "min_level": 2}])
    assert bench.rules(DETECT_SECRETS, "a.py") == {"a.py": [RULE]}


def test_code_of_the_worktree_is_told():
    references, named = detect_secrets_configuration.references, detect_secrets_configuration.in_arguments
    code = {"plugins_used": [{"name": "Mine", "path": "file://plugins/mine.py"}], "filters_used": []}
    assert references(".secrets.baseline", json.dumps(code).encode()).unknown
    words = {"plugins_used": [], "filters_used": [{"path": "x.wordlist", "file_name": "words.txt"}]}
    assert references(".secrets.baseline", json.dumps(words).encode()).paths == ("words.txt",)
    assert references("words.txt", b"word\n").unknown is references("x", b"[1]").unknown is None
    assert all(
        named(arguments).unknown for arguments in (["-p", "x.py"], ["--plugin=x.py"], ["--filter", "a"], ["-nf"])
    )


def test_code_of_the_worktree_is_not_imported_by_accident(bench):
    bench.write("json.py", "raise SystemExit('imported')\n")
    bench.write("detect_secrets/__init__.py", "raise SystemExit('imported')\n")
    bench.write("a.py", BAD)
    assert bench.rules(DETECT_SECRETS, "a.py") == {"a.py": [RULE]}


@pytest.mark.parametrize("content", ["", "{}", "[]", "{", '{"version": "9"}'])
def test_a_baseline_that_it_refuses_is_an_error(bench, content):
    bench.write("a.py", BAD)
    bench.write(".secrets.baseline", content)
    assert bench.rules(DETECT_SECRETS, "a.py") == {"a.py": "error"}


def test_detect_secrets_looks_at_nothing_that_is_not_declared(bench):
    bench.write("in/a.py", BAD)
    baseline(bench)
    program = Path(detect_secrets_report.__file__).with_name(DETECT_SECRETS.how.script)
    ours = {os.fspath(path) for path in (program, *program.parents)}  # the interpreter resolves where it lies
    assert bench.looked_at(DETECT_SECRETS, "in/a.py") <= bench.declared(DETECT_SECRETS, "in/a.py") | ours


WHOLE = json.dumps(
    {"judged": ["a.py", "b.py"], "excluded": ["c.py"], "unread": {}, "found": [["a.py", 2, "AWS Access Key"]]}
).encode()


def report(stdout):
    return detect_secrets_report.parse(Output(("x", "a.py", "b.py", "c.py"), 1, stdout, b"", ("a.py", "b.py", "c.py")))


def test_a_whole_report_is_read():
    found = report(WHOLE)
    assert [problem.rule for problem in found.problems["a.py"]] == [RULE]
    assert (found.judged, found.excluded) == ({"a.py", "b.py"}, {"c.py"})


def test_no_beginning_of_a_report_is_a_report():
    for length in range(len(WHOLE)):
        with pytest.raises(ReportError):
            report(WHOLE[:length])


@pytest.mark.parametrize(
    "stdout",
    [
        *(b"{}", b"[]", b"null", WHOLE + b"x"),
        WHOLE.replace(b'"b.py"', b'"d.py"'),
        WHOLE.replace(b"2,", b'"x",'),
        *(WHOLE.replace(old, new) for old, new in ((b'["c.py"]', b"[]"), (b"{}", b"[]"), (b'"AWS Access Key"', b"[]"))),
    ],
)
def test_what_our_program_would_not_write_is_no_report(stdout):
    with pytest.raises(ReportError):
        report(stdout)
