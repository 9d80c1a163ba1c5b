"""What a console script would execute: by its interpreter and the distributions that it can load."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pipeline_state.checks.contents import Contents
from pipeline_state.checks.python_script import Script, interpreter_of, script_identity
from pipeline_state.checks.watch import Watch
from pipeline_state.checks.watched import unmoved


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A virtual environment as installers leave it, with a tool, what it requires, a plugin, and a stranger."""
    packages = tmp_path / "env" / "lib" / "python3.11" / "site-packages"
    (tmp_path / "env" / "bin").mkdir(parents=True)
    (tmp_path / "env" / "bin" / "python3").write_bytes(b"\x7fELF interpreter")
    (tmp_path / "env" / "pyvenv.cfg").write_text("include-system-site-packages = false\n", encoding="utf-8")
    install(packages, "The_Tool", requires=["helper-lib>=1", "absent"])
    install(packages, "helper.lib", requires=[])
    install(packages, "tool_plugin", entry_points="[the_tool.extension]\nX = tool_plugin:check\n")
    install(packages, "stranger", entry_points="[console_scripts]\nstranger = stranger:main\n")
    return tmp_path / "env"


def install(packages: Path, name: str, *, requires: list[str] | None = None, entry_points: str = "") -> Path:
    folder = packages / f"{name}-1.0.dist-info"
    folder.mkdir(parents=True)
    lines = "".join(f"Requires-Dist: {one}\n" for one in requires or [])
    (folder / "METADATA").write_text(f"Name: {name}\n{lines}", encoding="utf-8")
    (folder / "RECORD").write_text(f"{name}/__init__.py,sha256=abc,3\n", encoding="utf-8")
    (folder / "entry_points.txt").write_text(entry_points, encoding="utf-8")
    return folder


def identity(environment: Path, tool: str = "the-tool", watch: Watch | None = None) -> Script:
    contents = Contents(environment, lambda _: None, None)
    return script_identity(environment / "bin" / "python3", tool, contents, watch or Watch(environment, None))


def record_of(environment: Path, name: str) -> Path:
    return next(environment.glob(f"lib/python3.11/site-packages/{name}-1.0.dist-info")) / "RECORD"


@pytest.mark.parametrize("name", ["The_Tool", "helper.lib", "tool_plugin"])
def test_a_changed_file_of_the_tool_what_it_requires_or_a_plugin_moves_it(environment: Path, name: str) -> None:
    before = identity(environment)
    assert before.unknown is None
    record_of(environment, name).write_text("changed\n", encoding="utf-8")
    assert identity(environment).digest != before.digest


@pytest.mark.parametrize(
    ("name", "file"),
    [
        *(("stranger", "entry_points.txt"), ("The_Tool", "METADATA")),
        *(("helper.lib", "direct_url.json"), ("tool_plugin", "RECORD")),
    ],
)
def test_each_text_of_a_distribution_that_it_rests_on_is_watched(environment: Path, name: str, file: str) -> None:
    """Also what is written in place, so that no folder moves."""
    watch = Watch(environment, None)
    identity(environment, watch=watch)
    before = watch.packed()
    assert unmoved(os.fspath(environment), before)
    with record_of(environment, name).with_name(file).open("a", encoding="utf-8") as text:
        text.write("[the_tool.extension]\n")
    assert not unmoved(os.fspath(environment), before)


def test_a_distribution_that_it_cannot_load_does_not_move_it(environment: Path) -> None:
    before = identity(environment)
    record_of(environment, "stranger").write_text("changed\n", encoding="utf-8")
    assert identity(environment) == before


def test_a_plugin_that_is_installed_later_moves_it(environment: Path) -> None:
    before = identity(environment)
    packages = environment / "lib" / "python3.11" / "site-packages"
    install(packages, "another", entry_points="[the-tool.reporters]\nx = another:report\n")
    assert identity(environment).digest != before.digest


