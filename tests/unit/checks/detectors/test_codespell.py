"""The declaration of codespell, held against the real codespell."""

from __future__ import annotations

import os

import pytest

from pipeline_state.checks.declaration import Output, ReportError
from pipeline_state.checks.detectors import codespell_configuration, codespell_report
from pipeline_state.checks.detectors.codespell import CODESPELL

BAD = ["misspelling"]  # what is found in each file that has one word to be found


def test_each_misspelling_has_its_line(bench):
    bench.write("a.txt", "good\nteh cat\nrecieve tht\n")
    bench.write("b.py", "x = 1\n")
    answer = bench.judge(CODESPELL)
    assert [(p.rule, p.line, p.column, p.message, p.severity, p.category) for p in answer.problems["a.txt"]] == [
        ("misspelling", 2, None, "teh ==> the", "warning", "style"),
        ("misspelling", 3, None, "recieve ==> receive", "warning", "style"),
        ("misspelling", 3, None, "tht ==> the, that", "warning", "style"),
    ]
    assert answer.problems["b.py"] == ()


def test_what_is_missing_is_an_error_although_codespell_says_nothing_of_it(bench):
    bench.write("a.txt", "teh\n")
    assert bench.rules(CODESPELL, "gone.txt", "a.txt") == {"gone.txt": "error", "a.txt": BAD}


def test_bytes_that_are_not_utf_8_are_read_as_latin_1_and_zero_bytes_exclude(bench):
    bench.write("a.txt", b"teh \xff\n")
    bench.write("b.txt", b"teh \0\n")
    assert bench.rules(CODESPELL) == {"a.txt": BAD, "b.txt": "excluded"}
    bench.runner(CODESPELL).fix(["a.txt", "b.txt"])
    assert (bench.root / "a.txt").read_bytes() == b"the \xff\n"
    assert (bench.root / "b.txt").read_bytes() == b"teh \0\n"


