"""Which program a detector would run, and its identity: by content, and only where that says everything."""

from __future__ import annotations

import os
import shutil
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest

from pipeline_state.checks.contents import Contents
from pipeline_state.checks.declaration import BuiltIn, Detector, Report, Tool
from pipeline_state.checks.detectors import end_of_file
from pipeline_state.checks.digests import NOTHING
from pipeline_state.checks.tools import built_in_identity, find_executable, sources_digest, tool_identity
from pipeline_state.checks.watch import Watch
from pipeline_state.config import DetectorSettings

pytestmark = pytest.mark.skipif(os.name == "nt", reason="modes, links and places of programs")

TOOL = Tool("no-such-tool", (), lambda _: Report({}), {})


@pytest.fixture
def program(write):
    """Makes a program, and returns its path."""

    def program(name, content=b"\x7fELF and so on"):
        path = write(name, content)
        path.chmod(0o755)
        return path

    return program


@pytest.fixture
def find(tmp_path, later):
    def find(environ=None, tool=TOOL, watch=None, **settings):
        watching = watch or Watch(tmp_path, later)
        return find_executable(tool, DetectorSettings(**settings), tmp_path, environ or {}, watching)

    return find


@pytest.fixture
def identify(tmp_path, later, watch):
    return lambda path: tool_identity(path, TOOL, Contents(tmp_path, lambda _: None, later), watch)


def test_a_tool_that_is_nowhere_is_missing(find, tmp_path):
    assert find({"PATH": str(tmp_path)}) is None


def test_the_project_comes_before_the_path_and_what_is_active_before_all(program, find, tmp_path):
    environ = {"PATH": str(tmp_path / "path"), "VIRTUAL_ENV": str(tmp_path / "active")}
    for folder in ("path", "venv/bin", ".venv/bin", "active/bin"):  # each comes before the ones before it
        here = program(f"{folder}/no-such-tool")
        assert find(environ) == here
    assert find({"PATH": environ["PATH"]}) == tmp_path / ".venv" / "bin" / "no-such-tool"


def test_under_pre_commit_its_own_environment_comes_first(program, find, tmp_path):
    own = Tool(Path(sys.executable).name, (), lambda _: Report({}), {})
    program(f".venv/bin/{own.executable}")
    assert find(tool=own) == tmp_path / ".venv" / "bin" / own.executable
    assert find({"PRE_COMMIT": "1"}, tool=own) == Path(sys.prefix, "bin", own.executable)


def test_a_configured_path_is_the_only_one_and_counts_from_the_root(program, find, tmp_path):
    program(".venv/bin/no-such-tool")
    here = program("tools/mine")
    assert find(path="tools/mine") == here
    assert find(path=str(here)) == here
    assert find(path="tools/gone") is None
    assert find(path="tools") is None
    assert find(path=str(tmp_path)) is None


def test_a_program_of_the_checked_out_tree_is_not_run_by_accident(program, find, tmp_path, monkeypatch):
    program("no-such-tool")
    monkeypatch.chdir(tmp_path)
    for path in ("", ".", os.pathsep, f".{os.pathsep}"):
        assert find({"PATH": path, "VIRTUAL_ENV": "."}) is None


def test_what_cannot_be_executed_is_no_program(program, find, tmp_path):
    program("path/no-such-tool").chmod(0o644)
    program("path2/no-such-tool/inside")
    assert find({"PATH": os.pathsep.join([str(tmp_path / "path"), str(tmp_path / "path2")])}) is None


def test_every_place_that_was_looked_at_is_watched(program, find, watch, tmp_path):
    program("path/no-such-tool")
    find({"PATH": str(tmp_path / "path")}, watch=watch)
    assert watch.entries[str(tmp_path / ".venv" / "bin" / "no-such-tool")] is None
    assert watch.entries[str(tmp_path / "path" / "no-such-tool")] is not None


def test_a_program_is_what_it_holds_wherever_it_lies(program, identify, tmp_path):
    one, other = program("one/tool"), program("other/tool")
    assert identify(one) == identify(other)
    assert identify(one).unknown is None
    assert identify(program("third/tool", b"\x7fELF and something else")) != identify(one)
    (tmp_path / "link").symlink_to(one)
    assert identify(tmp_path / "link") == identify(one)


@pytest.mark.parametrize("content", [b"#!/bin/sh\nexec other", b"", b"#!", b"\x7fEL"])
def test_what_a_script_runs_is_not_known(program, identify, content):
    identity = identify(program("tool", content))
    assert "is a script" in identity.unknown


