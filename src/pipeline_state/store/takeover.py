"""Taking over what the database of a sibling worktree has proven: verdicts with their findings, never its history.

A key holds everything that a verdict depends on, and no absolute path, so a verdict is true in any worktree. Attach and
insert: a copy of the whole database would bring the runs of another worktree along.
"""

from __future__ import annotations

import os

from pipeline_state.store import faults, queries
from pipeline_state.store.connection import APPLICATION_ID, file_uri
from pipeline_state.store.database import Database
from pipeline_state.store.filesystem import shared_type


def take_over(database: Database, source: str, token: str) -> int:
    """Copy the verdicts of the database at `source` and return how many were new. Only reads there.

    It has to be a state database of this user's, on a local disk, that the worktree with this token has used; of any
    other nothing is taken, and 0 returned. Raises the subclasses of `StateError`.
    """
    if database.read_only or not _is_fit(database, source):
        return 0
    sql = queries.load("takeover", database.backend)
    connection = database.connection
    try:
        connection.execute(sql["attach"], {"uri": file_uri(source, mode="ro")})
    except faults.FAILURES as error:
        raise faults.translate(error, source, "read") from error
    try:
        (number,) = connection.execute(sql["application"]).fetchone()
        if number != APPLICATION_ID or connection.execute(sql["worktree"], {"token": token}).fetchone() is None:
            return 0

        def copy() -> int:
            taken = database.execute(sql["verdicts"])
            database.execute(sql["findings"])
            database.execute(sql["tools"])
            return taken

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
