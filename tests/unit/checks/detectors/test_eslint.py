"""The declaration of eslint, held against the real eslint."""

from __future__ import annotations

import json
import os

import pytest

from pipeline_state.checks.declaration import Output, ReportError
from pipeline_state.checks.detectors import eslint_configuration, eslint_report
from pipeline_state.checks.detectors.eslint import ESLINT
from pipeline_state.checks.detectors.eslint_rules import rank

BAD, GOOD = "a();\n", "export {};\n"
CONFIG = """\
export default [
  {ignores: ["out/**", "in/b.js"]},
  {files: ["**/*.js", "**/*.vue"], rules: {"no-undef": "error", "no-var": "warn", semi: "error"}},
];
"""

real = pytest.mark.download


@real
def test_each_finding_has_the_place_severity_and_category_of_its_rule(npm_bench):
    npm_bench.write("eslint.config.mjs", CONFIG)
    npm_bench.write("a.js", "var é = 1; b()\n// eslint-disable-next-line no-var\n")
    npm_bench.write("broken.js", "a = (\n")
    npm_bench.write("good.js", GOOD)
    answer = npm_bench.judge(ESLINT, "a.js", "broken.js", "good.js")
    found = {
        path: {(p.rule, p.line, p.column, p.end_line, p.end_column, p.severity, p.category) for p in problems}
        for path, problems in answer.problems.items()
    }
    assert found == {
        "a.js": {
            ("no-var", 1, 1, 1, 11, "warning", "style"),
            ("no-undef", 1, 12, 1, 13, "error", "other"),
            ("semi", 1, 15, 2, 1, "warning", "style"),
            ("directive", 2, 1, None, None, "warning", "style"),
        },
        "broken.js": {("invalid-syntax", 2, 1, None, None, "error", "syntax")},
        "good.js": set(),
    }


@real
def test_a_warning_alone_is_a_finding_too_and_a_fixed_file_is_clean(npm_bench):
    npm_bench.write("eslint.config.mjs", CONFIG)
    npm_bench.write("a.js", "var a = 1;\nexport { a };\n")
    npm_bench.write("out/a.js", "var a = 1\n")
    assert npm_bench.rules(ESLINT, "a.js", "out/a.js") == {"a.js": ["no-var"], "out/a.js": "excluded"}
    npm_bench.runner(ESLINT).fix(["a.js", "out/a.js"])
    assert (npm_bench.root / "a.js").read_text() == "let a = 1;\nexport { a };\n"
    assert (npm_bench.root / "out/a.js").read_text() == "var a = 1\n"
    assert npm_bench.rules(ESLINT, "a.js") == {"a.js": []}


@real
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_strange_names_are_names(npm_bench):
    npm_bench.write("eslint.config.mjs", CONFIG)
    names = ["-c.js", "@d.js", "a b.js", "é.js", "we\nird.js", "quote'\".js", "[a].js", "!n.js", "{a,b}*.js"]
    for name in names:
        npm_bench.write(name, BAD)
    assert npm_bench.rules(ESLINT, *names) == {name: ["no-undef"] for name in names}


@real
def test_what_eslint_would_not_judge_in_its_own_run_is_excluded(npm_bench):
    npm_bench.write("eslint.config.mjs", CONFIG)
    names = ("a.js", "b.vue", "c.ts", "d.md", "out/a.js", "in/a.js", "in/b.js", "node_modules/x/a.js")
    for name in names:
        npm_bench.write(name, BAD)
    said = json.loads(npm_bench.run(ESLINT, "--format=json", ".").stdout)
    own = {os.path.relpath(one["filePath"], os.path.realpath(npm_bench.root)) for one in said} - {"eslint.config.mjs"}
    assert own == {"a.js", "b.vue", "in/a.js"}
    found = npm_bench.rules(ESLINT, *names)
    assert found == {name: ["no-undef"] if name in own else "excluded" for name in names}
    assert npm_bench.rules(ESLINT, "out/a.js") == {"out/a.js": "excluded"}


@real
def test_configuration_counts_at_each_level_and_is_code(npm_bench):
    npm_bench.write("../eslint.config.cjs", "module.exports = [{rules: {'no-undef': 2}}];\n")
    npm_bench.write("in/eslint.config.mjs", "export default [{rules: {'no-var': 2}}];\n")
    for name in ("a.js", "in/a.js"):
        npm_bench.write(name, "var a; b();\n")
    assert npm_bench.rules(ESLINT, "a.js", "in/a.js") == {"a.js": ["no-undef"], "in/a.js": ["no-var"]}
    assert {"eslint.config.cjs", "eslint.config.mjs"} <= set(ESLINT.how.configuration.names)
    assert ESLINT.how.configuration.where == "upwards"


@real
def test_what_eslint_could_not_judge_is_never_clean(npm_bench):
    npm_bench.write("eslint.config.mjs", CONFIG)
    npm_bench.write("a.js", GOOD)
    npm_bench.write("b.js", BAD)
    assert npm_bench.rules(ESLINT, "a.js", "gone.js", "b.js") == {"a.js": [], "gone.js": "error", "b.js": ["no-undef"]}
    assert npm_bench.rules(ESLINT, "a.js", args=("--no-nonsense",)) == {"a.js": "error"}
    npm_bench.write("eslint.config.mjs", "throw new Error('no')\n")
    assert npm_bench.rules(ESLINT, "a.js") == {"a.js": "error"}


