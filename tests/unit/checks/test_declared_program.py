"""What a declared command executes: by content, and only where somebody says that it is all."""

from __future__ import annotations

import os

import pytest

from pipeline_state.checks.contents import Contents
from pipeline_state.checks.declaration import Detector, Report, Tool
from pipeline_state.checks.declared_program import declared_identity
from pipeline_state.checks.tools import Identity
from pipeline_state.checks.watch import Watch
from pipeline_state.config import DetectorSettings

pytestmark = pytest.mark.skipif(os.name == "nt", reason="modes, links and places of programs")

KNOWN = Identity(b"k" * 16)
HIDDEN = Identity(b"h" * 16, "it is a script")


@pytest.fixture
def identify(tmp_path, later):
    """Returns the identity of a program; the worktree is `tmp_path / "tree"`."""

    def identify(name, *, known=KNOWN, inputs=None, content="x", words=(), scope="file"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is not None:
            path.write_text(content)
        watch = Watch(tmp_path, later)
        contents = Contents(tmp_path, lambda _: None, later)
        settings = DetectorSettings(inputs=inputs)
        detector = Detector("own", 1, "", frozenset(), Tool("own", words, lambda _: Report({}), {}), scope=scope)
        return declared_identity(known, path, detector, settings, tmp_path / "tree", contents, watch)

    return identify


def test_a_tool_is_what_it_is_to_everybody(identify):
    assert identify("bin/some-linter") == KNOWN
    assert identify("bin/some-linter", inputs=()) == KNOWN


@pytest.mark.parametrize(
    "name",
    [
        "python",
        "python3.11",
        "pypy3",
        "node",
        "sh",
        "bash",
        "zsh",
        "env",
        "npx",
        "uvx",
        "uv",
        "docker",
        "make",
        "ruby3.2",
    ],
)
def test_what_a_program_runs_that_is_told_what_to_run_is_not_known_without_inputs(identify, name):
    assert "declare in `inputs`" in identify(f"bin/{name}").unknown
    assert identify(f"bin/{name}", inputs=()).unknown is None


@pytest.mark.parametrize("name", ["ruff", "shellcheck", "pycodestyle", "nodeenv-lint", "makefile-lint", "pythonlint"])
def test_a_name_that_only_looks_like_one_is_a_tool(identify, name):
    assert identify(f"bin/{name}") == KNOWN


def test_a_link_to_such_a_program_is_one(identify, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python3").write_text("x")
    (tmp_path / "bin/checker").symlink_to("python3")
    assert identify("bin/checker", content=None).unknown is not None


def test_a_script_of_the_worktree_is_its_content_and_its_interpreter(identify, tmp_path):
    assert "declare in `inputs`" in identify("tree/run", known=HIDDEN, content="#!/bin/sh\n").unknown
    shell = tmp_path / "shell"
    shell.write_text("one")
    before = identify("tree/run", known=HIDDEN, inputs=(), content=f"#!{shell} -e\n")
    assert before.unknown is None
    shell.write_text("another")
    after = identify("tree/run", known=HIDDEN, inputs=(), content=f"#!{shell} -e\n")
    assert after.digest != before.digest
    assert identify("tree/run", known=HIDDEN, inputs=(), content="#!/usr/bin/env sh\n").digest not in (
        before.digest,
        after.digest,
    )
    assert identify("tree/run", known=HIDDEN, inputs=(), content="no first line\n").unknown is None


def test_a_shim_outside_stays_unknown_whatever_is_declared(identify):
    assert identify("shims/some-linter", known=HIDDEN, inputs=()) == HIDDEN


@pytest.mark.parametrize("place", ["venv", "tree/.venv"])
def test_what_is_installed_for_a_python_interpreter_counts(identify, tmp_path, place):
    packages = tmp_path / place / "lib/python3.11/site-packages"
    digests = []
    for record in (None, "a.py,sha256=1,1\n", "a.py,sha256=2,1\n"):
        if record is not None:
            (packages / "a-1.dist-info").mkdir(parents=True, exist_ok=True)
            (packages / "a-1.dist-info/RECORD").write_text(record)
        digests.append(identify(f"{place}/bin/python", inputs=()).digest)
    (packages / "b.pth").write_text("/elsewhere\n")
    digests.append(identify(f"{place}/bin/python", inputs=()).digest)
    assert len(set(digests)) == 4


@pytest.mark.parametrize("word", ["rules", "--rules=rules", "./rules"])
def test_a_folder_among_the_words_is_not_seen_through_without_inputs(identify, tmp_path, word):
    (tmp_path / "tree/rules").mkdir(parents=True)
    assert "rules is a folder; declare in `inputs`" in identify("bin/lint", words=("-x", word)).unknown
    assert identify("bin/lint", words=("-x", word), inputs=("rules",)) == KNOWN
    assert identify("bin/lint", words=("-x", word), scope="project") == KNOWN
    assert identify("bin/lint", words=("-x", "no-rules")) == KNOWN
