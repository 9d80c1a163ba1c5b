"""Ignore files are read as Git reads them: each answer is held against Git's own."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline_state.checks.ignore_files import ignored_by

PATHS = [
    *("a", "b", "a/b", "a/b/c", "a/c/b", "b/a", "c/a/b", "ab", "a.js", "b/a.js", "a b", "#a", "!a", "*", "a/x/y/b"),
    *(".a", "a/.b/c", "éa/a", "[a]", "a\\b", "b/c/a.js"),
]
PATTERNS = [
    *(
        "a",
        "/a",
        "a/",
        "/a/b",
        "a/b",
        "**/b",
        "a/**",
        "a/**/b",
        "*.js",
        "!a.js",
        "/*",
        "!/b",
        "a/*",
        "*/b",
        "?",
        "[ab]",
    ),
    *(
        "[!a]",
        "\\#a",
        "\\!a",
        "\\*",
        "# a",
        "",
        "a ",
        "a\\ b",
        "b/**/a.js",
        "**",
        "**/",
        "/**/b",
        ".*",
        "[a",
        "a/**/",
        "!**/b",
    ),
    *("\\[a\\]", "[[]a]", "a//b", "é", "c*", "!c/a", "**a", "[a-b]/", "[]a]"),
]


@pytest.fixture(scope="module")
def named_by_git(tmp_path_factory):
    root = tmp_path_factory.mktemp("ignoring")
    subprocess.run(["git", "init", "-q", "."], cwd=root, check=True)

    def named_by_git(text):
        (root / ".gitignore").write_text(text, encoding="utf-8")
        done = subprocess.run(
            ["git", "check-ignore", "--no-index", "-z", "--stdin"],
            cwd=root,
            input="\0".join(PATHS).encode(),
            stdout=subprocess.PIPE,
            check=False,
        )
        return set(done.stdout.decode().split("\0")) - {""}

    return named_by_git


def named(text):
    is_ignored = ignored_by(text)
    return {path for path in PATHS if is_ignored(path)}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_each_pattern_names_what_git_says(named_by_git, pattern):
    assert named(f"{pattern}\n") == named_by_git(f"{pattern}\n")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(PATTERNS), max_size=5))
def test_together_they_name_what_git_says(named_by_git, patterns):
    text = "\n".join(patterns)
    assert named(text) == named_by_git(text)


def test_line_ends_of_windows_and_a_byte_order_mark_do_not_matter():
    assert named("\ufeffa.js\r\n/b\r\n") == named("a.js\n/b\n") == {"a.js", "b/a.js", "b", "b/a", "b/c/a.js"}
