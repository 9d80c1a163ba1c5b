"""Batches: each answer belongs to its file, and an answer that is not whole belongs to nobody."""

from __future__ import annotations

import json
import os
import stat
import sys
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_state.checks.batches import LARGEST_BATCH, ToolRunner, batches
from pipeline_state.checks.declaration import FolderRun, Report, ReportError, Tool
from pipeline_state.checks.findings import Problem
from pipeline_state.checks.processes import Processes

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the tools of these tests are scripts")

FOUND = (Problem("bad", "is bad"),)

# A tool that reads its instructions, word by word, in the files that it is given.
TOOL = """\
#!{python}
import json, os, sys, time
names = sys.argv[sys.argv.index("--") + 1 :]
with open("calls", "a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\\n")
report, unprocessed, code = dict(), dict(), 0
for name in names:
    with open(name, "rb") as file:
        word, _, rest = file.read().decode().partition(" ")
    if word == "bad":
        report[rest or os.path.abspath(name)] = 1
    if word == "unprocessed":
        unprocessed[name] = "too hard"
    if word == "garbage":
        print("{{")
        sys.exit(1)
    if word == "exit":
        code = int(rest)
    if word == "hang":
        time.sleep(600)
    if word == "die":
        os.kill(os.getpid(), 9)
    if word == "named":
        print("not", *rest.split())
        sys.exit(0)
if "--lies" in sys.argv:
    report = dict()
code = code or (1 if report or unprocessed else 0)
if "--lies" in sys.argv:
    code = 1
sys.stdout.buffer.write(os.fsencode(json.dumps([report, unprocessed], ensure_ascii=False)))
sys.exit(code)
"""


def parse(output):
    if output.stdout.startswith(b"not "):
        raise ReportError("cannot process some", output.stdout.decode().split()[1:])
    try:
        report, unprocessed = json.loads(output.stdout.decode("utf-8", "replace"))
    except ValueError as error:
        raise ReportError(f"no report: {error}") from error
    return Report(dict.fromkeys(report, FOUND), unprocessed)


@pytest.fixture
def runner(tmp_path, write):
    script = write("tool", dedent(TOOL).format(python=sys.executable))
    script.chmod(script.stat().st_mode | stat.S_IXUSR)

    def runner(*args, **more):
        tool = Tool("tool", ("check", "--"), parse, {0: "clean", 1: "findings"}, **more)
        if args:
            tool = Tool("tool", ("check", *args, "--"), parse, {0: "clean", 1: "findings"}, **more)
        return ToolRunner(tool, script, (), tmp_path, {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}, 20.0, Processes())

    return runner


@pytest.fixture
def files(write):
    """Writes files that say what the tool shall do, and returns their names."""

    def files(**contents):
        for name, content in contents.items():
            write(name, content)
        return list(contents)

    return files


@pytest.fixture
def calls(tmp_path):
    return lambda: [json.loads(line) for line in (tmp_path / "calls").read_text().splitlines()]


def one_place_each(answer, names):
    assert sorted([*answer.problems, *answer.excluded, *answer.errors]) == sorted(names)


def test_each_answer_belongs_to_its_file(runner, files, calls):
    names = files(a="good", b="bad", c="unprocessed")
    answer = runner().judge(names)
    assert answer.problems == {"a": (), "b": FOUND}
    assert answer.errors == {"c": "too hard"}
    assert len(calls()) == 1


@pytest.mark.parametrize("culprit", ["garbage", "exit 7", "die"])
@pytest.mark.parametrize("place", [0, 5, 12])
def test_a_failed_batch_is_halved_until_the_culprit_is_known(runner, files, culprit, place):
    contents = {f"f{number}": "bad" if number == 3 else "good" for number in range(13)}
    contents[f"f{place}"] = culprit
    names = files(**contents)
    answer = runner().judge(names)
    assert list(answer.errors) == [f"f{place}"]
    assert answer.problems == {name: FOUND if name == "f3" else () for name in names if name != f"f{place}"}
    one_place_each(answer, names)


def test_how_often_is_halved_is_limited_and_what_is_left_is_an_error(runner, files, calls):
    names = files(**{f"f{number}": f"exit {number + 2}" for number in range(100)})
    answer = runner().judge(names)
    assert sorted(answer.errors) == sorted(names)
    assert 20 < len(calls()) < 40


