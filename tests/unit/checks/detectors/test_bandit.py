"""The declaration of bandit, held against the real bandit."""

from __future__ import annotations

import json
import os

import pytest

from pipeline_state.checks.declaration import Output, ReportError
from pipeline_state.checks.detectors import bandit_configuration, bandit_report
from pipeline_state.checks.detectors.bandit import BANDIT

BAD, GOOD = "assert x\n", "x = 1\n"


def test_each_finding_has_the_place_and_severity_that_bandit_gives_it(bench):
    bench.write("a.py", 'import subprocess\nx = "é"; eval(x)\nsubprocess.call(x, shell=True)\n')
    found = bench.judge(BANDIT).problems["a.py"]
    assert [(p.rule, p.line, p.column, p.severity, p.category) for p in found] == [
        ("B404", 1, 1, "note", "security"),
        ("B307", 2, 10, "warning", "security"),
        ("B602", 3, 1, "error", "security"),
    ]


def test_no_message_differs_from_run_to_run(bench):
    bench.write("a.py", "import tarfile\n\ntarfile.open('a.tar').extractall(members=[])\n")
    (problem,) = [one for one in bench.judge(BANDIT).problems["a.py"] if one.rule == "B202"]
    assert "ast.List object" in problem.message
    assert "0x" not in problem.message


def test_of_two_files_the_one_without_findings_is_clean(bench):
    bench.write("bad.py", BAD)
    bench.write("good.py", GOOD)
    assert bench.rules(BANDIT) == {"bad.py": ["B101"], "good.py": []}


