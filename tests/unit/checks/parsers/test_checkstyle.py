"""checkstyle's XML, as real tools wrote it, and as it must not be believed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline_state.checks.declaration import Output, ReportError
from pipeline_state.checks.parsers import checkstyle

REPORTS = Path(__file__).parent / "reports"


def read(stdout, *names):
    stdout = stdout if isinstance(stdout, bytes) else stdout.encode()
    return checkstyle.parse(Output(("tool", *names), 1, stdout, b"", names))


def document(inside, root="checkstyle"):
    return f'<?xml version="1.0"?><{root} version="4.3">{inside}</{root}>'


def of_file(inside, name="a.py"):
    return document(f'<file name="{name}">{inside}</file>')


def test_what_real_tools_wrote_is_read():
    (problem,) = read((REPORTS / "shellcheck-0.11.xml").read_bytes()).problems["a.sh"]
    assert (problem.rule, problem.line, problem.column, problem.severity) == ("ShellCheck.SC2086", 2, 6, "note")
    found = read((REPORTS / "eslint-9.xml").read_bytes()).problems["/tree/a.js"]
    assert [(p.rule, p.line, p.column, p.severity) for p in found] == [
        ("eslint.rules.no-extra-semi", 1, 11, "warning"),
        ("eslint.rules.no-cond-assign", 2, 5, "warning"),
        ("eslint.rules.no-undef", 2, 14, "error"),
    ]
    assert found[2].message == "'undefinedName' is not defined. (no-undef)"


@pytest.mark.parametrize("name", ["shellcheck-0.11.xml", "eslint-9.xml"])
def test_no_beginning_of_a_report_is_a_report(name):
    whole = (REPORTS / name).read_bytes().rstrip()
    for length in range(len(whole)):
        with pytest.raises(ReportError):
            read(whole[:length])


def test_a_finding_needs_no_place_and_no_rule():
    (problem,) = read(of_file('<error message="m"/>')).problems["a.py"]
    assert (problem.rule, problem.line, problem.column, problem.severity) == ("unnamed", None, None, "error")
    assert read(of_file('<error message="m" severity="ignore"/>')).problems == {}


def test_a_file_that_could_not_be_judged_is_an_error_of_that_file():
    with pytest.raises(ReportError, match="cannot parse") as raised:
        read(of_file("<exception>cannot\nparse</exception>", "b.py"))
    assert raised.value.paths == ("b.py",)


BOMB = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))


@pytest.mark.parametrize(
    "report",
    [
        "",
        "text",
        "<checkstyle>",
        document("", root="testsuites"),
        document("<error message='m'/>"),
        document("<file/>"),
        document("<file name=''/>"),
        document("<other/>"),
        document("loose text"),
        of_file("<file name='b'/>"),
        of_file("<error/>"),
        of_file('<error message="m" severity="grave"/>'),
        of_file('<error message="m" line="x"/>'),
        of_file('<error message="m" line="-9"/>'),
        of_file('<error message="m" line="99999999999"/>'),
        of_file('<error message="m" line="٣"/>'),
        of_file('<error message="m">text</error>'),
        of_file('<error message="m" source="a&#10;b"/>'),
        document("") + document(""),
        '<!DOCTYPE checkstyle SYSTEM "file:///etc/passwd"><checkstyle/>',
        f'<!DOCTYPE x [<!ENTITY a0 "boom">{BOMB}]><checkstyle>&a11;</checkstyle>',
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><checkstyle><file name="&e;"/></checkstyle>',
        '<?xml version="1.0" encoding="no-such"?><checkstyle/>',
        b"<checkstyle>\xff</checkstyle>",
        of_file("<error message='&undeclared;'/>"),
    ],
)
def test_what_is_outside_of_the_format_is_refused(report):
    with pytest.raises(ReportError):
        read(report)


@given(st.text(max_size=30), st.text(max_size=30))
def test_names_and_messages_are_what_was_written(name, message):
    from xml.sax.saxutils import quoteattr

    written = of_file(f"<error line='1' message={quoteattr(message)}/>").replace(
        'name="a.py"', f"name={quoteattr(name)}"
    )
    try:
        problems = read(written.encode("utf-8", "surrogatepass")).problems
    except ReportError:
        assert not name or any(not (c.isprintable() or c in "\t\n\r") for c in name + message) or "\r" in name + message
        return
    ((found, (problem,)),) = problems.items()
    assert found == name
    assert problem.message == (message or "")
