"""Patterns mean what they mean in .gitignore."""

from __future__ import annotations

import pytest

from pipeline_state.checks.globs import matcher


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*.py", "a.py"),
        ("*.py", "src/deep/a.py"),
        ("a.py", "src/a.py"),
        ("src", "src/deep/a.py"),
        ("src/", "src/a.py"),
        ("/src", "src/a.py"),
        ("./src", "src/a.py"),
        ("src/*.py", "src/a.py"),
        ("/a.py", "a.py"),
        ("**/a.py", "a.py"),
        ("**/a.py", "x/y/a.py"),
        ("src/**/a.py", "src/a.py"),
        ("src/**/a.py", "src/x/y/a.py"),
        ("src/**", "src/x/y"),
        ("?.py", "a.py"),
        ("[ab].py", "b.py"),
        ("[!a].py", "b.py"),
        ("[^a].py", "b.py"),
        ("[]].py", "].py"),
        ("[a.py", "[a.py"),
        ("a+(b)|c$.py", "a+(b)|c$.py"),
        ("a[\\]b", "a\\b"),
        ("*", "two\nlines"),
        ("*.py", "caf\udce9.py"),
        ("build", "x/build/y"),
    ],
)
def test_it_matches(pattern, path):
    assert matcher([pattern])(path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*.py", "a.pyi"),
        ("src", "source/a.py"),
        ("/src", "x/src/a.py"),
        ("src/*.py", "src/x/a.py"),
        ("src/*.py", "x/src/a.py"),
        ("src/**/a.py", "src/xa.py"),
        ("?.py", "ab.py"),
        ("x?y", "x/y"),
        ("[!a].py", "a.py"),
        ("x[!a]y", "x/y"),
        ("[z-a].py", "z.py"),
        ("a.py", "A.py"),
        ("a.py", "xa.py"),
        ("*.py", "a.py\n"),
        (".", "a"),
    ],
)
def test_it_does_not_match(pattern, path):
    assert not matcher([pattern])(path)


def test_any_of_several_is_enough_and_none_matches_nothing():
    assert matcher(["*.c", "*.py"])("a.py")
    assert not matcher([])("a.py")


@pytest.mark.parametrize(
    "pattern", ["[z-a]", "[a-", "[", "***", "[--]", "a**b", "[!]", "[&&]", "[[:alpha:]]", "(?i)x", "\\"]
)
def test_any_text_is_a_pattern(pattern):
    assert matcher([pattern])("x") in (True, False)