@pytest.mark.skipif(os.name == "nt", reason="places of POSIX")
@pytest.mark.parametrize("place", ["lib/python3.11/dist-packages", "lib/python3.99/site-packages"])
def test_where_packages_are_installed_for_the_first_time_is_watched(environment: Path, place: str) -> None:
    watch = Watch(environment, None)
    before = identity(environment, watch=watch)
    packed = watch.packed()
    assert unmoved(os.fspath(environment), packed)
    install(environment / place, "another_plugin", entry_points="[the_tool.reporters]\nx = another:report\n")
    assert not unmoved(os.fspath(environment), packed)
    assert identity(environment).digest != before.digest


@pytest.mark.parametrize("name", ["bin/python3", "pyvenv.cfg", "lib/python3.11/site-packages/hook.pth"])
def test_the_interpreter_and_its_start_up_files_move_it(environment: Path, name: str) -> None:
    before = identity(environment)
    (environment / name).write_bytes(b"something else")
    assert identity(environment).digest != before.digest


def test_nothing_is_reused_where_a_distribution_that_counts_is_editable(environment: Path) -> None:
    direct = record_of(environment, "tool_plugin").with_name("direct_url.json")
    direct.write_text('{"dir_info": {"editable": true}, "url": "file:///src"}', encoding="utf-8")
    assert "tool-plugin is installed editable" in (identity(environment).unknown or "")


def test_an_editable_distribution_that_the_tool_cannot_load_does_not_matter(environment: Path) -> None:
    direct = record_of(environment, "stranger").with_name("direct_url.json")
    direct.write_text('{"dir_info": {"editable": true}, "url": "file:///src"}', encoding="utf-8")
    assert identity(environment).unknown is None


def test_nothing_is_reused_where_a_plugin_is_developed_in_a_folder_that_a_pth_file_names(environment: Path) -> None:
    source = environment.parent / "source"
    folder = install(source, "developed", entry_points="[the_tool.extension]\nX = developed:check\n")
    (folder / "RECORD").unlink()
    folder.rename(source / "developed.egg-info")
    packages = environment / "lib" / "python3.11" / "site-packages"
    (packages / "easy-install.pth").write_text(f"# added\nimport sys\n{source}\n", encoding="utf-8")
    assert "developed lists no files" in (identity(environment).unknown or "")


def test_nothing_is_reused_where_the_files_are_not_listed(environment: Path) -> None:
    record_of(environment, "helper.lib").unlink()
    assert "helper-lib lists no files" in (identity(environment).unknown or "")


def test_nothing_is_reused_where_the_tool_is_not_installed_beside_its_interpreter(environment: Path) -> None:
    assert "elsewhere is not installed" in (identity(environment, "elsewhere").unknown or "")


@pytest.mark.parametrize(
    ("script", "interpreter"),
    [
        (b"#!/opt/env/bin/python3.11\nimport sys\n", "/opt/env/bin/python3.11"),
        (b"#!/opt/env/bin/pypy3\r\nimport sys\n", "/opt/env/bin/pypy3"),
        (b"#! /opt/an env/bin/python\n", "/opt/an env/bin/python"),
        (b"#!/bin/sh\n'''exec' \"/opt/a b/bin/python3\" \"$0\" \"$@\"\n' '''\n", "/opt/a b/bin/python3"),
        (b"#!/bin/sh\n'''exec' /opt/long/bin/python3 \"$0\" \"$@\"\n' '''\n", "/opt/long/bin/python3"),
        (b"#!/usr/bin/env python3\n", None),
        (b"#!python3\n", None),
        (b"#!/bin/bash\nexec python3\n", None),
        (b"#!/usr/bin/env bash\n", None),
        (b"\x7fELF\x02\x01", None),
        (b"", None),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="paths of POSIX")
def test_only_a_script_that_names_its_interpreter_outright_can_be_seen_through(
    script: bytes, interpreter: str | None
) -> None:
    assert interpreter_of(script) == (None if interpreter is None else Path(interpreter))
