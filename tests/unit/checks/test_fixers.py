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

    def fix(how, **files):
        for name, content in files.items():
            write(name, content)
        (prepared,) = ready(detector(how), path="tool")
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


def test_a_tool_that_fails_is_said_and_what_it_changed_before_is_found(fix, tool):
    changed, ((path, message),) = fix(tool, a="bad", b="break", c="bad")
    assert changed == ["a"]
    assert path is None
    assert message.startswith("while fixing: answered with exit code 7")


def test_a_file_that_another_fix_wrote_is_found_where_it_was_given(fix, tool):
    assert fix(tool, a="other", other="") == (["other"], [])