def test_a_tool_that_fails_whatever_it_is_given_is_soon_let_be(runner, files, calls):
    names = files(**{f"f{number}": "garbage" for number in range(100)})
    answer = runner().judge(names)
    assert sorted(answer.errors) == sorted(names)
    assert len(calls()) == 4


def test_files_that_fail_alike_do_not_speak_for_the_others(runner, files):
    culprits = ["f2", "f3", "f50", "f99"]
    names = files(**{f"f{number}": "garbage" if f"f{number}" in culprits else "good" for number in range(1, 100)})
    answer = runner().judge(names)
    assert sorted(answer.errors) == sorted(culprits)
    one_place_each(answer, names)


def test_a_tool_that_hangs_is_waited_for_once(runner, files, calls):
    names = files(a="good", b="hang", c="good", d="good")
    answer = runner()._replace(timeout_s=1.0).judge(names)
    assert answer.errors == dict.fromkeys(names, "did not finish within 1 s")
    assert len(calls()) == 1


def test_what_an_exit_code_outside_of_the_contract_says_is_told(runner, files):
    answer = runner().judge(files(a="exit 7"))
    assert answer.errors["a"].startswith("answered with exit code 7, outside of its contract: ")
    assert "\n" not in answer.errors["a"]


def test_a_file_that_was_not_given_makes_the_answer_nobodys(runner, files):
    names = files(a="good", b="bad ghost", c="bad")
    answer = runner().judge(names)
    assert answer.problems == {"a": (), "c": FOUND}
    assert answer.errors == {"b": "it reports on 'ghost', which it was not given"}


def test_a_single_file_is_not_blamed_for_another_one(runner, files):
    answer = runner().judge(files(a="bad ghost"))
    assert (answer.problems, list(answer.errors)) == ({}, ["a"])


def test_files_that_the_tool_names_as_its_trouble_are_the_errors(runner, files, calls):
    names = files(a="named b a", b="good", c="bad")
    answer = runner().judge(names)
    assert answer.errors == {"a": "cannot process some", "b": "cannot process some"}
    assert answer.problems == {"c": FOUND}
    assert len(calls()) == 2


def test_a_tool_that_names_every_file_is_not_asked_again(runner, files, calls):
    names = files(a="named a b", b="good")
    answer = runner().judge(names)
    one_place_each(answer, names)
    assert sorted(answer.errors) == names
    assert len(calls()) == 1


@pytest.mark.parametrize("content", ["good", "bad"])
def test_an_exit_code_that_contradicts_the_report_is_an_error(runner, files, content):
    lying = runner("--lies").judge(files(a=content))
    assert lying.errors["a"].startswith("its exit code 1 says findings, its report lists none")


def test_findings_with_the_exit_code_of_clean_are_an_error(runner, files):
    tool = runner()
    contradicting = ToolRunner(
        Tool("tool", tool.tool.check, parse, {0: "clean", 1: "clean"}),
        tool.executable, (), tool.root, tool.environment, 20.0, Processes(),
    )  # fmt: skip
    assert (
        contradicting.judge(files(a="bad")).errors["a"].startswith("its exit code 1 says clean, its report lists some")
    )


def test_what_the_tool_leaves_out_is_excluded_and_not_given_to_it(runner, files, calls):
    names = files(a="bad", b="bad")
    leaving_out = runner(included=("list", "--"), parse_included=lambda _: frozenset({"./b"}))
    answer = leaving_out.judge(names)
    assert (answer.excluded, answer.problems) == ({"a"}, {"b": FOUND})
    assert [call[-1] for call in calls() if call[0] == "check"] == ["b"]
    all_out = runner(included=("list", "--"), parse_included=lambda _: frozenset())
    assert all_out.judge(names).excluded == {"a", "b"}


@pytest.mark.parametrize("name", ["-x", "--lies", "@file", "a b", "two\nlines", "'", "*", " ", "ünï", "sub/-x"])
def test_any_name_is_a_name(runner, write, name):
    write(name, "bad")
    assert runner().judge([name]).problems == {name: FOUND}


def test_a_name_that_is_no_text_is_judged_alone_by_whatever_the_tool_makes_of_it(runner, write):
    name = os.fsdecode(b"caf\xe9")
    write(name, "bad")
    assert runner().judge([name]).problems == {name: FOUND}


