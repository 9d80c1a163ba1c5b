"""The detectors that parse: what they accept, what they report, and where."""

from __future__ import annotations

import sys
import warnings

import pytest

from pipeline_state.checks.detectors import json_syntax, python_syntax, toml_syntax, xml_syntax, yaml_syntax


def found(module, content):
    problems = list(module.judge("a", content))
    assert all((problem.severity, problem.category) == ("error", "syntax") for problem in problems)
    return [(problem.rule, problem.line, problem.column) for problem in problems]


# Python


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x = 1\n",
        b"\xef\xbb\xbfx = 1\n",
        b'# -*- coding: latin-1 -*-\nx = "\xff"\n',
        b"#!/usr/bin/env python\n# vim: set fileencoding=cp1252 :\nx = '\x80'\n",
        b"x = 1\r\ny = 2\r\n",
        b"x = 1\ry = 2\r",
        b"\x0cx = 1\n",
        b"from __future__ import annotations\n",
        b"(" * 150 + b")" * 150,
    ],
)
def test_python_that_parses_is_clean(content):
    assert found(python_syntax, content) == []


@pytest.mark.parametrize(
    ("content", "rule", "line", "column"),
    [
        (b"def f(:\n    pass\n", "syntax-error", 1, 7),
        ("é = ) 1\n".encode(), "syntax-error", 1, 5),
        (b"if 1:\nx\n", "indentation-error", 2, 1),
        (b"x\0y\n", "null-byte", 1, 2),
        ('\n "é\0"\n'.encode(), "null-byte", 2, 4),
        (b"x = \n", "syntax-error", 1, 5),
        (b"a\rb = =\r", "syntax-error", 2, 5),
    ],
)
def test_python_that_does_not_parse_is_found_where_it_is(content, rule, line, column):
    assert found(python_syntax, content) == [(rule, line, column)]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"if 1:\n\tx\n        y\n", "tab-error"),
        (b'x = "\xff"\n', "encoding-error"),
        (b"# coding: no-such-encoding\n", "encoding-error"),
        (b"# coding: hex\nx\n", "encoding-error"),
        (b"# coding: undefined\nx\n", "encoding-error"),
        (b"\xef\xbb\xbf# coding: latin-1\nx\n", "encoding-error"),
        (b'x = "\\N{no such character}"\n', "syntax-error"),
        (b'print "x"\n', "syntax-error"),
        (b"(" * 1000, "syntax-error"),
    ],
)
def test_each_kind_of_python_error_has_its_rule(content, rule):
    assert [one[0] for one in found(python_syntax, content)] == [rule]


def test_a_warning_of_the_compiler_is_neither_reported_nor_printed(capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert found(python_syntax, b'"\\d"\nassert (1, "x")\nx is 1\n') == []
    assert capfd.readouterr() == ("", "")


def test_nothing_of_a_judged_file_is_run():
    assert found(python_syntax, b"raise SystemExit('it was run')\n") == []


def test_nesting_beyond_the_parser_is_a_finding_or_an_error():
    for content in (b"x" + b".a" * 100_000, b"1" + b"+1" * 100_000):
        try:
            assert found(python_syntax, content) in ([], [("too-deeply-nested", None, None)])
        except MemoryError:
            pass


# JSON


@pytest.mark.parametrize(
    "content",
    [b"{}", b"1" * 5000, b"1e999999", b'{"a": {"b": 1}, "c": {"b": 1}}', b'["\\ud800"]', b'{"a": "NaN, \\"a\\":"}\r\n'],
)
def test_json_is_clean(content):
    assert found(json_syntax, content) == []


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        (b"", [("syntax-error", 1, 1)]),
        (b"{}\n{}", [("syntax-error", 2, 1)]),
        ('["é", 1 2]'.encode(), [("syntax-error", 1, 9)]),
        (b'{"a": 1,}', [("syntax-error", 1, 9)]),
        (b"// comment\n{}", [("syntax-error", 1, 1)]),
        (b'["\x01"]', [("syntax-error", 1, 3)]),
        (b"\xef\xbb\xbf{}", [("syntax-error", 1, 1)]),
        (b'{\n"a": "\xff"}', [("encoding-error", 2, 7)]),
        (b'{"a": 1,\r\n "b": [{"a": 1}],\r\n "a": 2}', [("duplicate-key", 3, 2)]),
        (b'{"a\\"": 1, "\\u0061\\"": 2}', [("duplicate-key", 1, 12)]),
        (b'[NaN,\n-Infinity, "NaN"]', [("not-a-number", 1, 2), ("not-a-number", 2, 1)]),
        (b"[" * 100_000, [("too-deeply-nested", None, None)]),
    ],
)
def test_what_is_not_json_is_found_where_it_is(content, problems):
    if problems[0][1:] == (1, 9) and sys.version_info >= (3, 13):
        problems = [("syntax-error", 1, 8)] if b",}" in content else problems  # it then points at the comma
    assert found(json_syntax, content) == problems


# TOML


