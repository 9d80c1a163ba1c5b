"""The declaration of yamllint, held against the real yamllint."""

from __future__ import annotations

import os

import pytest

from pipeline_state.checks.declaration import Output, ReportError
from pipeline_state.checks.detectors import yamllint_configuration, yamllint_report
from pipeline_state.checks.detectors.yamllint import YAMLLINT

BAD = "---\na:  1\n"
GOOD = "---\na: 1\n"


def test_each_finding_has_the_place_severity_and_category_of_its_rule(bench):
    bench.write("a.yaml", "é: [1,2]\na: yes\na: 1\n")
    found = bench.judge(YAMLLINT).problems["a.yaml"]
    assert [(p.rule, p.line, p.column, p.severity, p.category) for p in found] == [
        ("document-start", 1, 1, "warning", "style"),
        ("commas", 1, 7, "warning", "style"),
        ("truthy", 2, 4, "warning", "other"),
        ("key-duplicates", 3, 1, "error", "other"),
    ]
    assert found[3].message == 'duplication of key "a" in mapping'


def test_of_two_files_the_one_without_findings_is_clean(bench):
    bench.write("bad.yaml", BAD)
    bench.write("good.yml", GOOD)
    assert bench.rules(YAMLLINT) == {"bad.yaml": ["colons"], "good.yml": []}


def test_a_warning_alone_is_a_finding_too(bench):
    bench.write("a.yaml", "a: 1\n")
    assert bench.rules(YAMLLINT) == {"a.yaml": ["document-start"]}


def test_a_syntax_error_is_an_error(bench):
    bench.write("a.yaml", "---\na: [\n")
    (problem,) = bench.judge(YAMLLINT).problems["a.yaml"]
    assert (problem.rule, problem.line, problem.severity, problem.category) == ("syntax", 3, "error", "syntax")


def test_what_yamllint_dies_of_is_an_error_and_hides_no_other(bench):
    bench.write("a.yaml", BAD)
    bench.write("b.yaml", b"a: \xff\n")
    bench.write("d.yaml", GOOD)
    assert bench.rules(YAMLLINT, "a.yaml", "b.yaml", "c.yaml", "d.yaml") == {
        "a.yaml": ["colons"],
        "b.yaml": "error",
        "c.yaml": "error",
        "d.yaml": [],
    }


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_strange_names_are_names(bench):
    names = ["-c.yaml", "@d.yaml", "a b.yaml", "a:1:1: b.yaml", "é.yaml", "we\nird.yaml", "quote'\".yaml"]
    for name in names:
        bench.write(name, BAD)
    assert bench.rules(YAMLLINT, *names) == {name: ["colons"] for name in names}


EXCLUSIONS = {
    "ignore": "extends: default\nignore: |\n  out\n  /b.yaml\n",
    "a list": "extends: default\nignore: [in/**, '!in/a.yaml']\n",
    "a file": "extends: default\nignore-from-file: .gitignore\n",
    "yaml-files": "extends: default\nyaml-files: ['*.y*ml', '!b*', '.clang-format']\n",
    "extended": "extends: base.yml\n",
    "one rule": "extends: default\nrules:\n  colons:\n    ignore: a.yaml\n",
    "no configuration": "extends: default\n",
}


@pytest.mark.parametrize(
    ("case", "args"), [*((case, ()) for case in EXCLUSIONS), ("a list", ("-d", "{extends: default, ignore: in}"))]
)
def test_what_yamllint_would_not_judge_in_its_own_run_is_excluded(bench, case, args):
    for name in ("a.yaml", "b.yaml", "out/a.yml", "in/a.yaml", "in/out/b.yml", ".clang-format"):
        bench.write(name, BAD)
    bench.write(".gitignore", "in\n")
    bench.write("base.yml", "---\nextends: default\nignore: a.yaml\nyaml-files: ['*']\n")
    bench.write(".yamllint", EXCLUSIONS[case])
    said = bench.run(YAMLLINT, "--format=parsable", *args, ".").stdout.decode().splitlines()
    own = {line.partition(":")[0].removeprefix("./") for line in said if "(colons)" in line}
    paths = ["a.yaml", "b.yaml", "out/a.yml", "in/a.yaml", "in/out/b.yml", ".clang-format"]
    found = bench.rules(YAMLLINT, *paths, args=args)
    assert {path for path, rules in found.items() if rules == ["colons"]} == own
    left = {path for path, rules in found.items() if rules != ["colons"]}
    assert all(found[path] == ([] if case == "one rule" and path.endswith("a.yaml") else "excluded") for path in left)


@pytest.mark.parametrize("name", yamllint_configuration.NAMES)
@pytest.mark.parametrize("level", ["", "../"])
def test_configuration_counts_from_the_root_up_and_not_below_it(bench, name, level):
    bench.write("in/a.yaml", BAD)
    bench.write(f"in/{name}", "rules: {colons: disable}\n")
    assert bench.rules(YAMLLINT, "in/a.yaml") == {"in/a.yaml": ["colons"]}
    bench.write(f"{level}{name}", "rules: {colons: disable}\nyaml-files: ['*.yaml']\n")
    assert bench.rules(YAMLLINT, "in/a.yaml") == {"in/a.yaml": []}
    assert YAMLLINT.how.configuration.where == "above"