@pytest.mark.parametrize("other", [BAD, GOOD])
def test_what_bandit_could_not_judge_is_never_clean(bench, other):
    bench.write("syntax.py", "def f(:\n")
    bench.write("undecodable.py", b'x = "\xff"\n')
    bench.write("other.py", other)
    assert bench.rules(BANDIT, "syntax.py", "undecodable.py", "gone.py", "other.py") == {
        "syntax.py": "error",
        "undecodable.py": "error",
        "gone.py": "error",
        "other.py": ["B101"] if other == BAD else [],
    }
    assert "syntax error" in bench.judge(BANDIT, "syntax.py", "other.py").errors["syntax.py"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_strange_names_are_names(bench):
    names = ["-c.py", "@d.py", "a b.py", "é.py", "we\nird.py", "quote'\".py", "in/_totals.py"]
    for name in names:
        bench.write(name, BAD)
    assert bench.rules(BANDIT, *names) == {name: ["B101"] for name in names}


EXCLUSIONS = {
    "a folder": ("[bandit]\nexclude = ./out,b\n", ()),
    "without a dot": ("[bandit]\nexclude = out\n", ()),
    "a pattern": ("[bandit]\nexclude = */in/*.py\n", ()),
    "an argument": ("[bandit]\nexclude = out\n", ("-x", "./in")),
    "toml": ("", ("-c", "pyproject.toml")),
    "yaml": ("[bandit]\nconfigfile = b.yaml\n", ()),
    "rules": ("[bandit]\nskips = B101\n", ()),
    "no configuration": (None, ()),
}


@pytest.mark.parametrize("case", EXCLUSIONS)
def test_what_bandit_would_not_judge_in_its_own_run_is_excluded(bench, case):
    for name in ("a.py", "b.py", "c.pyw", "script", "out/a.py", "in/a.py", "in/out/a.py", ".tox/a.py"):
        bench.write(name, BAD)
    bench.write("pyproject.toml", "[tool.bandit]\nexclude_dirs = ['./out', 'b.py']\n")
    bench.write("b.yaml", "exclude_dirs: ['in/']\ninclude: ['*a.py', '*.pyw', '*script']\n")
    ini, args = EXCLUSIONS[case]
    if ini is not None:
        bench.write(".bandit", ini)
    said = json.loads(bench.run(BANDIT, "-q", "-f", "json", "-r", ".", *args).stdout)
    own = {name.removeprefix("./") for name in said["metrics"]} - {"_totals"}
    paths = [path for path in bench.paths() if path.endswith((".py", ".pyw", "script"))]
    clean = [] if case == "rules" else ["B101"]
    assert bench.rules(BANDIT, *paths, args=args) == {path: clean if path in own else "excluded" for path in paths}


def test_a_baseline_leaves_out_what_it_knows(bench):
    bench.write("a.py", BAD)
    bench.write("in/a.py", BAD)
    bench.write("base.json", bench.run(BANDIT, "-q", "-f", "json", "-r", "./in").stdout)
    known = (bench.root / "base.json").read_text().replace('"./in/a.py"', '"./a.py"')
    bench.write("base.json", known)
    assert bench.rules(BANDIT, "a.py", "in/a.py", args=("-b", "base.json")) == {"a.py": [], "in/a.py": ["B101"]}
    bench.write(".bandit", "[bandit]\nbaseline = base.json\n")
    assert bench.rules(BANDIT, "a.py", "in/a.py") == {"a.py": [], "in/a.py": ["B101"]}


def test_configuration_files_are_followed():
    found = bandit_configuration.references(".bandit", b"[bandit]\nconfigfile = ci/b.yaml\nbaseline = c.json\n")
    assert (found.paths, found.from_root) == (("ci/b.yaml", "c.json"), True)
    assert bandit_configuration.references(".bandit", b"\xff[").paths == ()
    assert bandit_configuration.references("b.yaml", b"[bandit]\nbaseline = c\n").paths == ()
    named = bandit_configuration.in_arguments(["-c", "a", "--ini=b", "-bc", "--baseline", "d", "-ll", "-n", "3"])
    assert named.paths == ("a", "b", "c", "d")


@pytest.mark.parametrize("ini", ["tests = B999", "configfile = gone.yaml", "format = csv\noutput = out.json"])
def test_no_setting_of_the_project_makes_a_file_clean_that_was_not_judged(bench, ini):
    bench.write("a.py", BAD)
    bench.write(".bandit", f"[bandit]\n{ini}\n")
    assert bench.rules(BANDIT, "a.py") == {"a.py": "error"}


def test_an_argument_that_hides_findings_from_the_exit_code_is_an_error(bench):
    bench.write("a.py", BAD)
    assert bench.rules(BANDIT, "a.py", args=("--exit-zero",)) == {"a.py": "error"}


@pytest.mark.parametrize("ini", [None, "[bandit]\nconfigfile = b.yaml\n"])
def test_bandit_looks_at_nothing_that_is_not_declared(bench, ini):
    for name in ("pkg/__init__.py", "pkg/sub/__init__.py"):
        bench.write(name)
    bench.write("pkg/sub/a.py", "import os\nfrom . import x\nassert os\n")
    bench.write("b.yaml", "skips: []\n")
    if ini is not None:
        bench.write(".bandit", ini)
    root = os.path.realpath(bench.root)
    followed = {f"{root}/b.yaml"} if ini is not None else set()
    # Looked at, and without effect: see the declaration.
    markers = {f"{root}/{folder}__init__.py" for folder in ("", "pkg/", "pkg/sub/")}
    default = [".svn", "CVS", ".bzr", ".hg", ".git", ".git/*", "__pycache__", ".tox", ".eggs", "*.egg"]
    expected = bench.declared(BANDIT, "pkg/sub/a.py") | followed | markers | {f"{root}/{name}" for name in default}
    assert bench.looked_at(BANDIT, "pkg/sub/a.py") <= expected


ENTRY = {
    "filename": "./a.py",
    "line_number": 2,
    "col_offset": 10,
    "test_id": "B307",
    "issue_text": "no",
    "issue_severity": "MEDIUM",
    "code": '1 x\n2 x = "é"; eval(x)\n',
}
WHOLE = json.dumps(
    {
        "errors": [{"filename": "./b.py", "reason": "syntax error while parsing AST from file"}],
        "results": [ENTRY],
        "metrics": {"_totals": {}, "./a.py": {}, "./b.py": {}},
    }
).encode()


def report(stdout, exit_code=1):
    return bandit_report.parse(Output(("bandit", "a.py", "b.py"), exit_code, stdout, b""))


def test_a_whole_report_is_read():
    found = report(WHOLE)
    assert [(p.rule, p.line, p.column) for p in found.problems["./a.py"]] == [("B307", 2, 10)]
    assert (set(found.unprocessed), found.judged, found.others) == ({"./b.py"}, {"./a.py", "./b.py"}, "excluded")


def test_no_beginning_of_a_report_is_a_report():
    for length in range(len(WHOLE)):
        with pytest.raises(ReportError):
            report(WHOLE[:length])


@pytest.mark.parametrize(
    "stdout",
    [b"[]", b"{}", b"null", b'{"results": [], "errors": []}', b"[[[[" * 50_000, WHOLE + b"x"]
    + [WHOLE.replace(b'"col_offset": 10', other) for other in (b'"col_offset": "10"', b'"col": 10')]
    + [WHOLE.replace(b"MEDIUM", b"GRAVE"), WHOLE.replace(b'"B307"', b"null")],
)
def test_what_bandit_would_not_write_is_no_report(stdout):
    with pytest.raises(ReportError):
        report(stdout)


def test_errors_with_exit_code_0_name_the_files_that_they_are_about():
    with pytest.raises(ReportError) as raised:
        report(WHOLE, 0)
    assert raised.value.paths == ("./b.py",)
