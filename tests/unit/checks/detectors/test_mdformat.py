"""The declaration of mdformat, held against the real mdformat."""

from __future__ import annotations

import os
import sys
from pathlib import PurePosixPath

import pytest

from pipeline_state.checks.declaration import Output, ReportError
from pipeline_state.checks.detectors import mdformat_configuration, mdformat_report
from pipeline_state.checks.detectors.mdformat import MDFORMAT

UGLY, PRETTY = "# A\n\n\n* x\n", "# A\n\n- x\n"

knows_exclude = pytest.mark.skipif(sys.version_info < (3, 13), reason="mdformat excludes nothing before Python 3.13")


def test_a_file_that_would_be_changed_is_found_and_left_as_it_is(bench):
    bench.write("ugly.md", UGLY)
    bench.write("pretty.md", PRETTY)
    bench.write("empty.md", "")
    answer = bench.judge(MDFORMAT)
    (problem,) = answer.problems["ugly.md"]
    assert (problem.rule, problem.line, problem.severity, problem.category) == (
        "unformatted",
        None,
        "warning",
        "format",
    )
    assert (answer.problems["pretty.md"], answer.problems["empty.md"]) == ((), ())
    assert (bench.root / "ugly.md").read_text() == UGLY


def test_a_fixed_file_is_clean(bench):
    bench.write("ugly.md", UGLY)
    bench.write("ugly.markdown", UGLY)
    bench.runner(MDFORMAT).fix(["ugly.md", "ugly.markdown"])
    assert ((bench.root / "ugly.md").read_text(), (bench.root / "ugly.markdown").read_text()) == (PRETTY, UGLY)
    assert bench.rules(MDFORMAT, "ugly.md", "ugly.markdown") == {"ugly.md": [], "ugly.markdown": "excluded"}


def test_what_mdformat_dies_of_is_an_error_and_hides_no_other(bench):
    bench.write("ugly.md", UGLY)
    bench.write("latin.md", b"x \xff\n")
    bench.write("pretty.md", PRETTY)
    assert bench.rules(MDFORMAT, "ugly.md", "latin.md", "gone.md", "pretty.md") == {
        "ugly.md": ["unformatted"],
        "latin.md": "error",
        "gone.md": "error",
        "pretty.md": [],
    }
    before = (bench.root / "latin.md").read_bytes()
    with pytest.raises(ReportError):
        bench.runner(MDFORMAT).fix(["latin.md"])
    assert (bench.root / "latin.md").read_bytes() == before


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_strange_names_are_names_also_where_a_message_is_wrapped(bench):
    names = ["-c.md", "@d.md", "a b.md", "é.md", "we\nird.md", "quote'\".md", f"{'long ' * 30}.md", "*.md"]
    for name in names:
        bench.write(name, UGLY)
    assert bench.rules(MDFORMAT, *names) == {name: ["unformatted"] for name in names}


def test_configuration_counts_at_each_level(bench):
    for name in ("in/deep/a.md", "b.md"):
        bench.write(name, "1. a\n1. b\n1. c\n")
    bench.write("../.mdformat.toml", "number = true\n")
    assert bench.rules(MDFORMAT) == {"in/deep/a.md": ["unformatted"], "b.md": ["unformatted"]}
    bench.write("in/.mdformat.toml", "")
    assert bench.rules(MDFORMAT, "in/deep/a.md", "b.md") == {"in/deep/a.md": [], "b.md": ["unformatted"]}
    assert MDFORMAT.how.configuration.names == (".mdformat.toml",)


@pytest.mark.parametrize("text", ["nonsense = 1", "extensions = ['gone']"])
def test_a_configuration_that_mdformat_refuses_is_an_error(bench, text):
    bench.write("a.md", PRETTY)
    bench.write(".mdformat.toml", f"{text}\n")
    assert bench.rules(MDFORMAT, "a.md") == {"a.md": "error"}


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="it knows them")
def test_patterns_that_mdformat_does_not_know_yet_are_an_error(bench):
    bench.write("a.md", PRETTY)
    bench.write(".mdformat.toml", "exclude = ['b.md']\n")
    assert bench.rules(MDFORMAT, "a.md") == {"a.md": "error"}


