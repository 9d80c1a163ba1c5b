"""What is forgotten, and when: history beyond its age, verdicts that no file stands for any more.

Never on the hot path, and in small transactions, so that nobody waits long.
"""

from __future__ import annotations

from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store import clock, faults, queries
from pipeline_state.store.database import Database

EVERY_DAYS = 1.0
_NAME = "prune"
_BATCH = 2_000


class Pruned(NamedTuple):
    """How many rows were forgotten."""

    runs: int
    verdicts: int
    tests: int
    environments: int


def prune(database: Database, older_than_days: float, keep_runs: int) -> Pruned:
    """Forget runs older than `older_than_days`, except for the newest `keep_runs` of each worktree and kind.

    Verdicts of that age go too where no file of any worktree stands for them, then tests and environments that
    nothing refers to. A run that is going on stays.
    """
    sql = queries.load("retention", database.backend)
    before = clock.days_ago(older_than_days)
    runs = 0
    for row in database.all(sql["old_runs"], {"keep": keep_runs, "before": before}):
        runs += database.write(lambda row=row: database.execute(sql["delete_run"], {"id": row["id"]}))  # type: ignore[misc]  # bound now
    verdicts = 0
    while batch := database.write(
        lambda: database.execute(sql["delete_verdicts"], {"before": before, "batch": _BATCH})
    ):
        verdicts += batch
    tests = database.write(lambda: database.execute(sql["delete_tests"]))
    environments = database.write(lambda: database.execute(sql["delete_environments"]))
    optimize(database)
    done = {"name": _NAME, "now": clock.now()}
    database.write(lambda: database.execute(sql["done"], done))
    return Pruned(runs, verdicts, tests, environments)


def is_due(database: Database) -> bool:
    """Whether pruning was last done more than a day ago, or never."""
    row = database.one(queries.load("retention", database.backend)["done_at"], {"name": _NAME})
    return row is None or str(row["done_at"]) < clock.days_ago(EVERY_DAYS)


def optimize(database: Database) -> None:
    """Let SQLite renew the statistics that its query planner goes by."""
    _alone(database, "PRAGMA optimize", "optimize")


def vacuum(database: Database) -> None:
    """Give the space of deleted rows back to the file system."""
    _alone(database, "VACUUM", "vacuum")
    if database.path is not None:
        _alone(database, "PRAGMA wal_checkpoint(TRUNCATE)", "vacuum")


def _alone(database: Database, sql: str, doing: str) -> None:
    if database.read_only:
        raise faults.read_only(database.label, doing)
    entered = database.gate.enter()
    try:
        database.connection.execute(sql).fetchall()
    except faults.FAILURES as error:
        raise database.fault(error, doing) from error
    finally:
        if entered:
            database.gate.leave()
