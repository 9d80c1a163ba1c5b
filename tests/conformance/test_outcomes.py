"""What pytest reports and what is recorded of it: the table of docs/pytest.md, in each environment that is promised.

Each suite is a file of `suites/`; its docstrings say what has to become of the tests. A session over a suite runs once
in an environment, and each of its tests is looked at by a test here. PIPELINE_STATE_PYTESTS names more series of
pytest:

    PIPELINE_STATE_PYTESTS="8.4 9.0 9.1" pytest tests/conformance
"""

from __future__ import annotations

import ast
import os
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

HERE = Path(__file__).parent
NEWEST = "newest"
SERIES = [NEWEST, *os.environ.get("PIPELINE_STATE_PYTESTS", "8.4").split()]
XDIST, RERUNS = "pytest-xdist", "pytest-rerunfailures"
BARE: tuple[str, ...] = ()


class Environment(NamedTuple):
    """`pytest` is the newest (the one that runs this) or a series, `plugins` what is installed beside it, by PyPI."""

    pytest: str
    plugins: tuple[str, ...]

    @property
    def name(self):
        return "-".join(["pytest", self.pytest, *(plugin.partition("-")[2] for plugin in self.plugins)])

    @property
    def copied(self):
        """What this environment has, too."""
        return ["pytest", *self.plugins] if self.pytest == NEWEST else self.plugins

    @property
    def downloaded(self):
        return [] if self.pytest == NEWEST else [f"pytest=={self.pytest}.*"]

    @property
    def has_subtests(self):
        return self.pytest == NEWEST or int(self.pytest.partition(".")[0]) >= 9


class Session(NamedTuple):
    """Which suites run, how pytest is called, beside which plugins, and what the session has to come to."""

    suites: tuple[str, ...]
    options: tuple[str, ...] = ()
    plugins: tuple[tuple[str, ...], ...] = (BARE,)
    exit_code: int = 1
    status: str = "finished"
    selection: str = "run"
    conftest: str | None = None
    newest_only: bool = False

    def suites_in(self, environment):
        return [suite for suite in self.suites if "subtests" not in suite or environment.has_subtests]

    def files(self, environment):
        files = {f"test_{suite}.py": f"{suite}.py" for suite in self.suites_in(environment)}
        return {**files, "conftest.py": self.conftest} if self.conftest else files

    def rows(self, environment):
        return [row for suite in self.suites_in(environment) for row in rows(suite)]


EVERY = ("outcomes", "subtests")
UNCOLLECTABLE = ("skipped_file", "uncollectable")
SESSIONS = {
    "run": Session((*EVERY, "fixture_subtests")),
    "run, nothing repeated": Session(EVERY, plugins=((RERUNS,),)),
    "error of collection": Session((*UNCOLLECTABLE, "beside"), exit_code=2),
    "Ctrl-C": Session(("interrupted",), exit_code=2),
    "kill": Session(("killed",), exit_code=9, status="interrupted"),
    "--maxfail": Session(("maxfail",), ("--maxfail=1",)),
    "--collect-only": Session(("listed",), ("--collect-only",), exit_code=0, selection="collect-only"),
    "--setup-plan": Session(("listed",), ("--setup-plan",), exit_code=0, selection="setup-plan"),
    "--setup-only": Session(("listed",), ("--setup-only",), exit_code=0, selection="setup-only"),
    "usage error": Session((), ("no_such_file.py",), exit_code=4),
    "internal error": Session(("internal_error",), exit_code=3, conftest="internal_error_conftest.py"),
    # With workers the tests run in spite of what cannot be collected.
    "-n2 --dist=load": Session((*EVERY, "crash", *UNCOLLECTABLE), ("-n2", "--dist=load"), ((XDIST,),)),
    "-n2 --dist=worksteal": Session((*EVERY, "crash"), ("-n2", "--dist=worksteal"), ((XDIST,),), newest_only=True),
    # Without the crash: xdist 3.8 itself waits for ever when a worker dies in these two.
    "-n2 --dist=loadscope": Session(EVERY, ("-n2", "--dist=loadscope"), ((XDIST,),), newest_only=True),
    "-n2 --dist=loadfile": Session(EVERY, ("-n2", "--dist=loadfile"), ((XDIST,),), newest_only=True),
    "--reruns": Session(("reruns",), ("--reruns=2",), ((RERUNS,),)),
    "-n2 --reruns": Session(("reruns",), ("-n2", "--reruns=2"), ((XDIST, RERUNS),)),
}
ENVIRONMENTS = [
    Environment(series, plugins) for series in SERIES for plugins in (BARE, (XDIST,), (RERUNS,), (XDIST, RERUNS))
]


class Row(NamedTuple):
    """What has to become of a test: the outcome of each of its attempts, what decided the last, and its subtests."""

    node_id: str
    what: str
    outcomes: tuple[str, ...]
    phase: str | None
    subtests: tuple[str, ...] | None