def test_a_python_script_that_stands_for_a_tool_of_npm_is_not_known(program, tmp_path, later, watch):
    script = program("pyright", f"#!{sys.executable}\nprint()\n".encode())
    contents = Contents(tmp_path, lambda _: None, later)
    npm = Tool("pytest", (), lambda _: Report({}), {}, package="pytest")
    assert "what it runs cannot be seen" in tool_identity(script, npm, contents, watch).unknown
    assert tool_identity(script, Tool("pytest", (), lambda _: Report({}), {}), contents, watch).unknown != (
        tool_identity(script, npm, contents, watch).unknown
    )


def test_a_program_that_is_gone_is_not_known(identify, tmp_path):
    assert identify(tmp_path / "gone") == (NOTHING, f"{tmp_path / 'gone'} cannot be read")


def test_a_program_that_may_be_run_and_not_read_is_not_known(public_folder, in_process):
    path = public_folder / "tool"
    shutil.copy("/bin/sh", path)
    path.chmod(0o711)
    if os.geteuid() != 0:
        path.chmod(0o111)
    code = """
        from pathlib import Path
        where = Path(sys.argv[1])
        watching = watch.Watch(where.parent, None)
        tool = tools.Tool("tool", (), None, {})
        print(tools.tool_identity(where, tool, contents.Contents(where.parent, lambda _: None, None), watching).unknown)
    """
    assert in_process(code, path, unprivileged=True).strip() == f"{path} cannot be read: Permission denied"


def built_in(judge, libraries=()):
    how = BuiltIn(judge, libraries=libraries)
    return Detector(id="d", version=1, title="d", types=frozenset({"text"}), how=how)


def theirs(_path, _content):
    return ()


@pytest.fixture
def identify_ours(tmp_path, later, watch):
    return lambda one: built_in_identity(one, Contents(tmp_path, lambda _: None, later), watch)


def test_what_detectors_say_may_change_with_any_of_our_sources(tmp_path, later, watch):
    assert sources_digest(Contents(tmp_path, lambda _: None, later), watch) != NOTHING
    watched = {Path(path).name for path in watch.entries}
    assert {"end_of_file.py", "ruff_report.py", "worker.py", "findings.py", "declaration.py"} <= watched
    assert {"digests.py", "named_tuple.py", "toml.py"} <= watched, "what they share, wherever it lies"


def test_a_detector_of_ours_is_the_interpreter_that_it_runs_in(identify_ours, watch):
    identity = identify_ours(built_in(end_of_file.judge))
    assert identity.unknown is None
    assert os.path.realpath(sys.executable) in watch.entries


def test_a_library_counts_by_what_is_installed_of_it(identify_ours, watch):
    alone, with_library = (identify_ours(built_in(end_of_file.judge, names)) for names in ((), ("PyYAML",)))
    assert with_library.digest != alone.digest
    assert with_library.unknown is None
    assert any(path.endswith("site-packages") for path in watch.entries)


def test_a_library_is_found_behind_what_is_no_folder_and_not_where_the_check_was_started(
    identify_ours, tmp_path, monkeypatch
):
    known = identify_ours(built_in(end_of_file.judge, ("PyYAML",)))
    (tmp_path / "archive.zip").write_bytes(b"")
    (tmp_path / "PyYAML-0.dist-info").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", str(tmp_path / "archive.zip"), str(tmp_path / "none"), *sys.path])
    assert identify_ours(built_in(end_of_file.judge, ("PyYAML",))) == known


def test_an_absent_library_is_a_state_too(identify_ours):
    absent = identify_ours(built_in(end_of_file.judge, ("no-such-distribution",)))
    assert absent.unknown is None
    assert absent.digest != identify_ours(built_in(end_of_file.judge)).digest


def test_an_editable_library_is_not_known(identify_ours):
    if '"editable": true' not in (distribution("pipeline-state").read_text("direct_url.json") or ""):
        pytest.skip("this project is not installed editable here")
    assert "editable" in identify_ours(built_in(end_of_file.judge, ("pipeline-state",))).unknown


def test_a_detector_of_somebody_else_has_to_name_what_it_is_made_of(identify_ours):
    assert "names no distribution" in identify_ours(built_in(theirs)).unknown
    assert identify_ours(built_in(theirs, ("PyYAML",))).unknown is None
