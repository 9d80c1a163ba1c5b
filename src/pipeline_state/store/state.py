"""The state of one worktree: its repositories over one database, and how to open it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pipeline_state.errors import CorruptDatabaseError, ForeignDatabaseError, NoDatabaseError, StateError
from pipeline_state.location import archived_token
from pipeline_state.store import clock, queries
from pipeline_state.store.database import Database
from pipeline_state.store.private_files import DAMAGED
from pipeline_state.store.schema import HEAD

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path
    from types import TracebackType
    from typing import Any, TypeVar

    from pipeline_state.config import Retention
    from pipeline_state.location import Location
    from pipeline_state.store.attempts import Attempts
    from pipeline_state.store.check_runs import CheckRuns
    from pipeline_state.store.findings import Findings
    from pipeline_state.store.runs import Runs
    from pipeline_state.store.sessions import Sessions
    from pipeline_state.store.snapshots import Snapshots
    from pipeline_state.store.stat_cache import StatCache
    from pipeline_state.store.tests import Tests
    from pipeline_state.store.tools import Tools
    from pipeline_state.store.verdicts import Verdicts

    _Repository = TypeVar("_Repository")

NO_WORKTREE = "none"
"""The token where a database is used outside of any worktree."""


class State:
    """One worktree's state. Safe to share between threads; close it, or use it in a `with` block.

    `notices` are sentences that the user should read: what was healed, what is unusual. Each attribute that names a
    repository loads it when it is first used.
    """

    def __init__(
        self,
        database: Database,
        *,
        token: str = NO_WORKTREE,
        location: Location | None = None,
        notices: tuple[str, ...] = (),
    ) -> None:
        self.database = database
        self.token = token
        self.location = location
        self.notices = notices
        self._loaded: dict[str, Any] = {}
        self.worktree_id = self._find_worktree()
        """The row of our worktree; 0, which is no row's, if there is none and none can be written."""

    @property
    def path(self) -> Path | None:
        """The database file; `None` in memory."""
        from pathlib import Path

        return None if self.database.path is None else Path(self.database.path)

    @property
    def uri(self) -> str:
        """What `sqlite3.connect(uri, uri=True)` takes for one more connection to the same database."""
        return self.database.uri

    @property
    def read_only(self) -> bool:
        """Whether the database can only be read."""
        return self.database.read_only

    @property
    def runs(self) -> Runs:
        """The runs."""
        from pipeline_state.store.runs import Runs

        return self._repository("runs", lambda: Runs(self.database, self.worktree_id))

    @property
    def sessions(self) -> Sessions:
        """The pytest sessions."""
        from pipeline_state.store.sessions import Sessions

        return self._repository("sessions", lambda: Sessions(self.database, self.worktree_id))

    @property
    def attempts(self) -> Attempts:
        """The attempts at tests."""
        from pipeline_state.store.attempts import Attempts

        return self._repository("attempts", lambda: Attempts(self.database, self.worktree_id))

    @property
    def tests(self) -> Tests:
        """The tests, over all sessions."""
        from pipeline_state.store.tests import Tests

        return self._repository("tests", lambda: Tests(self.database, self.worktree_id))

    @property
    def verdicts(self) -> Verdicts:
        """What detectors said of keys."""
        from pipeline_state.store.verdicts import Verdicts

        return self._repository("verdicts", lambda: Verdicts(self.database, self.worktree_id))

    @property
    def findings(self) -> Findings:
        """What detectors found."""
        from pipeline_state.store.findings import Findings

        return self._repository("findings", lambda: Findings(self.database, self.worktree_id))

    @property
    def stat_cache(self) -> StatCache:
        """What paths held when their times could be trusted."""
        from pipeline_state.store.stat_cache import StatCache

        return self._repository("stat_cache", lambda: StatCache(self.database, self.worktree_id))

    @property
    def snapshots(self) -> Snapshots:
        """The last trees of which every pair was judged."""
        from pipeline_state.store.snapshots import Snapshots

        return self._repository("snapshots", lambda: Snapshots(self.database, self.worktree_id))

    @property
    def check_runs(self) -> CheckRuns:
        """What checks counted."""
        from pipeline_state.store.check_runs import CheckRuns

        return self._repository("check_runs", lambda: CheckRuns(self.database))

    @property
    def tools(self) -> Tools:
        """The versions of tools that were seen."""
        from pipeline_state.store.tools import Tools

        return self._repository("tools", lambda: Tools(self.database))

    @property
    def has_verdicts(self) -> bool:
        """Whether anything was judged for this database, in whichever worktree."""
        row = self.database.one(queries.load("state", self.database.backend)["has_verdicts"])
        return row is not None and bool(row[0])

    @property
    def has_tests(self) -> bool:
        """Whether any test is known, be it only by how long it took elsewhere."""
        row = self.database.one(queries.load("state", self.database.backend)["has_tests"])
        return row is not None and bool(row[0])

    def connect(self) -> sqlite3.Connection:
        """Return one more, plain `sqlite3.Connection` to the same database; whoever asks for it closes it."""
        return self.database.connect()

    def housekeeping(self, retention: Retention) -> bool:
        """Forget what is old, at most once a day; return whether it was done now. For the end of a command."""
        from pipeline_state.store.retention import is_due, prune

        if self.read_only or not is_due(self.database):
            return False
        prune(self.database, retention.days, retention.runs)
        return True

    def close(self) -> None:
        """Close the database, in all threads. What runs came to that ended here goes into the registry first."""
        runs: Runs | None = self._loaded.get("runs")
        if runs is not None and runs.closed:
            from pipeline_state.store.summaries import record_finished

            closed, runs.closed = tuple(runs.closed), {}
            record_finished(self, closed)
        self.database.close()

    def __enter__(self) -> State:  # noqa: PYI034 - `Self` is in `typing` from Python 3.11 on
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _repository(self, name: str, make: Callable[[], _Repository]) -> _Repository:
        if name not in self._loaded:
            self._loaded[name] = make()
        repository: _Repository = self._loaded[name]
        return repository

    def _find_worktree(self) -> int:
        sql = queries.load("state", self.database.backend)
        row = self.database.one(sql["worktree"], {"token": self.token})
        if row is None and not self.read_only:
            added = {"token": self.token, "now": clock.now()}
            self.database.write(lambda: self.database.execute(sql["add_worktree"], added))
            row = self.database.one(sql["worktree"], {"token": self.token})
        return 0 if row is None else int(row["id"])


