"""Excerpts: the mark stands below the place, whatever is on the line, and a secret is never shown."""

from __future__ import annotations

import pytest

from pipeline_state.checks.findings import Problem
from pipeline_state.checks.fingerprints import findings_of
from pipeline_state.reports.excerpts import CHANGED, GONE, WITHHELD, Excerpts, marked_line

KEY = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEow  \nAAAA  \n-----END RSA " + "PRIVATE KEY-----\nplain  \n"


def found(content, *problems, detector="ruff"):
    return findings_of(detector, "a.py", content.encode(), problems)


def excerpt(content, *problems, now=None, width=80, detector="ruff"):
    """The excerpts of the findings that these problems come to; `now` is what the file holds by now."""
    findings = found(content, *problems, detector=detector)
    held = content if now is None else now
    make = Excerpts(lambda _: None if held == "" else held.encode(), findings, width=width)
    return [make(finding) for finding in findings]


@pytest.mark.parametrize(
    ("content", "place", "lines"),
    [
        ("import os\n", (1, 8, 1, 10), ["    1 | import os", "      |        ^^"]),
        ("import os\n", (1, 8), ["    1 | import os", "      |        ^"]),
        ("import os\n", (1, None), ["    1 | import os"]),
        ("import os\n", (None, None), []),
        ("\tx\t= 1\n", (1, 4), ["    1 |     x    = 1", "      |          ^"]),
        ("漢字 = x\n", (1, 6), ["    1 | 漢字 = x", "      |        ^"]),
        ("x = 漢字\n", (1, 5, 1, 7), ["    1 | x = 漢字", "      |     ^^^^"]),
        ("e\u0301 = x\n", (1, 6), ["    1 | e\u0301 = x", "      |     ^"]),
        ("a\x1b[2Jb\n", (1, 6), ["    1 | a\\x1b[2Jb", "      |         ^"]),
        ("a = (\n1)\n", (1, 5, 2, 2), ["    1 | a = (", "      |     ^"]),
        ("a\n", (1, 2), ["    1 | a", "      |  ^"]),
        ("a\n", (1, 99, 1, 120), ["    1 | a", "      |  ^"]),
        ("a\r\nb\r\n", (2, 1), ["    2 | b", "      | ^"]),
        ("\n", (1, 1), ["    1 |", "      | ^"]),
    ],
)
def test_the_mark_stands_below_the_place(content, place, lines):
    assert [[line.rstrip() for line in shown] for shown in excerpt(content, Problem("r", "m", *place))] == [lines]


@pytest.mark.parametrize("column", [1, 40, 500, 999, 1000])
@pytest.mark.parametrize("letter", ["x", "漢", "\t", "\x01"])
def test_a_long_line_is_cut_around_the_mark(column, letter):
    text = letter * (column - 1) + "!" + letter * (1000 - column)
    shown, before, marked = marked_line(text, column - 1, column, 60)
    cells = [("!" if one == "!" else "xx" if one == "漢" else one) for one in shown]
    assert "".join(cells)[before : before + marked] == "!"
    assert len("".join(cells)) <= 60
    assert (shown.startswith("…"), shown.endswith("…")) == (column > 60 or shown.startswith("…"), column < 990)


def test_a_line_that_fits_is_shown_whole():
    text = "x" * 59 + "!"
    assert marked_line(text, 59, 60, 60) == (text, 59, 1)


@pytest.mark.parametrize(
    ("now", "why"),
    [("", GONE), ("import re\n", CHANGED), ("\n", CHANGED), ("x\nimport os\n", CHANGED), ("import os  \n", None)],
)
def test_a_line_that_is_not_the_one_it_was_is_not_shown(now, why):
    (shown,) = excerpt("import os\n", Problem("r", "m", 1, 8), now=now)
    assert shown == [f"    1 | [{why}]"] if why else shown[0].startswith("    1 | import os")


def test_equal_lines_are_told_apart_by_their_number():
    shown = excerpt("import os\nimport os\n", Problem("r", "m", 1, 8), Problem("r", "m", 2, 8))
    assert [lines[0][:9] for lines in shown] == ["    1 | i", "    2 | i"]


@pytest.mark.parametrize(
    ("detector", "rule", "message"),
    [
        ("private-key", "private-key", "a private key"),
        ("gitleaks", "generic", "found"),
        ("detect-secrets", "Base64 High Entropy String", "found"),
        ("bandit", "B105", "Possible hardcoded password: ''"),
        ("ruff", "S106", "Possible hardcoded password assigned to argument"),
        ("mine", "aws-api-key", "m"),
    ],
)
def test_what_a_detector_says_is_a_secret_is_not_shown(detector, rule, message):
    content = "x = 'hunter2'\n"
    (shown,) = excerpt(content, Problem(rule, message, 1, 6), detector=detector)
    assert shown == [f"    1 | [{WITHHELD}]"]


@pytest.mark.parametrize(("category", "hidden"), [("security", True), ("syntax", False)])
def test_a_token_is_a_secret_only_where_it_is_about_security(category, hidden):
    (shown,) = excerpt("x = 'hunter2'\n", Problem("r", "Unexpected token", 1, 6, category=category))
    assert (shown == [f"    1 | [{WITHHELD}]"]) is hidden


def test_nor_for_any_other_finding_on_its_lines():
    content = "a = (\n'hunter2'  \n)\n"
    secret = found(content, Problem("B105", "Possible hardcoded password", 1, 1, 3), detector="bandit")
    space = found(content, Problem("trailing-whitespace", "m", 2, 10), detector="trailing-whitespace")
    make = Excerpts(lambda _: content.encode(), (*secret, *space))
    assert make(space[0]) == [f"    2 | [{WITHHELD}]"]


def test_no_line_of_a_private_key_is_shown_for_any_finding():
    problems = [Problem("trailing-whitespace", "m", line, 1) for line in range(1, 6)]
    shown = excerpt(KEY, *problems, detector="trailing-whitespace")
    assert [lines[0].split("| ")[1].strip() for lines in shown] == [f"[{WITHHELD}]"] * 4 + ["plain"]


def test_a_token_is_not_shown_whatever_is_found_on_its_line():
    content = f"x = 'ghp_{'a' * 36}'\n"
    assert excerpt(content, Problem("E501", "too long", 1, 1)) == [[f"    1 | [{WITHHELD}]"]]


def test_a_file_of_bytes_that_are_no_text_has_an_excerpt_too():
    content = b"caf\xe9 = \xff\xfe\x00x\n"
    (finding,) = findings_of("d", "a", content, [Problem("r", "m", 1, 1, 1, 5)])
    (line, mark) = Excerpts(lambda _: content, [finding])(finding)
    assert line == "    1 | caf� = ��\\x00x"
    assert mark == "      | ^^^^"
