"""The declaration of markdownlint-cli2, held against the real markdownlint-cli2."""

from __future__ import annotations

import json
import os
import re
import subprocess

import pytest

from pipeline_state.checks.declaration import Output, ReportError
from pipeline_state.checks.detectors import markdownlint_configuration, markdownlint_report
from pipeline_state.checks.detectors.markdownlint import MARKDOWNLINT

BAD, GOOD = "# A\n\n\nx\n", "# A\n\nx\n"  # MD012

real = pytest.mark.download


@real
def test_each_finding_has_the_place_severity_and_category_of_its_rule(npm_bench):
    npm_bench.write("a.md", "# A\n\n* x\n- y\n\n[a](#nope)\n")
    npm_bench.write("good.md", GOOD)
    answer = npm_bench.judge(MARKDOWNLINT)
    found = [
        (p.rule, p.line, p.column, p.end_line, p.end_column, p.severity, p.category) for p in answer.problems["a.md"]
    ]
    assert ("MD004", 4, 1, 4, 2, "warning", "style") in found
    assert ("MD051", 6, 1, 6, 11, "error", "other") in found
    assert answer.problems["good.md"] == ()
    message = next(p.message for p in answer.problems["a.md"] if p.rule == "MD004")
    assert message == "Unordered list style: Expected: asterisk; Actual: dash"


@real
def test_a_fixed_file_is_clean_and_no_check_changes_one(npm_bench):
    npm_bench.write("a.md", BAD)
    npm_bench.write("out/a.md", BAD)
    npm_bench.write(".markdownlint-cli2.yaml", "fix: true\nignores: [out]\nnoProgress: true\n")
    assert npm_bench.rules(MARKDOWNLINT, "a.md", "out/a.md") == {"a.md": ["MD012"], "out/a.md": "excluded"}
    assert (npm_bench.root / "a.md").read_text() == BAD
    npm_bench.runner(MARKDOWNLINT).fix(["a.md", "out/a.md"])
    assert ((npm_bench.root / "a.md").read_text(), (npm_bench.root / "out/a.md").read_text()) == (GOOD, BAD)
    assert npm_bench.rules(MARKDOWNLINT, "a.md") == {"a.md": []}


@real
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_strange_names_are_names(npm_bench):
    names = ["-c.md", "@d.md", "a b.md", "é.md", "we\nird.md", "quote'\".md", "[a].md", "!n.md", "{a,b}*.md", "#x.md"]
    names += [":y.md", "z\\:.md", "$(x).md"]
    for name in names:
        npm_bench.write(name, BAD)
    assert npm_bench.rules(MARKDOWNLINT, *names) == {name: ["MD012"] for name in names}


EXCLUSIONS = {
    "ignores": ('{"ignores": ["out/**", "**/b.md"], /* and */ "gitignore": true}', ["**/*.md"]),
    "globs": ('{"globs": ["in/**/*.md", "!**/c.md", "a.md"], // these alone\n "noProgress": true}', []),
}


@real
@pytest.mark.parametrize("case", EXCLUSIONS)
def test_what_markdownlint_would_not_judge_in_its_own_run_is_excluded(npm_bench, case):
    names = ("a.md", "b.md", "ignored.md", "out/a.md", "in/a.md", "in/b.md", "in/deep/c.md", "in/deep/d.md")
    for name in names:
        npm_bench.write(name, BAD)
    text, globs = EXCLUSIONS[case]
    npm_bench.write(".gitignore", "ignored.md\n")
    npm_bench.write(".markdownlint-cli2.jsonc", text)
    npm_bench.write("in/deep/.markdownlint-cli2.jsonc", '{"ignores": ["d*"]}')
    said = npm_bench.run(MARKDOWNLINT, *globs).stderr.decode()
    own = set(re.findall(r"^(\S+\.md):\d+", said, re.MULTILINE))
    assert {"a.md", "in/a.md"} <= own < set(names)
    assert npm_bench.rules(MARKDOWNLINT, *names) == {name: ["MD012"] if name in own else "excluded" for name in names}


@real
def test_configuration_counts_at_each_level_up_to_the_root_and_what_it_extends_does(npm_bench):
    names = ("1/in/a.md", "2/in/a.md", "3/in/a.md", "a.md")
    for name in names:
        npm_bench.write(name, BAD)
    npm_bench.write("../.markdownlint.json", '{"MD012": false}')
    npm_bench.write("1/.markdownlint.yaml", "MD012: false\n")
    npm_bench.write("2/in/.markdownlint-cli2.jsonc", '{"config": {"extends": "./../base.json"}}')
    npm_bench.write("2/base.json", '{"no-multiple-blanks": {"maximum": 2}}')
    npm_bench.write("3/.markdownlint.cjs", "module.exports = {MD012: false};\n")
    clean = {"1/in/a.md": [], "2/in/a.md": [], "3/in/a.md": [], "a.md": ["MD012"]}
    assert npm_bench.rules(MARKDOWNLINT, *names) == clean
    npm_bench.write("1/in/.markdownlint.json", "{}")
    (npm_bench.root / "3/.markdownlint.cjs").unlink()
    found = npm_bench.rules(MARKDOWNLINT, "1/in/a.md", "3/in/a.md", args=("--config", "2/base.json"))
    assert found == {"1/in/a.md": ["MD012"], "3/in/a.md": []}
    assert markdownlint_configuration.in_arguments(["--config", "2/base.json", "#x"]).paths == ("2/base.json",)


