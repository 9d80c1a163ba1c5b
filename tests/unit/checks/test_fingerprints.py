"""Fingerprints: a finding stays the same one when lines move, and is another one beside an equal one."""

from __future__ import annotations

import pytest

from pipeline_state.checks.findings import Problem
from pipeline_state.checks.fingerprints import findings_of

CONTENT = b"first\n\tbad()  \nlast\n"


def prints(content, *problems, detector="d", path="a.py"):
    return [one.fingerprint for one in findings_of(detector, path, content, problems)]


def test_a_fingerprint_survives_moved_lines_and_white_space_around_them():
    before = prints(CONTENT, Problem("r", "m", 2, 2))
    assert prints(b"new\nnew\n" + CONTENT, Problem("r", "m", 4, 2)) == before
    assert prints(CONTENT.replace(b"\tbad()  ", b"bad()"), Problem("r", "m", 2, 1)) == before
    assert prints(CONTENT.replace(b"\n", b"\r\n"), Problem("r", "m", 2, 2)) == before
    assert prints(CONTENT, Problem("r", "another message", 2, 9)) == before


def test_a_fingerprint_moves_with_its_line_rule_path_and_detector():
    problem = Problem("r", "m", 2)
    found = {
        *prints(CONTENT, problem),
        *prints(CONTENT.replace(b"bad", b"worse"), problem),
        *prints(CONTENT, Problem("q", "m", 2)),
        *prints(CONTENT, problem, path="b.py"),
        *prints(CONTENT, problem, detector="e"),
    }
    assert len(found) == 5


def test_equal_lines_are_told_apart_by_their_order():
    content = b"bad()\ngood()\nbad()\n"
    first, second = prints(content, Problem("r", "m", 3), Problem("r", "m", 1))
    assert first != second
    assert prints(content, Problem("r", "m", 1)) == [first]
    assert prints(b"x\n" + content, Problem("r", "m", 2), Problem("r", "m", 4)) == [first, second]


def test_other_rules_do_not_count_for_the_order():
    content = b"bad()\n"
    alone = prints(content, Problem("r", "m", 1))
    assert prints(content, Problem("q", "m", 1), Problem("r", "m", 1))[1:] == alone


def test_several_of_one_line_are_told_apart():
    assert len(set(prints(b"a; a\n", Problem("r", "m", 1, 1), Problem("r", "m", 1, 4)))) == 2


def test_parts_cannot_run_together():
    one = prints(b"", Problem("b", "m"), detector="a", path="c")
    other = prints(b"", Problem("", "m"), detector="ab", path="c")
    assert one != other


def test_a_line_that_is_not_there_is_no_line():
    assert (
        prints(CONTENT, Problem("r", "m", 99))
        == prints(CONTENT, Problem("r", "m"))
        == prints(b"", Problem("r", "m", 1))
    )


def test_findings_come_in_the_order_of_their_places_with_all_that_was_said():
    problems = [
        Problem("b", "two", 2, 5, 2, 9, "warning", "style"),
        Problem("a", "one", 2, 1),
        Problem("z", "none"),
    ]
    found = findings_of("d", "a.py", CONTENT, problems)
    assert [one.rule for one in found] == ["z", "a", "b"]
    last = found[2]
    assert last[:10] == ("d", "b", "warning", "style", "a.py", 2, 5, 2, 9, "two")


def test_bytes_that_are_no_text_are_a_line_as_any_other():
    assert prints(b"\xff\n", Problem("r", "m", 1)) != prints(b"\xfe\n", Problem("r", "m", 1))


@pytest.mark.parametrize("message", ["nul \0 here", "lone \udcff surrogate", "x" * 100_000, ""])
def test_any_message_becomes_one_that_can_be_stored(message):
    (found,) = findings_of("d", "a.py", CONTENT, [Problem("r", message)])
    assert found.message.encode("utf-8")[:4].decode() == message[:4]
    assert "\0" not in found.message
    assert len(found.message) < 80_000


def test_a_secret_that_a_message_quotes_is_taken_out():
    token = "ghp_" + "a" * 36
    (found,) = findings_of("d", "a.py", CONTENT, [Problem("r", f"found {token}")])
    assert token not in found.message