def open_state(path: str | os.PathLike[str] | None = None, *, read_only: bool = False) -> State:
    """Open the state database of the worktree we are in, or the one at `path` (`":memory:"` for a private one).

    What is not there is made, an older schema is migrated, a damaged database is healed: `State.notices` says so.
    With `read_only` nothing of this is done. Raises `LocationError`, `NoWorktreeError` and the subclasses of
    `StateError`.
    """
    if path is None and _standing_in:
        return State(Database(None, name=_standing_in[-1].database.name), token=_standing_in[-1].token)
    from pipeline_state.location import locate

    return open_at(locate(path), read_only=read_only)


def open_at(location: Location, *, read_only: bool = False) -> State:
    """Open the state database at a location that has been found already."""
    token = NO_WORKTREE
    if location.worktree is not None and location.path is not None:
        from pipeline_state.git.identity import worktree_token

        token = archived_token(location) or worktree_token(location.worktree.git_dir)
    path = location.path
    if path is not None and not read_only and os.path.exists(f"{path}{DAMAGED}"):
        from pathlib import Path

        from pipeline_state.store.healing import examine_marked

        damage = examine_marked(Path(path))
        if damage is not None:
            return _heal(path, damage, token, location)
    try:
        return _open(path, token, location, read_only=read_only)
    except (CorruptDatabaseError, ForeignDatabaseError) as error:
        if path is None or read_only:
            raise
        return _heal(path, error, token, location)


def tokens_in(database: Database) -> tuple[str, ...]:
    """Return the tokens of the worktrees of which a database holds runs."""
    return tuple(row[0] for row in database.all(queries.load("state", database.backend)["tokens"]))


@contextmanager
def standing_in(state: State) -> Iterator[None]:
    """Within this block `open_state()` without a path gives the database of `state`: for tests."""
    _standing_in.append(state)
    try:
        yield
    finally:
        _standing_in.remove(state)


_standing_in: list[State] = []


def _open(path: str | None, token: str, location: Location, *, read_only: bool) -> State:
    database = Database(path, read_only=read_only)
    try:
        if database.user_version != HEAD:
            _settle_schema(database)
        state = State(database, token=token, location=location)
        if database.shared and not database.user_version:
            notice = (
                f"{database.path} lies on a shared file system ({database.shared}): it works there with SQLite's "
                "rollback journal, more slowly; PIPELINE_DB_PATH can name a file on a local disk"
            )
            state.notices = (notice,)
        return state
    except BaseException:
        database.close()
        raise


def _heal(path: str, error: StateError, token: str, location: Location) -> State:
    from pathlib import Path

    from pipeline_state.store.healing import examine_marked, heal

    def works() -> None:
        _open(path, token, location, read_only=False).close()
        damage = examine_marked(Path(path))
        if damage is not None:
            raise damage

    notice = heal(Path(path), error, is_default=location.source == "worktree", works=works)
    state = _open(path, token, location, read_only=False)
    state.notices = (notice, *state.notices)
    return state


def _settle_schema(database: Database) -> None:
    """The schema is not the one of this program: migrate an older one, go on with a newer one that lets us."""
    from pipeline_state.store import migrations

    if database.user_version > HEAD:
        migrations.refuse_newer(database)
    elif database.read_only:
        if not database.user_version:
            raise NoDatabaseError(f"{database.label} is still empty; `pipeline-state check` begins it")
    else:
        migrations.migrate(database)