def test_user_configuration_counts_where_there_is_no_other(bench):
    bench.write("a.yaml", BAD)
    user = bench.home / ".config/yamllint/config"
    user.parent.mkdir(parents=True)
    user.write_text("yaml-files: ['*.yml']\nrules: {}\n")
    assert bench.rules(YAMLLINT, "a.yaml") == {"a.yaml": "excluded"}
    bench.write(".yamllint", "extends: relaxed\n")
    assert bench.rules(YAMLLINT, "a.yaml") == {"a.yaml": ["colons"]}
    assert "~/.config/yamllint/config" in YAMLLINT.how.configuration.user


def test_what_a_configuration_names_counts_from_the_root(bench):
    bench.write("a.yaml", BAD)
    bench.write("ci/base.yaml", "rules: {colons: disable}\n")
    bench.write("ci/main.yaml", "extends: ci/base.yaml\n")
    assert bench.rules(YAMLLINT, "a.yaml", args=("-c", "ci/main.yaml")) == {"a.yaml": []}
    found = yamllint_configuration.references("main.yaml", (bench.root / "ci/main.yaml").read_bytes())
    assert (found.paths, found.from_root, found.unknown) == (("ci/base.yaml",), True, None)


def test_references_are_those_of_the_whole_file_and_of_its_rules():
    references, named = yamllint_configuration.references, yamllint_configuration.in_arguments
    text = b"extends: default\nignore-from-file: [a, b]\nrules: {colons: {ignore-from-file: c}, commas: enable}\n"
    assert references("x", text).paths == ("default", "a", "b", "c")
    assert references("x", b"locale: en_US.UTF-8\n").unknown
    assert references("x", b"\xff: [").paths == references("x", b"- a\n").paths == ()
    assert named(["-c", "a", "--config-file=b", "--config-data", "{extends: c}", "-dd"]).paths == ("a", "b", "c", "d")


@pytest.mark.parametrize("text", ["extends: gone.yaml\n", "rules: {colons: 1}\n", "- a\n", "yaml-files: x\n", ""])
def test_a_configuration_that_yamllint_refuses_is_an_error(bench, text):
    bench.write("a.yaml", GOOD)
    bench.write(".yamllint", text)
    assert bench.rules(YAMLLINT, "a.yaml") == {"a.yaml": "error"}


@pytest.mark.parametrize("config", ["extends: default\n", "extends: base.yaml\nignore-from-file: lines\n", None])
def test_yamllint_looks_at_nothing_that_is_not_declared(bench, config):
    bench.write("in/a.yaml", BAD)
    bench.write("base.yaml", "rules: {}\n")
    bench.write("lines", "b\n")
    named = set()
    if config is not None:
        bench.write(".yamllint", config)
        named = set(yamllint_configuration.references(".yamllint", config.encode()).paths)
    expected = bench.declared(YAMLLINT, "in/a.yaml") | {
        os.path.join(os.path.realpath(bench.root), one) for one in named
    }
    assert bench.looked_at(YAMLLINT, "in/a.yaml") <= expected


WHOLE = (
    b'a.yaml:1:1: [warning] missing document start "---" (document-start)\n'
    b"we\nird.yaml:2:1: [error] syntax error: expected the node content (syntax)\n"
)


def report(stdout, exit_code=1, stderr=b""):
    return yamllint_report.parse(Output(("yamllint", "a.yaml", "we\nird.yaml"), exit_code, stdout, stderr))


def test_a_whole_report_is_read():
    assert {name: [p.rule for p in found] for name, found in report(WHOLE).problems.items()} == {
        "a.yaml": ["document-start"],
        "we\nird.yaml": ["syntax"],
    }


def test_no_beginning_of_a_report_is_a_report():
    for length in range(len(WHOLE)):
        with pytest.raises(ReportError):
            report(WHOLE[:length])


@pytest.mark.parametrize(
    ("stdout", "exit_code", "stderr"),
    [
        (WHOLE, 0, b""),
        (WHOLE, 2, b""),
        (b"", 1, b""),
        (WHOLE, 1, b"Traceback (most recent call last):\n"),
        (WHOLE.replace(b"a.yaml", b"b.yaml"), 1, b""),
        (WHOLE.replace(b"[error]", b"[grave]"), 1, b""),
        (WHOLE + b"garbage\n", 1, b""),
    ],
)
def test_what_yamllint_would_not_write_is_no_report(stdout, exit_code, stderr):
    with pytest.raises(ReportError):
        report(stdout, exit_code, stderr)


@pytest.mark.parametrize(("exit_code", "stdout"), [(255, b""), (0, b"other.yaml\n"), (0, b"a.yam"), (0, b"a.yaml\n\n")])
def test_a_list_of_files_that_is_not_whole_is_none(exit_code, stdout):
    with pytest.raises(ReportError):
        yamllint_report.parse_included(Output(("yamllint", "a.yaml"), exit_code, stdout, b""))
