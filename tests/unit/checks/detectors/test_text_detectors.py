"""The detectors that look at bytes, and their fixers."""

from __future__ import annotations

import itertools

import pytest

from pipeline_state.checks.detectors import (
    byte_order_mark,
    end_of_file,
    large_file,
    merge_conflict,
    private_key,
    trailing_whitespace,
)

OURS, BASE, MIDDLE, THEIRS = "<" * 7, "|" * 7, "=" * 7, ">" * 7


def places(module, content):
    return [(problem.line, problem.column) for problem in module.judge("a", content)]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_each_marker_line_of_a_conflict_is_found(end):
    lines = ["a", f"{OURS} HEAD", "b", f"{BASE} base", "c", MIDDLE, "d", f"{THEIRS} topic", MIDDLE, ""]
    assert [line for line, _ in places(merge_conflict, end.join(lines).encode())] == [2, 4, 6, 8]


@pytest.mark.parametrize(
    "text", [f"Title\n{MIDDLE}\n", f" {OURS} a\n", f"{OURS}\n", f"{MIDDLE}=\n", f"{BASE} a |\n", f"{OURS}< a\n"]
)
def test_what_only_looks_like_a_marker_is_left_alone(text):
    assert places(merge_conflict, text.encode()) == []


def test_what_is_left_of_a_conflict_is_found():
    assert places(merge_conflict, f"a\n{MIDDLE}\nb\n{THEIRS} topic\n".encode()) == [(4, 1)]


KINDS = ["RSA ", "DSA ", "EC ", "OPENSSH ", "", "SSH2 ENCRYPTED ", "ENCRYPTED ", "PGP "]


@pytest.mark.parametrize(
    "header", [*(f"-----BEGIN {kind}PRIVATE" + " KEY" for kind in KINDS), "-----BEGIN OpenVPN" + " Static key V1"]
)
def test_the_header_of_a_private_key_is_found_and_nothing_of_it_told(header):
    (problem,) = private_key.judge("a", f"x = '''{header}-----\nMIIEsecret\n'''\n".encode())
    assert (problem.line, problem.column, problem.severity, problem.category) == (1, 13, "error", "security")
    assert "secret" not in problem.message
    assert "BEGIN" not in problem.message


def test_each_private_key_of_a_file_is_found():
    text = "PuTTY-User-Key" + "-File-2: x\nPuTTY-User-Key" + "-File-3: y\n"
    assert places(private_key, text.encode()) == [(1, 1), (2, 1)]
    assert places(private_key, b"BEGIN PUBLIC KEY\nBEGIN CERTIFICATE\n") == []


@pytest.mark.parametrize(("size", "count"), [(0, 0), (500 * 1024, 0), (500 * 1024 + 1, 1)])
def test_a_file_is_large_beyond_500_kb(size, count):
    assert len(list(large_file.judge("a", bytes(size)))) == count
    assert len(list(large_file.judge_size("a", size))) == count


def test_a_utf8_byte_order_mark_is_found_and_taken_away():
    assert places(byte_order_mark, b"\xef\xbb\xbfx") == [(1, 1)]
    assert byte_order_mark.fix(b"\xef\xbb\xbfx") == b"x"
    for content in (b"", b"x\xef\xbb\xbf", b"\xff\xfex\0"):
        assert places(byte_order_mark, content) == []
        assert byte_order_mark.fix(content) == content


@pytest.mark.parametrize(
    ("content", "fixed"),
    [
        (b"a \nb\t\r\nc", b"a\nb\r\nc"),
        (b"a  \n", b"a\n"),  # in Markdown too
        (b"a\x0c\n\x0b\n", b"a\n\n"),
        (b"a\r\r\n", b"a\r\n"),
        (b"a \rb\r", b"a\rb\r"),  # pre-commit-hooks would eat the last line end
        (b"a\nb ", b"a\nb"),
        (b"a\nb\r", b"a\nb"),
        (b" ", b""),
        ("a\u00a0\n".encode(), "a\u00a0\n".encode()),
        ("\u3000\n".encode(), "\u3000\n".encode()),
    ],
)
def test_white_space_at_line_ends_goes_and_line_ends_stay(content, fixed):
    assert trailing_whitespace.fix(content) == fixed


def test_each_line_with_white_space_at_its_end_is_found_where_it_begins():
    problems = list(trailing_whitespace.judge("a", "é \r\nb\n\t\r\nx\t \n".encode()))
    assert [(p.line, p.column, p.end_line, p.end_column) for p in problems] == [
        (1, 2, 1, 3),
        (3, 1, 3, 2),
        (4, 2, 4, 4),
    ]
    assert {(p.severity, p.category) for p in problems} == {("warning", "format")}


@pytest.mark.parametrize(
    ("content", "fixed"),
    [
        (b"", b""),
        (b"a", b"a\n"),
        (b"a\n", b"a\n"),
        (b"a\n\n\n", b"a\n"),
        (b"a\r\n", b"a\r\n"),
        (b"a\r\n\r\n", b"a\r\n"),
        (b"a\n\r\n", b"a\n"),
        (b"a\r", b"a\r"),
        (b"a\r\r", b"a\r"),
        (b"\n\r\n\n", b""),
        (b"a\r\nb", b"a\r\nb\r\n"),  # pre-commit-hooks would add a lone line feed
        (b"a\r\nb\nc", b"a\r\nb\nc\n"),
        (b"\n a", b"\n a\n"),
    ],
)
def test_a_file_ends_in_one_line_end(content, fixed):
    assert end_of_file.fix(content) == fixed


@pytest.mark.parametrize(
    ("content", "rule", "line"),
    [
        (b"a\nb", "missing-final-newline", 2),
        (b"a\nb\n\n", "extra-final-newlines", 2),
        (b"\n", "extra-final-newlines", 1),
    ],
)
def test_a_wrong_end_of_file_is_found(content, rule, line):
    assert [(p.rule, p.line) for p in end_of_file.judge("a", content)] == [(rule, line)]


@pytest.mark.parametrize("module", [trailing_whitespace, end_of_file, byte_order_mark])
def test_a_fixer_repairs_exactly_what_is_found_and_has_nothing_to_do_twice(module):
    for parts in itertools.product((b"a", b" ", b"\n", b"\r", b"\xef\xbb\xbf"), repeat=5):
        content = b"".join(parts)
        fixed = module.fix(content)
        if module is not byte_order_mark:  # a second mark is a character
            assert module.fix(fixed) == fixed
        assert bool(list(module.judge("a", content))) == (fixed != content), content
