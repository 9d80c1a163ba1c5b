"""A plain check is understood without argparse, and just as argparse would understand it."""

from __future__ import annotations

import pytest

from pipeline_state.cli.main import COMMANDS
from pipeline_state.cli.parsing import build_parser
from pipeline_state.cli.plain_check import _WORDS, plain_arguments

PLAIN = [
    [],
    *([word] for word in _WORDS),
    ["--all-files", "-q", "--json"],
    ["--json", "--format=text"],
    ["--format", "json", "--all-files"],
    ["-q", "--format", "text"],
]
OTHER = [
    ["a.py"],
    ["--staged"],
    ["--fix"],
    ["--help"],
    ["--format"],
    ["--format", "sarif"],
    ["--format", "--json"],
    ["--format json"],
    ["--all-files", "--", "a"],
    ["--js"],
    [""],
]


@pytest.mark.parametrize("words", PLAIN, ids=" ".join)
def test_it_is_what_argparse_makes_of_it(words):
    parsed = vars(build_parser("check", COMMANDS).parse_args(words))
    del parsed["run"]
    assert vars(plain_arguments(words)) == parsed


@pytest.mark.parametrize("words", OTHER, ids=" ".join)
def test_anything_else_is_left_to_argparse(words):
    assert plain_arguments(words) is None


def test_no_two_checks_share_a_list():
    plain_arguments([]).skip.append("x")
    assert plain_arguments([]).skip == []
