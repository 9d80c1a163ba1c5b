"""The declaration of black, held against the real black."""

from __future__ import annotations

import os
import re
import subprocess

import pytest

from pipeline_state.checks.declaration import Output, ReportError
from pipeline_state.checks.detectors import black_configuration, black_report
from pipeline_state.checks.detectors.black import BLACK

UGLY, PRETTY = "x=1\n", "x = 1\n"


def test_a_file_that_would_be_changed_is_found_and_left_as_it_is(bench):
    bench.write("ugly.py", UGLY)
    bench.write("pretty.py", PRETTY)
    bench.write("empty.py", "")
    answer = bench.judge(BLACK)
    (problem,) = answer.problems["ugly.py"]
    assert (problem.rule, problem.line, problem.severity, problem.category) == (
        "unformatted",
        None,
        "warning",
        "format",
    )
    assert (answer.problems["pretty.py"], answer.problems["empty.py"]) == ((), ())
    assert (bench.root / "ugly.py").read_text() == UGLY


def test_what_does_not_parse_is_a_syntax_error_and_what_cannot_be_read_is_an_error(bench):
    bench.write("bad.py", "x = 1\ndef f(:\n")
    bench.write("undecodable.py", b'x = "\xff"\n')
    bench.write("ugly.py", UGLY)
    answer = bench.judge(BLACK)
    (problem,) = answer.problems["bad.py"]
    assert (problem.rule, problem.line, problem.column, problem.severity, problem.category) == (
        "invalid-syntax",
        2,
        7,
        "error",
        "syntax",
    )
    assert [p.rule for p in answer.problems["ugly.py"]] == ["unformatted"]
    assert set(answer.errors) == {"undecodable.py"}


def test_a_missing_file_is_an_error_and_hides_no_other(bench):
    bench.write("ugly.py", UGLY)
    assert bench.rules(BLACK, "gone.py", "ugly.py") == {"gone.py": "error", "ugly.py": ["unformatted"]}


def test_a_fixed_file_is_clean_and_what_cannot_be_fixed_stays(bench):
    bench.write("ugly.py", UGLY)
    bench.write("bad.py", "def f(:\n")
    bench.runner(BLACK).fix(["ugly.py", "bad.py"])
    assert (bench.root / "ugly.py").read_text() == PRETTY
    assert bench.rules(BLACK) == {"ugly.py": [], "bad.py": ["invalid-syntax"]}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_strange_names_are_names(bench):
    names = ["-c.py", "@d.py", "a b.py", "é.py", "we\nird.py", "quote'\".py", "x: y.py"]
    for name in names:
        bench.write(name, UGLY)
    assert bench.rules(BLACK, *names) == {name: ["unformatted"] for name in names}
    bench.runner(BLACK).fix(names)
    assert bench.rules(BLACK, *names) == {name: [] for name in names}


EXCLUSIONS = {
    "extend-exclude": "extend-exclude = 'out'\n",
    "a folder": "extend-exclude = '/out/$'\n",
    "exclude": "exclude = '''\n  ^/in/  # from the root on\n'''\n",
    "force-exclude": "force-exclude = '^/(in|a)'\n",
    "include": "include = '^/in/.*'\n",
    "all names": "include = ''\n",
    "nothing": "line-length = 80\n",
}


@pytest.mark.parametrize(
    ("case", "args"),
    [*((case, ()) for case in EXCLUSIONS), ("exclude", ("--extend-exclude=b", "--include", "py"))],
)
def test_what_black_would_not_judge_in_its_own_run_is_excluded_and_not_changed(bench, case, args):
    for name in ("a.py", "b.pyi", "out/a.py", "in/out/a.py", "in/b.py", "build/a.py", "ignored.py", "in/later.py"):
        bench.write(name, UGLY)
    subprocess.run(["git", "init", "-q", "."], cwd=bench.root, check=True)
    bench.write("pyproject.toml", f"[tool.black]\n{EXCLUSIONS[case]}")
    bench.write(".gitignore", "ignored.py\n")
    bench.write("in/.gitignore", "la*\n")
    (bench.root / ".git/info/exclude").write_text("a.py\n")
    said = bench.run(BLACK, "--check", *args, ".").stderr.decode()
    own = {os.path.relpath(path, os.path.realpath(bench.root)) for path in re.findall("would reformat (.*)", said)}
    paths = [path for path in bench.paths() if path.endswith((".py", ".pyi"))]
    assert bench.rules(BLACK, *paths, args=args) == {
        path: ["unformatted"] if path in own else "excluded" for path in paths
    }
    if case == "extend-exclude":
        bench.runner(BLACK, *args).fix(paths)
        assert {path for path in paths if (bench.root / path).read_text() == PRETTY} == own