def test_a_root_that_was_reached_through_a_link_is_the_same_root(runner, files, tmp_path):
    names = files(a="bad", b="good")
    (tmp_path / "link").symlink_to(tmp_path)
    tool = runner()
    linked = ToolRunner(tool.tool, tool.executable, (), tmp_path / "link", tool.environment, 20.0, Processes())
    assert linked.judge(names).problems == {"a": FOUND, "b": ()}


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("ruff 0.17.5", "0.17.5"),
        ("tool, version 1.2 (abc)", "1.2"),
        ("v3\nother 4", "v3"),
        ("7.3.0 (plugin: 0.7.0) CPython 3.11.7 on Linux", "7.3.0"),
        ("\n  ~ logo 2 ~\n\n  VERSION 9.0.2 (compiled yes)\n", "9.0.2"),
        ("tool - a tool\nversion: 0.11.0\nlicense: 3.0", "0.11.0"),
    ],
)
def test_the_version_is_the_first_word_that_looks_like_one(tmp_path, write, text, version):
    script = write("tool", f"#!{sys.executable}\nprint({text!r})\n")
    script.chmod(0o755)
    tool = ToolRunner(Tool("tool", (), parse, {}), script, (), tmp_path, {}, 20.0, Processes())
    assert tool.version() == version


@pytest.mark.parametrize("body", ["print('no number')", "print('x 1')\nraise SystemExit(3)", ""])
def test_a_tool_that_does_not_tell_its_version_is_said(tmp_path, write, body):
    script = write("tool", f"#!{sys.executable}\n{body}\n")
    script.chmod(0o755)
    tool = ToolRunner(Tool("tool", (), parse, {}), script, (), tmp_path, {}, 20.0, Processes())
    with pytest.raises(ReportError, match="outside of its contract"):
        tool.version()


def test_a_fixer_that_answers_outside_of_its_contract_is_said(runner, files):
    fixing = runner(fix=("fix", "--"), fix_exit_codes=(0, 1))
    fixing.fix(files(a="bad"))
    with pytest.raises(ReportError, match="exit code 7"):
        fixing.fix(files(a="exit 7"))


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=200)
bytes_of_names = st.binary(min_size=1, max_size=200).map(lambda name: os.fsdecode(name.replace(b"\0", b"x")))
names = st.lists(texts | bytes_of_names, max_size=1200)


@given(names, st.integers(min_value=1, max_value=16))
def test_batches_hold_every_file_once_in_order_and_fit_a_command_line(paths, jobs):
    cut = list(batches(paths, jobs))
    assert sorted(path for batch in cut for path in batch) == sorted(paths)
    assert all(cut)
    for batch in cut:
        assert len(batch) <= LARGEST_BATCH
        assert len(batch) == 1 or sum(len(os.fsencode(path)) + 3 for path in batch) <= 96_000


def test_batches_are_cut_before_the_limit_of_a_command_line():
    paths = [f"{number:03}" + "x" * 4000 for number in range(100)]
    cut = list(batches(paths, 1))
    assert [path for batch in cut for path in batch] == paths
    assert len(cut) == 5
    assert list(batches(["x" * 200_000], 1)) == [["x" * 200_000]]


def test_work_is_shared_evenly_between_the_jobs():
    paths = [str(number) for number in range(10)]
    assert [len(batch) for batch in batches(paths, 4)] == [3, 3, 3, 1]
    assert [len(batch) for batch in batches(paths, 100)] == [1] * 10
    assert list(batches([], 4)) == []


def test_a_name_that_is_no_text_is_alone():
    odd = os.fsdecode(b"caf\xe9")
    cut = list(batches(["a", odd, "b", "c"], 1))
    assert [odd] in cut
    assert sorted(map(len, cut)) == [1, 3]


def over_folder(root, args, environment):
    """A tool that passes over what is called `out`, and is told where its names begin."""
    assert root.is_absolute()
    assert "PATH" in environment
    return FolderRun((*args, "--"), lambda paths: {path for path in paths if path.startswith("out")})


@pytest.fixture
def folder_runner(runner):
    one = runner(folder_run=over_folder)
    return one._replace(tool=one.tool._replace(check=("check",), fix=("fix",), fix_exit_codes=(0, 1)))