@pytest.mark.parametrize("content", [b"", b"a = 1\r\nb = 2\r\n", b"x = 1e400\n", b"[a]\nb = 1\n[a.c]\n"])
def test_toml_is_clean(content):
    assert found(toml_syntax, content) == []


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        (b"a = 1\nb =\n", [("syntax-error", 2, 4)]),
        (b"a = 1\r\nb =\r\n", [("syntax-error", 2, 4)]),
        (b'a = "x', [("syntax-error", 1, 7)]),
        (b"a = 1\na = 2\nb = 3\n", [("syntax-error", 2, 6)]),
        (b'a = "\xff"', [("encoding-error", 1, 6)]),
        (b"a = " + b"1" * 5000, [("syntax-error", None, None)]),
        (b"a = " + b"[" * 5000, [("too-deeply-nested", None, None)]),
    ],
)
def test_what_is_not_toml_is_found_where_it_is(content, problems):
    assert found(toml_syntax, content) == problems


# YAML


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"# nothing\n",
        b"a: 1\r\nb: [1, 2]\r\n",
        b"--- a\n--- b\n...\n",
        b"- !Ref foo\n- !<tag:x,2000:y> {a: 1}\n",
        b"x: &a {k: 1}\ny: {<<: *a, k: 2}\n",
        b"x: &a {k: 1}\ny:\n  <<: *a\n  <<: *a\n",
        b"a: &x 1\nb: &x 2\nc: *x\n",
        b"a: &a [*a]\n",
        b'1: a\n"1": b\n',
        b"a: {b: 1}\nc: {b: 1}\n",
        b"- a: 1\n- a: 1\n",
        b"{a: b}: c\n{a: b}: d\n",
        b"a: 1\n---\na: 1\n",
        "a: 😀\n".encode("utf-16"),
        b"\xef\xbb\xbfa: 1\n",
        b"[" * 900 + b"]" * 900,
    ],
)
def test_yaml_is_clean(content):
    assert found(yaml_syntax, content) == []


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        (b"a: b: c\n", [("syntax-error", 1, 5)]),
        (b"a:\n\t- b\n", [("syntax-error", 2, 1)]),
        (b"{% if x %}\na: 1\n", [("syntax-error", 1, 2)]),
        (b"a: *b\nc: *d\n", [("undefined-alias", 1, 4), ("undefined-alias", 2, 4)]),
        (b"a: &b 1\n---\na: *b\n", [("undefined-alias", 3, 4)]),
        ("é: 1\nx: 2\n'é': 3\n".encode(), [("duplicate-key", 3, 1)]),
        (b"- !Sub {a: [x, {y: 1}], a: 2}\n", [("duplicate-key", 1, 25)]),
        (b"? [a, b]\n: 1\nc: 1\nc: 2\n", [("duplicate-key", 4, 1)]),
        (b"a: \xff\n", [("encoding-error", 1, 4)]),
        (b"a: 1\nb: \x07\n", [("encoding-error", 2, 4)]),
        (b"[" * 100_000, [("too-deeply-nested", 1, 1001)]),
    ],
)
def test_what_is_not_yaml_is_found_where_it_is(content, problems):
    assert found(yaml_syntax, content) == problems


def test_a_bomb_of_aliases_costs_nothing():
    lines = [b"a0: &a0 x\n", *(b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 40))]
    assert found(yaml_syntax, b"".join(lines)) == []


def test_yaml_is_judged_alike_without_libyaml(monkeypatch):
    import yaml

    monkeypatch.delattr(yaml, "CSafeLoader")
    assert found(yaml_syntax, b"a: &x 1\nb: &x 2\na: *y\n") == [("duplicate-key", 3, 1), ("undefined-alias", 3, 4)]
    assert found(yaml_syntax, b"a: \xff\n") == [("encoding-error", 1, 4)]
    assert found(yaml_syntax, b"a: b: c\n") == [("syntax-error", 1, 5)]
    assert found(yaml_syntax, b"a: 1\nb: \x07\n") == [("encoding-error", 2, 4)]


# XML

BOMB = b'<!DOCTYPE a [<!ENTITY e0 "lolololololololol">%s]>' % b"".join(
    b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 12)
)


@pytest.mark.parametrize(
    "content",
    [
        b"<a/>",
        b"\xef\xbb\xbf<a/>",
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b'<!DOCTYPE a SYSTEM "file:///no/such/file"><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///no/such/file">]><a>&x;</a>',
        b'<?xml version="1.0" encoding="windows-1252"?><a>\x80</a>',
        '<?xml version="1.0" encoding="shift_jis"?><a>日本</a>'.encode("shift_jis"),
        '<?xml version="1.0" encoding="utf-16"?><a>é</a>'.encode("utf-16"),
    ],
)
def test_well_formed_xml_is_clean(content):
    assert found(xml_syntax, content) == []


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        (b"", [("syntax-error", 1, 1)]),
        ("<a>\n é<b></a>".encode(), [("syntax-error", 2, 8)]),
        (b"<a>&x;</a>", [("syntax-error", 1, 4)]),
        (b"<a>\0</a>", [("syntax-error", 1, 4)]),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', [("encoding-error", 1, None)]),
        (b'<?xml version="1.0" encoding="undefined"?><a/>', [("encoding-error", None, None)]),
        (b'<?xml version="1.0" encoding="shift_jis"?><a>\x81</a>', [("encoding-error", None, None)]),
    ],
)
def test_xml_that_is_not_well_formed_is_found_where_it_is(content, problems):
    assert found(xml_syntax, content) == problems


@pytest.mark.parametrize("use", [b"<a>&e11;</a>", b'<a b="&e11;"/>'])
def test_a_bomb_of_entities_is_found_and_does_not_go_off(use):
    assert [rule for rule, _, _ in found(xml_syntax, BOMB + use)] == ["entity-expansion"]
