"""The module that pytest loads: options, thin fixtures, the environment guard; nothing heavy before it is needed.

PYTEST_DONT_REWRITE
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline_state.pytest_plugin.fixtures import StateFactory
    from pipeline_state.pytest_plugin.recorded import RecordedRun
    from pipeline_state.pytest_plugin.selection import Previous
    from pipeline_state.store.state import State

_RESUME = "pipeline_state_resume"
_RECORDER = "pipeline_state_recorder"
"""What records, or, in a worker of xdist, what tells the recorder."""
_REMOVED = pytest.StashKey[dict[str, str]]()
"""What the guard took out of the environment."""


class Hookspecs:
    """The hooks that a conftest or another plugin may implement, in sessions that are recorded."""

    @pytest.hookspec
    def pytest_pipeline_state_record(self, report: pytest.TestReport, attempt: int) -> Mapping[str, object] | None:
        """Return values to record of a test, by name; they are kept as text, beside those of `state_record`.

        Called where the session is recorded (under xdist in the controller, which knows the conftest files of the root
        directory and of the arguments only) for each report, before it is recorded. `attempt` counts the attempts at
        the test from 1. An exception here ends the record of the session, with one warning.
        """

    @pytest.hookspec
    def pytest_pipeline_state_environment(self, config: pytest.Config) -> Mapping[str, str] | None:
        """Return what else identifies the environment of the session, by name: a service's version, a feature flag.

        Called once, before collection. What we find ourselves cannot be replaced. A session resumes another one only
        if all of this is the same.
        """

    @pytest.hookspec(firstresult=True)
    def pytest_pipeline_state_select(
        self, config: pytest.Config, items: Sequence[pytest.Item], previous: Mapping[str, Previous]
    ) -> Sequence[pytest.Item] | None:
        """Return those of the items that are to run, in the order in which they run; None leaves it to others.

        Called where tests are collected (under xdist in each worker, and all have to answer alike), after resume, shard
        and order: `items` are what would run. `previous` holds, by node id, the `outcome` and the `duration` (seconds)
        of the last time that a test ran in this worktree. An exception here leaves nothing out, with one warning.
        """


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare our options; each begins with `--pipeline-state`, each ini option with `pipeline_state`."""
    group = parser.getgroup("pipeline-state", "recording of test sessions")
    group.addoption(
        "--pipeline-state",
        action="store_true",
        dest="pipeline_state",
        help="record every result as it happens; `pipeline-state runs` shows them",
    )
    group.addoption(
        "--pipeline-state-db",
        metavar="PATH",
        dest="pipeline_state_db",
        help="the state database to record in (default: PIPELINE_DB_PATH, then .worktrees/pipeline_state.db)",
    )
    group.addoption(
        "--pipeline-state-resume",
        action="store_const",
        const="unchanged",
        dest="pipeline_state_resume",
        help="record, and leave out what has passed since the last unfinished or failed session of the same selection",
    )
    # An option of its own: one that may take a value would take the path that follows it.
    group.addoption(
        "--pipeline-state-resume=force",
        action="store_const",
        const="force",
        dest="pipeline_state_resume",
        help="the same, although the commit, uncommitted changes or the environment are not the same",
    )
    group.addoption(
        "--pipeline-state-shard",
        metavar="K/N",
        dest="pipeline_state_shard",
        help="run the K-th of N parts of the tests; every machine that collects the same tests shares them out alike",
    )
    group.addoption(
        "--pipeline-state-durations",
        metavar="FILE",
        dest="pipeline_state_durations",
        help="share out by the durations in this file of `pipeline-state tests durations`",
    )
    group.addoption(
        "--pipeline-state-order",
        choices=["failed-first", "slowest-first", "fastest-first"],
        dest="pipeline_state_order",
        help="the order of the tests, by what was recorded of them",
    )
    parser.addini("pipeline_state", "record test sessions, as --pipeline-state does", type="bool", default=False)
    parser.addini(
        "pipeline_state_migrations",
        "the folder of .sql files of `state_db_factory(migrations=True)`, relative to the root directory",
        type="string",
        default="",
    )
    parser.addini(
        "pipeline_state_capture",
        "of which tests captured output is recorded: failed, all or no",
        type="string",
        default="failed",
    )
    parser.addini(
        "pipeline_state_text_limit",
        "how many characters are recorded of a failure, an output or a value (default: 65536)",
        type="string",
        default="",
    )
    parser.addini(
        "pipeline_state_guard",
        "keep GIT_DIR, GIT_INDEX_FILE, PIPELINE_DB_PATH and the like away from tests",
        type="bool",
        default=True,
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Guard the environment, before any code of the project runs."""
    if not any(name.startswith("GIT_") or name == "PIPELINE_DB_PATH" for name in os.environ):
        return
    if not early_config.getini("pipeline_state_guard"):
        return
    from pipeline_state.pytest_plugin import guard

    removed = guard.take_out(os.environ)
    if removed:
        early_config.stash[_REMOVED] = removed
        early_config.add_cleanup(lambda: guard.put_back(os.environ, removed))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Collect no other worktree of the repository that lies below the root, unless it is named on the command line."""
    try:
        marker = (collection_path / ".git").read_bytes()
    except OSError:  # no folder, or one without a file of this name: one look for each path
        return None
    # Of a submodule the file points into `modules`.
    if not marker.startswith(b"gitdir:") or b"/worktrees/" not in marker.replace(b"\\", b"/"):
        return None
    if collection_path == config.rootpath or not config.getini("pipeline_state_guard"):
        return None
    named = (config.invocation_params.dir / argument.partition("::")[0] for argument in config.args)
    return None if any(path.resolve().is_relative_to(collection_path.resolve()) for path in named) else True


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare our hooks, active or not: a conftest may implement them in any session."""
    pluginmanager.add_hookspecs(Hookspecs)


def pytest_configure(config: pytest.Config) -> None:
    """Register what chooses and what records, if this process is the one that does."""
    options = [config.getoption(f"pipeline_state_{name}") for name in ("resume", "shard", "order")]
    if hasattr(config, "workerinput"):  # an xdist worker reports to its controller
        if any(options) or _is_active(config):
            from pipeline_state.pytest_plugin.applying import apply_in_worker

            apply_in_worker(config)
        if _is_active(config):
            from pipeline_state.pytest_plugin.informant import Informant

            config.pluginmanager.register(Informant(config), _RECORDER)
        return
    before_guard = {**os.environ, **_removed(config)}
    selector = None
    if any(options) or _is_active(config):
        from pipeline_state.pytest_plugin.selecting import Selector

        selector = Selector(config, before_guard, asks=_is_active(config))
        config.pluginmanager.register(selector, "pipeline_state_selector")
    if _is_active(config):
        from pipeline_state.pytest_plugin.activation import make_recorder
        from pipeline_state.pytest_plugin.recorded import Announcer

        config.pluginmanager.register(Announcer(), "pipeline_state_announcer")
        recorder = make_recorder(config, before_guard, selector)
        config.pluginmanager.register(recorder, _RECORDER)


def _is_active(config: pytest.Config) -> bool:
    options = (config.getoption("pipeline_state"), config.getini("pipeline_state"), config.getoption(_RESUME))
    return any(options)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what the guard did."""
    removed = _removed(config)
    return [f"pipeline-state: kept from the tests: {', '.join(removed)}"] if removed else []


def _removed(config: pytest.Config) -> dict[str, str]:
    nothing: dict[str, str] = {}
    return config.stash.get(_REMOVED, nothing)


@pytest.fixture
def state_db(request: pytest.FixtureRequest) -> Iterator[State]:
    """An isolated, fully migrated state database in memory, of this test's own.

    What `open_state()` returns within the test is this database too. `state_db.connect()` gives another
    `sqlite3.Connection` to it, `state_db.uri` names it for code that opens its own.

    An open write transaction blocks every other connection, readers too, and an open cursor blocks writers: a memory
    database has no WAL. Tests that need readers beside a writer, or several processes, use
    `state_db_factory(mode="file")`.

    A connection that is left open within a transaction is an error of the test.
    """
    from pipeline_state.pytest_plugin.fixtures import isolated_state

    with isolated_state(request.config) as state:
        yield state


@pytest.fixture(scope="session")
def state_db_factory(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StateFactory]:
    """Makes isolated state databases: `state_db_factory(mode="memory"|"file"|"savepoint")`.

    `memory`: as `state_db`. `file`: a file in WAL mode, for several processes and for readers beside a writer;
    `.path` names it. `savepoint`: one database for the whole session, each state's writes rolled back when it is
    closed; the cheapest, for code that uses a single connection.

    `migrations` is the folder of your own application's `.sql` files, for `memory` and `file`: then it is a database of
    yours, with nothing of ours in it. `.connect()`, `.uri` and `.path` are as above.

    Use each state in a `with` block, or close it; what is left open is closed at the end of the session.
    """
    from pipeline_state.pytest_plugin.fixtures import StateFactory

    with StateFactory(request.config, tmp_path_factory) as factory:
        yield factory


@pytest.fixture
def state_record(request: pytest.FixtureRequest) -> Callable[[str, object], None]:
    """Adds a named value to what is recorded of this test: `state_record("rows", 1000)`.

    Values are kept as text, in order; a name may come more than once. Does nothing in a session that is not recorded.
    """
    if not _is_active(request.config):
        return lambda _name, _value: None
    return lambda name, value: request.node.user_properties.append((name, str(value)))


@pytest.fixture(scope="session")
def record_testsuite_property(
    request: pytest.FixtureRequest, record_testsuite_property: Callable[[str, object], None]
) -> Callable[[str, object], None]:
    """Adds a named value to what is recorded of the whole session: `record_testsuite_property("ARCH", "PPC")`.

    pytest's own fixture, which writes to the file of `--junitxml`; in a session that is recorded it goes into the state
    database too, under xdist as well.
    """
    told = getattr(request.config.pluginmanager.get_plugin(_RECORDER), "add_property", None)
    if told is None:
        return record_testsuite_property

    def record(name: str, value: object) -> None:
        record_testsuite_property(name, value)
        told(name, str(value))

    return record


@pytest.fixture(scope="session")
def pipeline_state_run(request: pytest.FixtureRequest) -> RecordedRun | None:
    """The run that is being recorded, with its `id` and its `database`; None in a session that is not recorded."""
    if not _is_active(request.config):
        return None
    from pipeline_state.pytest_plugin.recorded import recorded_run

    return recorded_run(request.config)