@cache
def rows(suite):
    """Read the rows of a suite from its docstrings; a file may be a row itself."""
    name = f"test_{suite}.py"
    tree = ast.parse((HERE / "suites" / f"{suite}.py").read_bytes())
    nodes = [(name, tree), *below(name, tree)]
    nodes += [each for name, node in nodes if isinstance(node, ast.ClassDef) for each in below(name, node)]
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    lines = [(node_id, ast.get_docstring(node) or "") for node_id, node in nodes if isinstance(node, documented)]
    return [row(node_id, line) for node_id, line in lines if line.count("|") >= 2 and "\n" not in line]


def below(name, node):
    return [(f"{name}::{getattr(inner, 'name', '')}", inner) for inner in node.body]


def row(node_id, line):
    what, outcomes, phase, *subtests = (field.strip() for field in line.split("|"))
    return Row(node_id, what, words(outcomes), phase or None, words(subtests[0]) if subtests else None)


def words(field):
    return tuple(word.strip() for word in field.split(","))


def marks_of(environment):
    return [pytest.mark.download] if environment.downloaded else []


SESSIONS_IN = [
    pytest.param(environment, name, session, id=f"{environment.name}: {name}", marks=marks_of(environment))
    for environment in ENVIRONMENTS
    for name, session in SESSIONS.items()
    if environment.plugins in session.plugins and not (session.newest_only and environment.pytest != NEWEST)
]
ROWS_IN = [
    pytest.param(environment, name, session, row, id=f"{each.id}: {row.node_id}", marks=each.marks)
    for each in SESSIONS_IN
    for environment, name, session in [each.values]
    for row in session.rows(environment)
]


@pytest.mark.parametrize(("environment", "name", "session"), SESSIONS_IN)
def test_a_session_comes_to_what_pytest_says_and_holds_each_test_once(record, environment, name, session):
    known = record(environment, name, session)
    assert known["exit code"] == session.exit_code, known["output"]
    exit_code = None if session.status == "interrupted" else session.exit_code
    assert known["run"] == [session.status, exit_code, session.selection]
    assert {attempt[0] for attempt in known["attempts"]} == {row.node_id for row in session.rows(environment)}
    assert "pipeline-state: warning" not in known["output"]
    series = pytest.__version__ if environment.pytest == NEWEST else environment.pytest
    assert f"{known['pytest']}.".startswith(f"{series}.")
    for plugin in (XDIST, RERUNS):  # those that it is to be without are not there
        assert (plugin.partition("-")[2] in plugins_of(known)) == (plugin in environment.plugins)


def plugins_of(known):
    [line] = re.findall(r"^plugins: (.*)$", known["output"], flags=re.MULTILINE) or [""]
    return line


@pytest.mark.parametrize(("environment", "name", "session", "row"), ROWS_IN)
def test_what_becomes_of_a_test_is_recorded(record, environment, name, session, row):
    known = record(environment, name, session)
    attempts = sorted(attempt[1:] for attempt in known["attempts"] if attempt[0] == row.node_id)
    assert [number for number, *_ in attempts] == list(range(1, len(attempts) + 1))
    assert tuple(outcome for _, outcome, *_ in attempts) == row.outcomes, known["output"]
    _, _, phase, worker, subtests = attempts[-1]
    assert phase == row.phase
    assert row.subtests is None or tuple(subtests) == row.subtests
    if worker is not None:
        assert XDIST in environment.plugins


@pytest.mark.parametrize("series", [pytest.param(each, marks=marks_of(Environment(each, ()))) for each in SERIES])
def test_a_worker_that_died_is_named_and_so_is_the_one_that_took_over(record, series):
    name = "-n2 --dist=load"
    known = record(Environment(series, (XDIST,)), name, SESSIONS[name])
    workers = {node_id.partition("::")[2]: worker for node_id, _, _, _, worker, _ in known["attempts"]}
    assert workers["test_crash"] in ("gw0", "gw1")
    assert workers["test_after"] not in (None, workers["test_crash"])
    assert f"replacing crashed worker {workers['test_crash']}" in known["output"]


@pytest.mark.parametrize("series", [pytest.param(each, marks=marks_of(Environment(each, ()))) for each in SERIES])
def test_with_workers_maxfail_leaves_nothing_unsaid(record, series):
    session = Session(("maxfail", "outcomes"), ("-n2", "--maxfail=1"), ((XDIST,),))
    environment = Environment(series, (XDIST,))
    known = record(environment, "-n2 --maxfail", session)
    assert {attempt[0] for attempt in known["attempts"]} == {row.node_id for row in session.rows(environment)}
    expected = {row.node_id: row.outcomes[-1] for row in session.rows(environment)}
    for node_id, _, outcome, *_ in known["attempts"]:  # xdist stops as soon as it can, wherever the workers are
        assert outcome in (expected[node_id], "not run", "interrupted", "passed")
    assert {"error", "failed"} & {attempt[2] for attempt in known["attempts"]}


def test_the_documentation_shows_this_table():
    text = (HERE.parents[1] / "docs" / "pytest.md").read_text(encoding="utf-8")
    shown = text.partition("| what happens | outcome | decided in |\n|---|---|---|\n")[2].partition("\n\n")[0]
    suites = dict.fromkeys(suite for session in SESSIONS.values() for suite in session.suites)
    assert shown.splitlines() == [
        f"| {row.what} | {', then '.join(row.outcomes)} | {row.phase or ''} |"
        for suite in suites
        for row in rows(suite)
    ]