def test_the_configuration_is_that_of_the_root_whatever_is_given(bench):
    long = "value = [" + ", ".join("1234" for _ in range(13)) + "]\n"
    bench.write("in/a.py", long)
    bench.write("in/pyproject.toml", "[tool.black]\nline-length = 20\nforce-exclude = 'a'\n")
    assert bench.rules(BLACK, "in/a.py") == {"in/a.py": []}
    user = bench.home / ".config/black"
    user.parent.mkdir()
    user.write_text("[tool.black]\nline-length = 20\n")
    assert bench.rules(BLACK, "in/a.py") == {"in/a.py": ["unformatted"]}
    bench.write("pyproject.toml", "")
    assert bench.rules(BLACK, "in/a.py") == {"in/a.py": []}
    bench.write("other.toml", "[tool.black]\nline-length = 20\n")
    assert bench.rules(BLACK, "in/a.py", args=("--config=other.toml",)) == {"in/a.py": ["unformatted"]}
    assert black_configuration.in_arguments(["--config", "a.toml", "-S"]).paths == ("a.toml",)
    assert "~/.config/black" in BLACK.how.configuration.user


def test_no_setting_of_the_project_hides_what_black_says(bench):
    bench.write("a.py", UGLY)
    bench.write("b.py", PRETTY)
    bench.write("pyproject.toml", "[tool.black]\nquiet = true\ncolor = true\nworkers = 2\ndiff = false\n")
    assert bench.rules(BLACK, "a.py", "b.py") == {"a.py": ["unformatted"], "b.py": []}


@pytest.mark.parametrize("text", ["exclude = '('", "required-version = '1'", "line-length = 'x'", "a ="])
def test_a_configuration_that_black_refuses_is_an_error(bench, text):
    bench.write("a.py", PRETTY)
    bench.write("pyproject.toml", f"[tool.black]\n{text}\n")
    assert bench.rules(BLACK, "a.py") == {"a.py": "error"}


def test_a_file_that_looks_unchanged_is_judged_again(bench):
    path = bench.write("a.py", PRETTY)
    bench.write("pyproject.toml", "[tool.black]\ncache-dir = 'cache'\n")
    assert bench.rules(BLACK, "a.py") == {"a.py": []}
    before = path.stat()
    path.write_text("x  =1\n"[: before.st_size - 1] + "\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert bench.rules(BLACK, "a.py") == {"a.py": ["unformatted"]}
    assert not (bench.root / "cache").exists()
    assert sorted(os.listdir(bench.home)) == []


def test_black_looks_at_nothing_that_is_not_declared(bench):
    bench.write("pkg/__init__.py")
    bench.write("pkg/a.py", "import os\nfrom . import x\n")
    bench.write("pkg/pyproject.toml", "[tool.black]\n")
    places = {f"{bench.root}/{name}" for name in (".git", ".hg", "pkg/.git", "pkg/.hg")}
    expected = bench.declared(BLACK, "pkg/a.py") | places | {f"{bench.home}", f"{bench.home}/.config"}
    assert bench.looked_at(BLACK, "pkg/a.py") <= expected


# Recorded from black 26.10.1 and, where the error of `old.py` is, 24.10.0.
WHOLE = """\
Identified `/tmp/t` as project root containing a .git directory.
Unable to use cache directory `/dev/null/none/26.10.1`: [Errno 20] Not a directory. Disabling the cache.
Found input source: "a.py"
would reformat a.py
b.py already well formatted, good job.
Traceback (most recent call last):
black.parsing.InvalidInput: cannot parse: 1:6
error: cannot parse: s.py:1:6
    def f(:
         ^
ParseError: bad input
error: cannot format old.py: Cannot parse for target version Python 3.13: 2:6: def f(:
error: cannot format u.py: invalid or missing encoding declaration

Oh no! 💥 💔 💥
1 file would be reformatted, 1 file would be left unchanged, 3 files would fail to reformat.
""".encode()


def report(stderr):
    return black_report.parse(
        Output(("black", "--check", "./a.py", "b.py", "s.py", "u.py", "old.py"), 123, b"", stderr)
    )


def test_a_whole_report_is_read():
    found = report(WHOLE)
    assert {name: [(p.rule, p.line, p.column) for p in of] for name, of in found.problems.items()} == {
        "a.py": [("unformatted", None, None)],
        "s.py": [("invalid-syntax", 1, 7)],
        "old.py": [("invalid-syntax", 2, 7)],
    }
    assert (set(found.unprocessed), found.judged) == ({"u.py"}, {"b.py"})


def test_no_beginning_of_a_report_is_a_report():
    for length in range(0, len(WHOLE), 7):
        with pytest.raises(ReportError):
            report(WHOLE[:length])


@pytest.mark.parametrize("line", [b"would reformat a.py\n", b"b.py already well formatted, good job.\n"])
def test_a_report_that_lacks_a_line_is_no_report(line):
    with pytest.raises(ReportError):
        report(WHOLE.replace(line, b""))
