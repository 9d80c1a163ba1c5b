"""The declaration of flake8, held against the real flake8."""

from __future__ import annotations

import os
import re

import pytest

from pipeline_state.checks.declaration import Output, ReportError
from pipeline_state.checks.detectors import flake8_configuration, flake8_report
from pipeline_state.checks.detectors.flake8 import FLAKE8


def test_each_finding_has_the_place_severity_and_category_of_its_rule(bench):
    bench.write("a.py", "import os\nx = undefined\nx=1\n")
    found = bench.judge(FLAKE8).problems["a.py"]
    assert [(p.rule, p.line, p.column, p.severity, p.category) for p in found] == [
        ("F401", 1, 1, "warning", "other"),
        ("F821", 2, 5, "error", "other"),
        ("E225", 3, 2, "warning", "style"),
    ]
    assert found[1].message == "undefined name 'undefined'"


def test_of_two_files_the_one_without_findings_is_clean(bench):
    bench.write("good.py", "x = 1\n")
    bench.write("bad.py", "import os\n")
    assert bench.rules(FLAKE8) == {"good.py": [], "bad.py": ["F401"]}


def test_a_syntax_error_is_an_error_of_the_file_alone(bench):
    bench.write("a.py", "def f(:\n")
    bench.write("b.py", "x = (\n")
    bench.write("c.py", "x = 1\0\n")
    bench.write("d.py", "x = 1\n")
    answer = bench.judge(FLAKE8)
    assert {path: [p.rule for p in found] for path, found in answer.problems.items()} == {
        "a.py": ["E999"],
        "b.py": ["E999"],
        "c.py": ["E999"],
        "d.py": [],
    }
    (problem,) = answer.problems["a.py"]
    assert (problem.line, problem.severity, problem.category) == (1, "error", "syntax")


def test_bytes_that_are_not_utf_8_are_read_as_latin_1(bench):
    bench.write("a.py", b'x = "\xff"\nimport os\n')
    assert bench.rules(FLAKE8) == {"a.py": ["F401", "E402"]}


def test_a_file_that_cannot_be_read_is_never_clean(bench):
    bench.write("a.py", "import os\n")
    assert bench.rules(FLAKE8, "gone.py", "a.py") == {"gone.py": "error", "a.py": ["F401"]}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_strange_names_are_names(bench):
    names = ["-c.py", "@d.py", "a b.py", "a:1:1: E9 b.py", "é.py", "we\nird.py", "quote'\".py"]
    for name in names:
        bench.write(name, "import os\n")
    assert bench.rules(FLAKE8, *names) == {name: ["F401"] for name in names}


EXCLUSIONS = {
    "a folder": "[flake8]\nexclude = out\n",
    "a path": "[flake8]\nexclude =\n    ./in/out,\n    out/deep\n",
    "a pattern of paths": "[flake8]\nexclude = */deep/*.py\n",
    "a pattern of names": "[flake8]\nextend-exclude = b*.py, de?p\n",
    "an absolute path": "[flake8]\nextend_exclude = {root}/in\n",
    "other names": "[flake8]\nfilename = *.pyi, ./in/*.py\n",
    "everything": "[flake8]\nexclude = .\n",
    "nothing": "[flake8]\nexclude =\n",
    "no configuration": "",
}


@pytest.mark.parametrize(
    ("case", "args"),
    [*((case, ()) for case in EXCLUSIONS), ("a path", ("--exclude", "in")), ("other names", ("--filename", "a.*"))],
)
def test_what_flake8_would_not_judge_in_its_own_run_is_excluded(bench, case, args):
    for name in ("a.py", "b.py", "s.pyi", "script", "out/a.py", "out/deep/b.py", "in/out/a.py", "in/deep/a.pyi"):
        bench.write(name, "import os\n")
    bench.write(".tox/a.py", "import os\n")
    bench.write("setup.cfg", EXCLUSIONS[case].format(root=os.path.realpath(bench.root)))
    own = bench.run(FLAKE8, "--format=%(path)s", *args).stdout.decode()
    paths = [path for path in bench.paths() if path != "setup.cfg"]
    found = bench.rules(FLAKE8, *paths, args=args)
    assert {path for path, rules in found.items() if rules == ["F401"]} == {
        line.removeprefix("./") for line in own.splitlines()
    }
    assert all(rules in (["F401"], "excluded") for rules in found.values())


@pytest.mark.parametrize("name", ["setup.cfg", "tox.ini", ".flake8"])
@pytest.mark.parametrize("level", ["", ".."])
def test_configuration_counts_from_the_root_up_and_not_below_it(bench, name, level):
    bench.write("in/a.py", "import os\n")
    bench.write(f"in/{name}", "[flake8]\nextend-ignore = F401\n")
    assert bench.rules(FLAKE8, "in/a.py") == {"in/a.py": ["F401"]}
    bench.write(f"{level}/{name}".lstrip("/"), "[flake8]\nexclude = in\n")
    assert bench.rules(FLAKE8, "in/a.py") == {"in/a.py": "excluded"}
    assert FLAKE8.how.configuration.where == "above"
    assert name in FLAKE8.how.configuration.names


def test_the_first_file_with_a_section_decides(bench):
    bench.write("a.py", "import os\n")
    bench.write("../tox.ini", "[flake8]\nexclude = a.py\n")
    bench.write("setup.cfg", "[metadata]\nname = x\n")
    assert bench.rules(FLAKE8, "a.py") == {"a.py": "excluded"}
    bench.write("tox.ini", "not a configuration\n")
    assert bench.rules(FLAKE8, "a.py") == {"a.py": "excluded"}
    bench.write(".flake8", "[flake8]\n")
    assert bench.rules(FLAKE8, "a.py") == {"a.py": ["F401"]}