@pytest.mark.parametrize(
    ("name", "text", "paths"),
    [
        (".markdownlint.json", b'{"extends": "./a.json", "MD013": false}', ("./a.json",)),
        (".markdownlint.json", b'{"default": true, "extends": null}', ()),
        (".markdownlint.yaml", b"extends: ../a b.yaml\nMD013: false\n", ("../a b.yaml",)),
        (".markdownlint-cli2.yaml", b"config: {extends: ./a.json}\ngitignore: true\n", ("./a.json",)),
        (".markdownlint-cli2.jsonc", b'// x\n{"gitignore": true, "ignores": ["a"]}', ()),
        (".markdownlint.yaml", b"[", ()),
        (".gitignore", b"customRules\n", ()),
    ],
)
def test_what_a_configuration_names_is_followed(name, text, paths):
    found = markdownlint_configuration.references(name, text)
    assert (found.paths, found.unknown) == (paths, None)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".markdownlint.cjs", b""),
        (".markdownlint-cli2.mjs", b""),
        (".markdownlint-cli2.jsonc", b'{"customRules": ["./rule.js"]}'),
        (".markdownlint-cli2.jsonc", b'{"custom\\u0052ules": ["./rule.js"]}'),
        (".markdownlint-cli2.yaml", b"markdownItPlugins: [[x]]\n"),
        (".markdownlint-cli2.yaml", b"gitignore: '**/.ignore'\n"),
        (".markdownlint-cli2.jsonc", b'{"gitignore": ".ignore"}'),
        (".markdownlint.json", b'{"extends": "a-package"}'),
        (".markdownlint.json", b'{"extends": /* here */ "./a.json"}'),
        (".markdownlint.yaml", b"extends: a-package/base\n"),
    ],
)
def test_what_is_code_or_may_load_some_is_not_known(name, text):
    assert markdownlint_configuration.references(name, text).unknown


@real
def test_what_was_not_judged_is_never_clean(npm_bench):
    npm_bench.write("a.md", BAD)
    npm_bench.write("good.md", GOOD)
    assert npm_bench.rules(MARKDOWNLINT, "a.md", "gone.md", "good.md") == {
        "a.md": ["MD012"],
        "gone.md": "error",
        "good.md": [],
    }
    assert npm_bench.rules(MARKDOWNLINT, "good.md", args=("--help",)) == {"good.md": "error"}
    npm_bench.write(".markdownlint.json", "{")
    assert npm_bench.rules(MARKDOWNLINT, "good.md") == {"good.md": "error"}


@real
def test_no_setting_of_the_project_hides_what_was_found(npm_bench):
    npm_bench.write("a.md", BAD)
    npm_bench.write(".markdownlint-cli2.jsonc", '{"outputFormatters": [], "noBanner": true, "noProgress": true}')
    npm_bench.write(".markdownlint.json", '{"MD012": "warning"}')
    answer = npm_bench.judge(MARKDOWNLINT, "a.md")
    assert [(p.rule, p.severity) for p in answer.problems["a.md"]] == [("MD012", "warning")]


@real
def test_markdownlint_tells_its_version_and_looks_at_nothing_that_is_not_declared(npm_bench):
    assert re.fullmatch(r"\d+\.\d+\.\d+", npm_bench.runner(MARKDOWNLINT).version())
    subprocess.run(["git", "init", "-q", "."], cwd=npm_bench.root, check=True)
    npm_bench.write("in/a.md", BAD)
    npm_bench.write(".markdownlint-cli2.jsonc", '{"ignores": ["x"]}')
    # The patterns of the configuration are taken for names first.
    patterns = {f"{os.path.realpath(npm_bench.root)}/{name}" for name in ("x", "!x")}
    assert npm_bench.looked_at(MARKDOWNLINT, "./in/a.md") <= npm_bench.declared(MARKDOWNLINT, "in/a.md") | patterns


ENTRY = {
    "fileName": "a.md",
    "lineNumber": 4,
    "ruleNames": ["MD004", "ul-style"],
    "ruleDescription": "Unordered list style",
    "errorDetail": "Expected: asterisk; Actual: dash",
    "errorContext": None,
    "errorRange": [1, 1],
    "fixInfo": None,
    "severity": "error",
}
WHOLE = json.dumps(
    {"version": "0.22.1", "judged": ["a.md", "b.md"], "missing": ["gone.md"], "results": [ENTRY]}
).encode()


def report(stdout):
    return markdownlint_report.parse(Output(("node", "x.mjs", "./a.md"), 1, stdout, b"", ("./a.md",)))


def test_a_whole_report_is_read():
    found = report(WHOLE)
    assert [(p.rule, p.line, p.end_column) for p in found.problems["a.md"]] == [("MD004", 4, 2)]
    assert (found.judged, found.others, set(found.unprocessed)) == ({"a.md", "b.md"}, "excluded", {"gone.md"})


def test_no_beginning_of_a_report_is_a_report():
    for length in range(len(WHOLE)):
        with pytest.raises(ReportError):
            report(WHOLE[:length])


@pytest.mark.parametrize(
    "stdout",
    [b"{}", b"null", b"[]", b"[[[[" * 50_000, WHOLE + b"x"]
    + [WHOLE.replace(b'"judged": ["a.md", "b.md"]', other) for other in (b'"judged": "a.md"', b'"judged": [1]')]
    + [WHOLE.replace(b'"lineNumber": 4', b'"lineNumber": "4"'), WHOLE.replace(b"[1, 1]", b"[1]")]
    + [WHOLE.replace(b'["MD004", "ul-style"]', b"[]")],
)
def test_what_our_script_would_not_write_is_no_report(stdout):
    with pytest.raises(ReportError):
        report(stdout)