def test_what_a_run_over_the_folder_passes_over_is_excluded_and_not_given_to_the_tool(folder_runner, files, calls):
    answer = folder_runner.judge(files(out1="bad", a="bad", out2="good"))
    assert (answer.excluded, answer.problems) == ({"out1", "out2"}, {"a": FOUND})
    assert calls() == [["check", "--", "a"]]


def test_what_is_passed_over_is_excluded_though_the_tool_fails_whatever_it_is_given(folder_runner, files, calls):
    names = files(**{f"{kind}{number}": "garbage" for kind in ("out", "in") for number in range(50)})
    answer = folder_runner.judge(names)
    assert answer.excluded == {name for name in names if name.startswith("out")}
    assert answer.errors.keys() == {name for name in names if name.startswith("in")}
    assert len(calls()) == 4


def test_what_a_run_over_the_folder_passes_over_is_not_repaired(folder_runner, files, calls):
    folder_runner.fix(files(out1="bad", a="bad"))
    assert calls() == [["fix", "--", "a"]]


def test_a_tool_that_would_pass_over_every_file_is_not_started(folder_runner, files, tmp_path):
    names = files(out1="bad")
    assert folder_runner.judge(names).excluded == {"out1"}
    folder_runner.fix(names)
    assert not (tmp_path / "calls").exists()


def test_names_are_given_as_the_tool_would_form_them(folder_runner, files, calls):
    dotted = folder_runner._replace(
        tool=folder_runner.tool._replace(folder_run=lambda *_: FolderRun(("--",), dotted=True))
    )
    assert dotted.judge(files(a="bad")).problems == {"a": FOUND}
    assert calls() == [["check", "--", "./a"]]


def judging(judged, others="error"):
    def parse(output):
        return Report({}, {}, judged(output.argv[3:]), others)

    return parse


@pytest.mark.parametrize(("others", "outcome"), [("error", "errors"), ("excluded", "excluded")])
def test_a_file_that_the_tool_does_not_say_it_judged_is_not_clean(runner, files, others, outcome):
    one = runner()
    parse = judging(lambda names: frozenset(set(names) - {"b"}), others)
    answer = one._replace(tool=one.tool._replace(parse=parse)).judge(files(a="good", b="good"))
    assert list(answer.problems) == ["a"]
    assert set(getattr(answer, outcome)) == {"b"}
    one_place_each(answer, ["a", "b"])


def test_a_tool_that_says_it_judged_fewer_files_than_it_was_given_is_not_believed(runner, files):
    one = runner()
    parse = judging(lambda names: len(names) - ("b" in names))
    answer = one._replace(tool=one.tool._replace(parse=parse)).judge(files(a="good", b="good"))
    assert (list(answer.problems), list(answer.errors)) == (["a"], ["b"])


def test_a_tool_that_judges_files_by_their_companions_is_given_one_at_a_time(runner, files, calls):
    names = files(**{f"f{number:02}": "bad" for number in range(30)}, g="garbage")
    answer = runner(alone=True).judge(names)
    assert (list(answer.errors), len(answer.problems)) == (["g"], 30)
    assert all(len(call) == 3 for call in calls())


@pytest.mark.parametrize("code", [0, 1])
@pytest.mark.parametrize("named", [True, False], ids=["as judged", "not as judged"])
def test_what_a_tool_says_that_it_passes_over_is_excluded_whatever_its_exit_code_counts(runner, files, named, code):
    def passing_over_b(output):
        names = frozenset(output.argv[3:])
        return Report({}, judged=names if named else names - {"b"}, excluded=names & {"b"})

    names = files(a="good", b=f"exit {code}", c="good")
    tool = runner()._replace(tool=runner().tool._replace(parse=passing_over_b))
    answer = tool.judge(names)
    assert (set(answer.problems), answer.excluded, answer.errors) == ({"a", "c"}, {"b"}, {})


def test_a_command_of_more_words_stands_before_the_arguments(runner, files, calls):
    tool = runner()
    command = (sys.executable, "-I", os.fspath(tool.executable))
    assert tool._replace(command=command).judge(files(a="bad")).problems == {"a": FOUND}
    assert calls() == [["check", "--", "a"]]
