"""Taking over what a sibling worktree knows: verdicts with their findings, durations of tests, never its history.

A key holds everything that a verdict depends on, and no absolute path, so a verdict is true in any worktree. Attach and
insert: a copy of the whole database would bring the runs of another worktree along.
"""

from __future__ import annotations

import os

from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store import faults, queries
from pipeline_state.store.connection import APPLICATION_ID, file_uri
from pipeline_state.store.database import Database
from pipeline_state.store.filesystem import shared_type


class Wanted(NamedTuple):
    """What is to be taken over."""

    verdicts: bool
    durations: bool


class Taken(NamedTuple):
    """How many were new: verdicts, and tests of which it is known now how long they take."""

    verdicts: int
    durations: int


def take_over(database: Database, source: str, token: str, wanted: Wanted) -> Taken:
    """Copy what is wanted from the database at `source`, and return how much was new. Only reads there.

    It has to be a state database of this user's, on a local disk, that the worktree with this token has used; of any
    other nothing is taken. Raises the subclasses of `StateError`.
    """
    if database.read_only or not _is_fit(database, source):
        return Taken(0, 0)
    sql = queries.load("takeover", database.backend)
    connection = database.connection
    try:
        connection.execute(sql["attach"], {"uri": file_uri(source, mode="ro")})
    except faults.FAILURES as error:
        raise faults.translate(error, source, "read") from error
    try:
        (number,) = connection.execute(sql["application"]).fetchone()
        if number != APPLICATION_ID or connection.execute(sql["worktree"], {"token": token}).fetchone() is None:
            return Taken(0, 0)

        def copy() -> Taken:
            verdicts = durations = 0
            if wanted.verdicts:
                verdicts = database.execute(sql["verdicts"])
                database.execute(sql["findings"])
                database.execute(sql["tools"])
            if wanted.durations:
                durations = database.execute(sql["durations"], {"token": token})
            return Taken(verdicts, durations)

        return database.write(copy)
    except faults.FAILURES as error:
        raise faults.translate(error, source, "read") from error
    finally:
        try:
            connection.execute(sql["detach"])
        except faults.FAILURES:  # it goes with the connection then
            pass


def _is_fit(database: Database, source: str) -> bool:
    try:
        status = os.stat(source)
    except OSError:
        return False
    if not status.st_size or (hasattr(os, "geteuid") and status.st_uid != os.geteuid()):
        return False
    if database.path is not None and os.path.samefile(source, database.path):
        return False
    return shared_type(source) is None
