"""What a fixer changed is found by looking, not by asking it; what it cannot repair is said."""

from __future__ import annotations

import os
import sys

import pytest

from pipeline_state.checks.contents import Contents
from pipeline_state.checks.declaration import BuiltIn, Detector, Report, Tool
from pipeline_state.checks.detectors import end_of_file
from pipeline_state.checks.fixers import fix_files

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the tools of these tests are scripts")

# Repairs files as they say: `break` ends it, `other` makes it write another file.
TOOL = f"""#!{sys.executable}
import sys
for name in sys.argv[2:]:
    with open(name, "r+") as file:
        text = file.read()
        if text == "break":
            sys.exit(7)
        if text == "other":
            open("other", "a").write("written")
        if text == "bad":
            file.write(" no more")
"""


def detector(how):
    return Detector(id="fixer", version=1, title="a fixer", types=frozenset({"text"}), how=how)


def judge(_path, _content):
    return ()


def raises(_content):
    raise ZeroDivisionError("oh no")


@pytest.fixture
def fix(tmp_path, write, ready, later):
    """Lets a fixer at files with these contents; returns the paths that it changed, and its troubles."""

    def fix(how, timeout_s=60.0, **files):
        for name, content in files.items():
            write(name, content)
        (prepared,) = ready(detector(how), path="tool", timeout_s=timeout_s)
        contents = Contents(tmp_path, lambda _: None, later)
        changed, troubles = fix_files(prepared, list(files), contents, tmp_path)
        for name in files:  # what is known of the files is known anew
            assert contents.of(name).digest == Contents(tmp_path, lambda _: None, None).of(name).digest
        return changed, [(one.path, one.message) for one in troubles]

    return fix


@pytest.fixture
def tool(write):
    write("tool", TOOL).chmod(0o755)
    return Tool("tool", ("check",), lambda _: Report({}), {0: "clean"}, fix=("fix",))


def test_a_built_in_fixer_changes_what_needs_it(fix):
    assert fix(BuiltIn(judge, end_of_file.fix), a="a", b="b\n", c="c") == (["a", "c"], [])


def test_a_fixer_that_raises_leaves_the_file_and_the_others_go_on(fix, tmp_path):
    assert fix(BuiltIn(judge, raises), a="a", b="b") == (
        [],
        [("a", "its fixer raised ZeroDivisionError: oh no"), ("b", "its fixer raised ZeroDivisionError: oh no")],
    )
    assert (tmp_path / "a").read_text() == "a"


def test_a_link_is_not_fixed_through(tmp_path, write, ready, later):
    target = write("target", "a")
    (tmp_path / "link").symlink_to("target")
    (prepared,) = ready(detector(BuiltIn(judge, end_of_file.fix)))
    changed, troubles = fix_files(prepared, ["link"], Contents(tmp_path, lambda _: None, later), tmp_path)
    assert (changed, len(troubles)) == ([], 1)
    assert target.read_text() == "a"


def test_a_tool_changes_what_it_changes_whatever_it_says(fix, tool):
    assert fix(tool, a="bad", b="good") == (["a"], [])


def test_a_file_for_which_a_tool_fails_is_what_it_was_and_the_others_are_repaired(fix, tool, tmp_path):
    files = dict.fromkeys("abcdefgh", "bad") | {"d": "break"}
    changed, ((path, message),) = fix(tool, **files)
    assert changed == [name for name in files if name != "d"]
    assert {(tmp_path / name).read_text() for name in changed} == {"bad no more"}
    assert (path, (tmp_path / "d").read_text()) == ("d", "break")
    assert message.startswith("while fixing: answered with exit code 7")
    assert message.endswith("; left as it was")


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), 9)", "time.sleep(60)"], ids=["killed", "hangs"])
def test_a_file_that_a_tool_has_written_in_part_is_what_it_was(fix, write, tmp_path, end):
    script = f"#!{sys.executable}\nimport os, sys, time\nopen(sys.argv[2], 'w').write('ha')\n{end}\n"
    write("tool", script).chmod(0o755)
    half = Tool("tool", ("check",), lambda _: Report({}), {0: "clean"}, fix=("fix",))
    changed, ((path, _),) = fix(half, timeout_s=1.0, a="whole")
    assert (changed, path, (tmp_path / "a").read_text()) == ([], "a", "whole")


def test_a_file_that_a_tool_has_deleted_is_there_again(fix, write, tmp_path):
    write("tool", f"#!{sys.executable}\nimport os, sys\nos.unlink(sys.argv[2])\nsys.exit(7)\n").chmod(0o755)
    half = Tool("tool", ("check",), lambda _: Report({}), {0: "clean"}, fix=("fix",))
    assert fix(half, a="whole")[0] == []
    assert (tmp_path / "a").read_text() == "whole"


def test_a_file_that_another_fix_wrote_is_found_where_it_was_given(fix, tool):
    assert fix(tool, a="other", other="") == (["other"], [])