@real
def test_without_a_configuration_the_arguments_decide_and_eslint_looks_at_nothing_that_is_not_declared(npm_bench):
    npm_bench.write("in/a.js", BAD)
    args = ("--no-config-lookup", '--rule={"no-undef": "warn"}')
    assert eslint_configuration.in_arguments(args).unknown is None
    assert npm_bench.rules(ESLINT, "in/a.js", args=args) == {"in/a.js": ["no-undef"]}
    npm_bench.write("in/eslint.config.mjs", CONFIG)
    root = os.path.realpath(npm_bench.root)
    expected = npm_bench.declared(ESLINT, "in/a.js") | {f"{root}/.eslintcache"}  # which it would remove
    # What the configuration, which is code, could ask for: Node looks for that.
    modules = ("/node_modules", "/.node_modules", "/.node_libraries")
    assert {path for path in npm_bench.looked_at(ESLINT, "in/a.js") if not path.endswith(modules)} <= expected


@real
def test_what_is_suppressed_is_suppressed_by_a_file_that_is_declared(npm_bench):
    npm_bench.write("a.js", BAD)
    npm_bench.write("eslint.config.mjs", CONFIG)
    npm_bench.write("eslint-suppressions.json", '{"a.js": {"no-undef": {"count": 1}}}')
    assert npm_bench.rules(ESLINT, "a.js") == {"a.js": []}
    assert "eslint-suppressions.json" in ESLINT.how.configuration.names


def test_all_configuration_but_lists_is_code_or_names_some():
    references = eslint_configuration.references
    assert all(
        references(name, b"").unknown for name in eslint_configuration.NAMES if name.startswith("eslint.config.")
    )
    assert all(references(name, b"").unknown for name in (".eslintrc", ".eslintrc.json", ".eslintrc.cjs"))
    assert references("package.json", b'{"eslintConfig": {"extends": "x"}}').unknown
    assert references("package.json", b"{").unknown
    assert references("package.json", b'{"devDependencies": {"eslint": "10"}}').unknown is None
    assert references("eslint-suppressions.json", b"{}").unknown is None
    assert references(".eslintignore", b"a\n").unknown is None


def test_arguments_that_name_code_are_not_followed():
    named = eslint_configuration.in_arguments
    for args in (["-c", "x.mjs"], ["--config=x"], ["--plugin", "x"], ["--parser=x"], ["-cx.mjs"]):
        assert named(args).unknown, args
    assert named(["--suppressions-location", "a.json", "--ignore-path=b", "--quiet"]).paths == ("a.json", "b")


@pytest.mark.parametrize(
    ("rule", "level", "expected"),
    [
        ("no-undef", 2, ("error", "other")),
        ("no-undef", 1, ("warning", "other")),
        ("indent", 2, ("warning", "style")),
        ("@stylistic/semi", 2, ("warning", "style")),
        ("prettier/prettier", 2, ("warning", "format")),
        ("prefer-const", 2, ("error", "style")),
        ("no-eval", 2, ("error", "security")),
        ("security/detect-child-process", 1, ("warning", "security")),
        ("jest/no-focused-tests", 2, ("error", "test")),
        ("@typescript-eslint/no-floating-promises", 2, ("error", "other")),
        (None, 2, ("warning", "style")),
    ],
)
def test_a_rule_knows_its_weight(rule, level, expected):
    assert rank(rule, level) == expected


MESSAGE = {
    "ruleId": "no-undef",
    "severity": 2,
    "message": "'a' is not defined.",
    "line": 1,
    "column": 1,
    "messageId": "undef",
    "endLine": 1,
    "endColumn": 2,
}
IGNORED = {
    "ruleId": None,
    "fatal": False,
    "severity": 1,
    "message": "File ignored because of a matching ignore pattern.",
}


def entry(name, *messages):
    errors = sum(one["severity"] == 2 for one in messages)
    counts = {"errorCount": errors, "warningCount": len(messages) - errors, "fatalErrorCount": 0}
    return {"filePath": f"/t/{name}", "messages": list(messages), "suppressedMessages": [], **counts}


# In the form in which eslint 10.15.0 writes it.
WHOLE = json.dumps([entry("a.js", MESSAGE), entry("b.js"), entry("c.js", IGNORED)]).encode()


def report(stdout):
    return eslint_report.parse(Output(("node", "eslint.js", "a.js"), 1, stdout, b"", ("a.js",)))


def test_a_whole_report_is_read():
    found = report(WHOLE)
    assert {name: [p.rule for p in of] for name, of in found.problems.items()} == {"/t/a.js": ["no-undef"]}
    assert (found.judged, found.excluded) == ({"/t/a.js", "/t/b.js", "/t/c.js"}, {"/t/c.js"})


def test_no_beginning_of_a_report_is_a_report():
    for length in range(len(WHOLE)):
        with pytest.raises(ReportError):
            report(WHOLE[:length])


@pytest.mark.parametrize(
    "stdout",
    [b"{}", b"null", b"[1]", b"[[[[" * 50_000, WHOLE + b"x", b'[{"filePath": "/t/a.js"}]']
    + [WHOLE.replace(b'"line": 1', other) for other in (b'"line": "1"', b'"line": true', b'"line": 1.5')]
    + [WHOLE.replace(b'"severity": 2', b'"severity": 3'), WHOLE.replace(b'"errorCount": 1', b'"errorCount": 2')]
    + [WHOLE.replace(b'"ruleId": "no-undef"', b'"ruleId": 1')],
)
def test_what_eslint_would_not_write_is_no_report(stdout):
    with pytest.raises(ReportError):
        report(stdout)