def test_the_home_folder_is_not_looked_at_on_the_way_up(bench):
    bench.write("a.py", "import os\n")
    (bench.home / "tree/.git").mkdir(parents=True)
    (bench.home / ".flake8").write_text("[flake8]\nexclude = a.py\n")
    (bench.home / "tree/a.py").write_text("import os\n")
    runner = bench.runner(FLAKE8)
    at_home = type(runner)(
        runner.tool, runner.executable, (), bench.home / "tree", runner.environment, 60.0, runner.processes
    )
    assert [p.rule for p in at_home.judge(["a.py"]).problems["a.py"]] == ["F401"]


def test_no_setting_of_the_project_hides_a_finding(bench):
    bench.write("a.py", "import os\n")
    bench.write(
        ".flake8",
        "[flake8]\nstatistics = True\nshow-source = True\nformat = pylint\ncount = True\nbenchmark = True\n"
        "output-file = out.txt\ncolor = always\njobs = 2\n",
    )
    assert bench.rules(FLAKE8, "a.py") == {"a.py": ["F401"]}
    bench.write(".flake8", "[flake8]\nquiet = 1\n")
    assert bench.rules(FLAKE8, "a.py") == {"a.py": "error"}


@pytest.mark.parametrize(
    "text", ["[flake8]\nmax-line-length = x\n", "[flake8]\nextend-ignore = #no\n", "[flake8]\nrequire-plugins = gone\n"]
)
def test_a_configuration_that_flake8_refuses_is_an_error(bench, text):
    bench.write("a.py", "x = 1\n")
    bench.write(".flake8", text)
    assert bench.rules(FLAKE8, "a.py") == {"a.py": "error"}


def test_further_configuration_files_are_followed(bench):
    bench.write("a.py", "import os\n")
    bench.write("more.cfg", "[flake8]\nextend-ignore = F401\n")
    bench.write("cfg/main.cfg", "[flake8]\nexclude = ../a.py\n")
    assert bench.rules(FLAKE8, "a.py", args=("--append-config=more.cfg",)) == {"a.py": []}
    assert bench.rules(FLAKE8, "a.py", args=("--config", "cfg/main.cfg")) == {"a.py": "excluded"}
    assert bench.rules(FLAKE8, "a.py", args=("--config", "cfg/main.cfg", "--isolated")) == {"a.py": ["F401"]}
    named = flake8_configuration.in_arguments(["--append-config=a", "--config", "b", "--append-config", "c"])
    assert named.paths == ("b", "a", "c")
    assert bench.rules(FLAKE8, "a.py", args=("--append-config", "gone.cfg")) == {"a.py": "error"}


def test_plugins_of_the_worktree_are_code_whose_inputs_are_not_known():
    local = b"[flake8:local-plugins]\nextension =\n    X = mod:Plugin\npaths = ./here\n"
    assert flake8_configuration.references("tox.ini", local).unknown
    assert flake8_configuration.references("tox.ini", b"[flake8]\nmax-line-length = 9\n").unknown is None
    assert flake8_configuration.references("tox.ini", b"[flake8:local-plugins]\nextension =\n").unknown is None
    assert flake8_configuration.references("tox.ini", b"\xff[").unknown is None


def test_flake8_looks_at_nothing_that_is_not_declared(bench):
    bench.write("pkg/__init__.py")
    bench.write("pkg/a.py", "import os\nfrom . import x\nimport pkg.b\n")
    assert bench.looked_at(FLAKE8, "pkg/a.py") <= bench.declared(FLAKE8, "pkg/a.py") | {os.fspath(bench.home)}


WHOLE = (
    b"a.py:1:1: F401 'os' imported but unused\x1e\nwe\nird.py:3:80: E501 line too long (99 > 79 characters)\x1e\n2\n"
)


def report(stdout, stderr=b""):
    return flake8_report.parse(Output(("flake8", "a.py", "we\nird.py"), 1, stdout, stderr))


def test_a_whole_report_is_read():
    assert {name: [p.rule for p in found] for name, found in report(WHOLE).problems.items()} == {
        "a.py": ["F401"],
        "we\nird.py": ["E501"],
    }
    assert report(b"0\n").problems == {}


def test_no_beginning_of_a_report_is_a_report():
    for length in range(len(WHOLE) - 1):
        with pytest.raises(ReportError):
            report(WHOLE[:length])


@pytest.mark.parametrize(
    "stdout",
    [
        b"There was a critical error during execution of Flake8:\nplugin code for ...\n",
        b'"pyflakes[F]" failed during execution due to RuntimeError()\nRun flake8 with greater verbosity\n0\n',
        WHOLE.replace(b"a.py", b"other.py"),
        WHOLE.replace(b"F401", b"?"),
        WHOLE.replace(b"\n2\n", b"\n3\n"),
        WHOLE + b"... stopped\n",
        b"\xff\xfe",
    ],
)
def test_what_flake8_would_not_write_is_no_report(stdout):
    with pytest.raises(ReportError):
        report(stdout)


def test_the_machine_readable_output_is_asked_for_in_the_declaration():
    assert any(re.match(r"--format=.*%\(path\)s", word) for word in FLAKE8.how.check)
