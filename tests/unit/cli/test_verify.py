"""`check --verify`: stored verdicts are judged again; one that is not confirmed is told, and stands no more."""

from __future__ import annotations

import pytest

from pipeline_state.checks.keys import Key
from pipeline_state.checks.plan import KeyedPair, Pair, Plan
from pipeline_state.checks.verification import Verification
from pipeline_state.store.state import open_state


@pytest.fixture
def judged(repository, git, command):
    """A repository in which everything has been judged: one file is broken, nine are not."""
    for number in range(9):
        (repository / f"good{number}.py").write_text(f"a = {number}\n")
    (repository / "bad.py").write_text("a = (\n")
    git(repository, "add", ".")
    assert command("check", "--all-files", "--detector", "python-syntax").code == 1
    return repository


@pytest.fixture
def verify(command, judged):
    assert judged.exists()
    return lambda *words: command("check", "--all-files", "--detector", "python-syntax", "--json", *words)


def test_true_verdicts_are_confirmed_and_stay(verify):
    answer = verify("--verify", "100")
    assert answer.json["verification"] == {"percent": 100, "reusable": 10, "verified": 10, "differences": 0}
    assert (answer.code, answer.json["summary"]["checked"], len(answer.json["findings"])) == (1, 10, 1)
    assert "verified 10 of 10 stored verdicts; all came out the same" in answer.err
    assert verify().json["summary"]["reused"] == 10


@pytest.mark.parametrize(
    ("lie", "path", "said"),
    [
        ("UPDATE verdicts SET outcome = 'clean' WHERE outcome = 'findings'", "bad.py", "clean, judged again it is 1 f"),
        ("UPDATE verdicts SET outcome = 'excluded' WHERE outcome = 'findings'", "bad.py", "excluded, judged again it"),
        ("UPDATE findings SET line = line + 1", "bad.py", "1 findings, judged again it is 1 findings"),
        ("DELETE FROM findings", "bad.py", "0 findings, judged again it is 1 findings"),
    ],
)
@pytest.mark.usefixtures("judged")
def test_a_verdict_that_is_not_confirmed_is_told_and_replaced(verify, lie, path, said):
    with open_state() as state:
        state.database.write(lambda: state.database.execute(lie))
    answer = verify("--verify=100")
    [error] = answer.json["errors"]
    assert (answer.code, error["path"], answer.json["verification"]["differences"]) == (3, path, 1)
    assert f"the stored verdict said {said}" in error["message"]
    assert [finding["line"] for finding in answer.json["findings"]] == [1]
    again = verify()
    assert (again.code, again.json["summary"]["reused"], len(again.json["findings"])) == (1, 10, 1)


@pytest.mark.usefixtures("judged")
def test_a_file_that_is_found_clean_against_its_verdict_is_told_too(verify):
    with open_state() as state:
        lie = "UPDATE verdicts SET outcome = 'excluded' WHERE key = (SELECT key FROM judged WHERE path = 'good3.py')"
        state.database.write(lambda: state.database.execute(lie))
    assert [error["path"] for error in verify("--verify=100").json["errors"]] == ["good3.py"]


def test_only_what_is_stored_can_be_verified(verify, judged):
    (judged / "good1.py").write_text("b = 1\n")
    answer = verify("--verify=100")
    assert answer.json["verification"]["verified"] == 9
    assert (answer.code, answer.json["errors"]) == (1, [])


def test_a_part_is_drawn_from_all(verify):
    key = Key(b"k", b"f")
    hits = tuple((KeyedPair(Pair(0, f"{number}"), key), "clean") for number in range(1000))
    drawn = iter(range(1000))
    verification = Verification(Plan(hits, ()), 5, lambda: next(drawn) % 100 / 100)
    assert verification.result() == (5, 1000, 50, 0)
    assert {one.pair.path for one in verification.plan.misses}.isdisjoint(
        one.pair.path for one, _ in verification.plan.hits
    )
    assert len(verification.plan.hits) == 950
    assert verify("--verify").json["verification"]["percent"] == 5


@pytest.mark.parametrize("words", [["--verify=0"], ["--verify=101"], ["--verify=x"], ["--verify=nan"]])
def test_a_percentage_that_is_none_is_refused(verify, words):
    answer = verify(*words)
    assert (answer.code, "--verify" in answer.err) == (2, True)


@pytest.mark.parametrize("word", ["--no-cache", "--fix"])
def test_nothing_is_verified_where_nothing_is_reused(command, word):
    assert command("check", "--verify", word).code == 2