@knows_exclude
@pytest.mark.parametrize("args", [(), ("--exclude=in/**", "--exclude", "a.md")])
def test_what_mdformat_would_not_judge_in_its_own_run_is_excluded(bench, args):
    names = ("a.md", "b.md", "c.markdown", "in/a.md", "in/b.md", "in/deep/a.md", "out/a.md", ".hidden/a.md")
    for name in names:
        bench.write(name, UGLY)
    bench.write(".mdformat.toml", "exclude = ['out/**', 'b.md', '**/deep/*', '.*/*.md']\n")
    bench.write("in/.mdformat.toml", "exclude = ['b.md']\n")
    said = " ".join(bench.run(MDFORMAT, "--check", *args, ".").stderr.decode().split())
    own = {name for name in names if f'{bench.root.resolve()}/{name}" is not' in said}
    assert len(own) == 3
    found = bench.rules(MDFORMAT, *names, args=args)
    assert found == {name: ["unformatted"] if name in own else "excluded" for name in names}


PATTERNS = (
    "a",
    "*",
    "**",
    "a/**",
    "**/a",
    "a/**/b",
    "*.md",
    "**/*.md",
    "a/*/b",
    "a?",
    "[ab]/c",
    "a/[!b]*",
    "/a",
    "./a",
)
PATTERNS += ("a/", "**/**/b", "a**", "**b/c", "[]a]", "[a", ".*", "a//b", "é/*", "*/**")
NAMES = (
    "a",
    "b",
    "a/b",
    "a/b/c",
    "a/x/b",
    "a/x/y/b",
    "x.md",
    "a/x.md",
    "ab",
    "b/c",
    "]",
    "[a",
    ".x",
    "é/y",
    "a/b\nc",
    "x/a",
)


@knows_exclude
def test_patterns_match_as_those_of_pathlib_do():
    for pattern in PATTERNS:
        for name in NAMES:
            expected = PurePosixPath(name).full_match(pattern)
            assert mdformat_configuration.matches(pattern, name) == expected, (pattern, name)


@pytest.mark.parametrize(
    ("pattern", "matched"),
    [
        ("a/**", {"a/b", "a/x.md", "a/b/c", "a/x/b", "a/x/y/b", "a/b\nc"}),
        ("**/b", {"b", "a/b", "a/x/b", "a/x/y/b"}),
        ("*.md", {"x.md"}),
        ("[ab]/?", {"a/b", "b/c"}),
    ],
)
def test_patterns_match_whole_paths(pattern, matched):
    assert {name for name in NAMES if mdformat_configuration.matches(pattern, name)} == matched


def test_mdformat_looks_at_nothing_that_is_not_declared(bench):
    bench.write("in/a.md", UGLY)
    assert bench.looked_at(MDFORMAT, "in/a.md") <= bench.declared(MDFORMAT, "in/a.md")


NAMES_GIVEN = ("a.md", "b.md", "of two words.md", "of  two words.md")
WHOLE = (
    b'Error: File "/t/a.md" is not formatted.\n'
    b"Warning: a code block cannot be formatted\n"
    b'Error: File "/a/very/long/folder/that/does/not/fit/into/one/line/of/eighty/b.md" is not\nformatted.\n'
)


def report(stderr, stdout=b"", names=NAMES_GIVEN):
    return mdformat_report.parse(Output(("mdformat", "--check", *names), 1, stdout, stderr, names))


def test_a_whole_report_is_read():
    found = report(WHOLE).problems
    assert list(found) == ["/t/a.md", "/a/very/long/folder/that/does/not/fit/into/one/line/of/eighty/b.md"]


def test_a_broken_name_is_the_only_one_that_it_can_be():
    broken = b'Error: File "/t/of two\nwords.md" is not formatted.\n'
    assert list(report(broken, names=("a.md", "of two words.md")).problems) == ["of two words.md"]
    for names in (NAMES_GIVEN, ("a.md",)):
        with pytest.raises(ReportError, match="not clear"):
            report(broken, names=names)


@pytest.mark.parametrize(
    "stderr",
    [
        WHOLE[:-1],
        WHOLE[:-12],
        WHOLE + b"Traceback (most recent call last):\n",
        b"Traceback\n" + WHOLE,
        b"Error: Invalid 'wrap' value in /t/.mdformat.toml\n",
        WHOLE + b'Error: Could not format "/t/a.md".\n',
    ],
)
def test_what_says_more_or_less_is_no_report(stderr):
    with pytest.raises(ReportError):
        report(stderr)
    with pytest.raises(ReportError):
        report(WHOLE, b"x")