def test_what_has_one_fix_is_fixed_and_the_rest_stays(bench):
    bench.write("a.txt", "teh tht\r\n")
    bench.runner(CODESPELL).fix(["a.txt"])
    assert (bench.root / "a.txt").read_bytes() == b"the tht\r\n"
    assert [p.message for p in bench.judge(CODESPELL).problems["a.txt"]] == ["tht ==> the, that"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_strange_names_are_names(bench):
    names = ["-c.txt", "@d.txt", "a b.txt", "a:1: teh ==> b.txt", "é.txt", "we\nird.txt", "quote'\".txt"]
    for name in names:
        bench.write(name, "teh\n")
    assert bench.rules(CODESPELL, *names) == dict.fromkeys(names, BAD)
    bench.runner(CODESPELL).fix(names)
    assert bench.rules(CODESPELL, *names) == {name: [] for name in names}


EXCLUSIONS = {
    "a folder": ("setup.cfg", "[codespell]\nskip = out, *.md\n"),
    "paths": (".codespellrc", "[codespell]\nskip = ./in/a.txt,\n  ./out/*\n"),
    "no path": (".codespellrc", "[codespell]\nskip = in/a.txt\n"),
    "a list": ("pyproject.toml", "[tool.codespell]\nskip = ['./in', 'b*']\ncheck-hidden = true\n"),
    "everything": ("setup.cfg", "[codespell]\nskip = .\n"),
    "nothing": ("setup.cfg", "[codespell]\ncheck-hidden =\n"),
    "no configuration": ("setup.cfg", ""),
}


@pytest.mark.parametrize(
    ("case", "args"),
    [*((case, ()) for case in EXCLUSIONS), ("paths", ("-S", "b.txt,out")), ("paths", ("--skip=b*", "-H"))],
)
def test_what_codespell_would_not_judge_in_its_own_run_is_excluded_and_not_changed(bench, case, args):
    for name in ("a.txt", "b.txt", "c.md", "out/a.txt", "in/a.txt", "in/out/a.txt", ".hid/a.txt", "in/.hid"):
        bench.write(name, "teh\n")
    bench.write(*EXCLUSIONS[case])
    own = {
        line.partition(":")[0].removeprefix("./") for line in bench.run(CODESPELL, *args).stdout.decode().splitlines()
    }
    paths = [path for path in bench.paths() if path != EXCLUSIONS[case][0]]
    assert bench.rules(CODESPELL, *paths, args=args) == {path: BAD if path in own else "excluded" for path in paths}
    bench.runner(CODESPELL, *args).fix(paths)
    assert {path for path in paths if (bench.root / path).read_text() == "the\n"} == own


def test_later_files_outrank_earlier_ones_and_nothing_below_or_above_counts(bench):
    bench.write("in/a.txt", "teh\n")
    bench.write("in/setup.cfg", "[codespell]\nskip = a.txt\n")
    bench.write("../setup.cfg", "[codespell]\nskip = a.txt\n")
    assert bench.rules(CODESPELL, "in/a.txt") == {"in/a.txt": BAD}
    bench.write("pyproject.toml", "[tool.codespell]\nskip = 'a.txt'\n")
    assert bench.rules(CODESPELL, "in/a.txt") == {"in/a.txt": "excluded"}
    bench.write("setup.cfg", "[codespell]\nskip = b.txt\n")
    assert bench.rules(CODESPELL, "in/a.txt") == {"in/a.txt": BAD}
    bench.write("other.cfg", "[codespell]\nskip = *.txt\n")
    assert bench.rules(CODESPELL, "in/a.txt", args=("--config", "other.cfg")) == {"in/a.txt": "excluded"}


def test_lists_of_words_and_lines_are_followed(bench):
    bench.write("a.txt", "teh\nrecieve\nfoobarr\n")
    bench.write("words", "teh\n")
    bench.write("lines", "recieve\n")
    bench.write("own", "foobarr->foobar\n")
    bench.write(".codespellrc", "[codespell]\nignore-words = words\nexclude-file = lines\ndictionary = -, own\n")
    assert [p.line for p in bench.judge(CODESPELL, "a.txt").problems["a.txt"]] == [3]
    found = codespell_configuration.references(".codespellrc", (bench.root / ".codespellrc").read_bytes())
    assert (set(found.paths), found.from_root) == ({"words", "lines", "-", "own"}, True)
    named = codespell_configuration.in_arguments
    assert named(["-I", "a,b", "-Lteh", "-xc", "--dictionary=-,d", "--config", "e.cfg"]).paths == (
        *("a", "b", "c", "d", "e.cfg"),
    )
    assert named(["@more"]).unknown


def test_no_setting_of_the_project_hides_a_finding(bench):
    bench.write("a.txt", "teh\n")
    bench.write("teh.txt", "good\n")
    bench.write(
        "setup.cfg",
        "[codespell]\nsummary =\ncount =\nenable-colors =\nquiet-level = 2\ncheck-filenames =\ninteractive = 3\n",
    )
    answer = bench.judge(CODESPELL, "a.txt", "teh.txt")
    assert [p.line for p in answer.problems["a.txt"]] == [1]
    assert [p.message for p in answer.problems["teh.txt"]] == ["in the file's name: teh ==> the"]
    bench.write("setup.cfg", "[codespell]\ncontext = 1\n")
    assert bench.rules(CODESPELL, "a.txt") == {"a.txt": "error"}


@pytest.mark.parametrize(
    ("text", "args"), [("write-changes =", ()), ("skip = b", ("-w",)), ("skip = b", ("--write-changes",))]
)
def test_a_check_that_would_change_files_is_refused(bench, text, args):
    bench.write("a.txt", "teh\n")
    bench.write("setup.cfg", f"[codespell]\n{text}\n")
    assert bench.rules(CODESPELL, "a.txt", args=args) == {"a.txt": "error"}
    assert (bench.root / "a.txt").read_text() == "teh\n"


@pytest.mark.parametrize("text", ["regex = (", "ignore-words = gone", "unknown = 1", "skip", "builtin = no"])
def test_a_configuration_that_codespell_refuses_is_an_error(bench, text):
    bench.write("a.txt", "good\n")
    bench.write("setup.cfg", f"[codespell]\n{text}\n")
    assert bench.rules(CODESPELL, "a.txt") == {"a.txt": "error"}


def test_codespell_looks_at_nothing_that_is_not_declared(bench):
    bench.write("in/a.txt", "teh\n")
    assert bench.looked_at(CODESPELL, "in/a.txt") <= bench.declared(CODESPELL, "in/a.txt")


WHOLE = b"./a.txt:1: teh ==> the\n./we\nird.txt:3: tht ==> the, that\n"


def report(stdout, stderr=b"WARNING: Binary file: b\n2\n"):
    return codespell_report.parse(Output(("codespell", "./a.txt", "./we\nird.txt"), 65, stdout, stderr))


def test_a_whole_report_is_read():
    assert {name: [p.line for p in found] for name, found in report(WHOLE).problems.items()} == {
        "./a.txt": [1],
        "./we\nird.txt": [3],
    }
    assert set(report(b"Used config files:\n    1: setup.cfg\n" + WHOLE).problems) == {"./a.txt", "./we\nird.txt"}


def test_no_beginning_of_a_report_is_a_report():
    for length in range(len(WHOLE)):
        with pytest.raises(ReportError):
            report(WHOLE[:length])


@pytest.mark.parametrize(
    ("stdout", "stderr"),
    [
        (WHOLE, b""),
        (WHOLE, b"3\n"),
        (WHOLE + b"garbage\n", b"2\n"),
        (b"./a.txt:1: garbage\n", b"1\n"),
        (b"./other.txt:1: teh ==> the\n", b"1\n"),
        (b"", b"Traceback (most recent call last):\n"),
    ],
)
def test_what_codespell_would_not_write_is_no_report(stdout, stderr):
    with pytest.raises(ReportError):
        report(stdout, stderr)
