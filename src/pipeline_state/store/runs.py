"""The runs: one row per execution of check or pytest, with its start, its end and what it ran in."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from pipeline_state.errors import StateError, UsageError
from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store import clock, faults, queries
from pipeline_state.store.database import Database, Row
from pipeline_state.store.liveness import RunLocks
from pipeline_state.store.storable import redacted_environment, storable_text

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    from typing import Literal

    Kind = Literal["check", "pytest"]
    Status = Literal["running", "finished", "interrupted"]
else:
    Kind = Status = str

TRANSITIONS: Mapping[Status, frozenset[Status]] = {
    "running": frozenset({"finished", "interrupted"}),
    # Only what is known to be over is interrupted; but its journal may still bring its true end.
    "interrupted": frozenset({"finished"}),
    "finished": frozenset(),
}
"""What a status may become. Nothing else is stored."""

_SHOWN = 5
_MOST_ARGUMENTS = 100


class Run(NamedTuple):
    """One execution. Times are UTC text; `exit_code` is `None` while it runs and when it was interrupted.

    `incomplete` says why the record is not whole, if it is not. `worktree` is the token of the worktree it ran in.
    """

    id: str
    kind: Kind
    status: Status
    exit_code: int | None
    started_at: str
    finished_at: str | None
    commit_id: str | None
    branch: str | None
    tree_digest: str | None
    host: str
    incomplete: str | None
    worktree: str
    arguments: tuple[str, ...]
    environment_id: int | None


class Runs:
    """The runs of one worktree, and on request of all that share the database."""

    def __init__(self, database: Database, worktree: int) -> None:
        self._database = database
        self._worktree = worktree
        self._sql = queries.load("runs", database.backend)
        self._locks = RunLocks(database.path)
        self.closed: dict[str, None] = {}
        """The runs that were closed here, in this order; unless the transaction was taken back."""

    def begin(
        self,
        kind: Kind,
        arguments: Sequence[str] = (),
        commit_id: str | None = None,
        branch: str | None = None,
        tree_digest: str | None = None,
        environment: Mapping[str, str] | None = None,
        run_id: str | None = None,
        started_at: str | None = None,
        host: str | None = None,
    ) -> Run:
        """Record that a run has begun, and hold its lock file until `finish` or `interrupt`.

        A process that takes in what another one left behind gives `run_id` and `started_at`; it holds no lock.
        """
        if self._database.read_only:
            raise faults.read_only(self._database.label, "write")
        new_id = run_id or os.urandom(8).hex()
        if run_id is None:
            self._locks.hold(new_id)
        values = tuple(storable_text(argument) for argument in _shortened(arguments))
        row = {
            "id": new_id,
            "worktree": self._worktree,
            "kind": kind,
            "started_at": started_at or clock.now(),
            "commit_id": commit_id,
            "branch": None if branch is None else storable_text(branch),
            "tree_digest": tree_digest,
            "host": storable_text(host or _host()),
        }

        def insert() -> None:
            known = None if environment is None else self._environment_id(environment)
            self._database.execute(self._sql["insert"], {**row, "environment": known})
            self._database.many(self._sql["insert_argument"], [(new_id, *pair) for pair in enumerate(values)])

        try:
            self._database.write(insert)
        except BaseException:
            self._locks.release(new_id)
            raise
        return self.get(new_id)

    def finish(
        self, run_id: str, exit_code: int, incomplete: str | None = None, finished_at: str | None = None
    ) -> None:
        """Record that a run came to its end, with this exit code."""
        self._close(run_id, "finished", exit_code, incomplete, finished_at)

    def interrupt(self, run_id: str, incomplete: str | None = None, finished_at: str | None = None) -> None:
        """Record that a run was stopped before its end."""
        self._close(run_id, "interrupted", None, incomplete, finished_at)

    def close_dead(self, kind: Kind) -> tuple[Run, ...]:
        """Record as interrupted what is said to be running but is not: nobody holds its lock. Return those runs.

        Only for kinds whose runs hold our lock; a pytest session holds its journal's.
        """
        dead = [run for run in self.running(kind) if not self._locks.is_held(run.id)]
        for run in dead:
            self._database.write(lambda run=run: self._interrupt_if_running(run.id))  # type: ignore[misc]  # bound now
            self._locks.remove(run.id)
        return tuple(dead)

    def running(self, kind: Kind | None = None, *, all_worktrees: bool = True) -> tuple[Run, ...]:
        """Return the runs that are recorded as running, oldest first."""
        return self._several("running", {"kind": kind, "worktree": None if all_worktrees else self._worktree})

    def get(self, run_id: str) -> Run:
        """Return the run with exactly this id, of whatever worktree. Raises `UsageError` if there is none."""
        row = self._database.one(self._sql["by_id"], {"id": run_id})
        if row is None:
            raise UsageError(f"there is no run {run_id} in {self._database.label}")
        return self._run(row)

    def latest(self, kind: Kind | None = None, *, all_worktrees: bool = False) -> Run | None:
        """Return the run that began last, or `None`."""
        return next(iter(self.list(1, kind, all_worktrees=all_worktrees)), None)

    def list(self, limit: int = 20, kind: Kind | None = None, *, all_worktrees: bool = False) -> tuple[Run, ...]:
        """Return the newest runs, the newest first; a negative `limit` means all."""
        worktree = None if all_worktrees else self._worktree
        return self._several("newest", {"kind": kind, "worktree": worktree, "limit": limit})

    def find(self, text: str, kind: Kind | None = None, *, all_worktrees: bool = False) -> Run:
        """Return the run that `text` means: an id, a unique prefix of one, or `latest`.

        Raises `UsageError` if it means none or several; the message names candidates.
        """
        named = f"{kind} run" if kind else "run"
        if text == "latest":
            run = self.latest(kind, all_worktrees=all_worktrees)
            if run is None:
                raise UsageError(f"there is no {named} yet in {self._database.label}")
            return run
        prefix = text.strip().lower()
        worktree = None if all_worktrees else self._worktree
        found: tuple[Run, ...] = ()
        if prefix and not prefix.strip("0123456789abcdef"):
            wanted = {"prefix": prefix, "kind": kind, "worktree": worktree, "limit": _SHOWN + 1}
            found = self._several("by_prefix", wanted)
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(run.id for run in found[:_SHOWN])
            more = ", …" if len(found) > _SHOWN else ""
            raise UsageError(f"{text!r} begins several {named}s: {names}{more}; write more of the one you mean")
        near = self.list(_SHOWN, kind, all_worktrees=all_worktrees)
        names = "the latest are " + ", ".join(run.id for run in near) if near else "there are none yet"
        raise UsageError(f"there is no {named} {text!r}; {names}")

    def environment_of(self, run: Run) -> dict[str, str]:
        """Return what is recorded of the environment of a run, by name."""
        rows = self._database.all(self._sql["environment"], {"environment": run.environment_id})
        return {row["name"]: row["value"] for row in rows}

    def _close(
        self, run_id: str, status: Status, exit_code: int | None, incomplete: str | None, finished_at: str | None
    ) -> None:
        row = {
            "id": run_id,
            "status": status,
            "exit_code": exit_code,
            "finished_at": finished_at or clock.now(),
            "incomplete": None if incomplete is None else storable_text(incomplete),
        }

        def update() -> None:
            before = self._status(run_id)
            if before is None:
                raise UsageError(f"there is no run {run_id} in {self._database.label}")
            if before not in TRANSITIONS:
                raise self._database.damaged(f"run {run_id} has no status that there is: {before!r}")
            if status not in TRANSITIONS[before]:
                raise StateError(f"run {run_id} in {self._database.label} is {before} and cannot become {status}")
            self._database.execute(self._sql["close"], row)

        self._database.write(update)
        self._locks.release(run_id)
        self.closed[run_id] = None

    def _interrupt_if_running(self, run_id: str) -> None:
        if self._status(run_id) == "running":  # unless another process has closed it meanwhile
            self.interrupt(run_id)

    def _status(self, run_id: str) -> Status | None:
        row = self._database.one(self._sql["status"], {"id": run_id})
        status: Status | None = None if row is None else row["status"]
        return status

    def _environment_id(self, environment: Mapping[str, str]) -> int:
        values = redacted_environment(environment)
        try:
            from _blake2 import blake2b  # the same; `hashlib` loads OpenSSL with it, which costs 2 ms
        except ImportError:
            from hashlib import blake2b

        digest = blake2b(digest_size=16)
        for word in (word for pair in sorted(values.items()) for word in pair):
            content = word.encode("utf-8")
            digest.update(b"%d:%s" % (len(content), content))
        wanted = {"digest": digest.digest()}
        known = self._database.one(self._sql["environment_by_digest"], wanted)
        if known is None:
            self._database.execute(self._sql["insert_environment"], wanted)
            known = self._database.one(self._sql["environment_by_digest"], wanted)
            assert known is not None
            rows = [(known["id"], name, value) for name, value in values.items()]
            self._database.many(self._sql["insert_environment_value"], rows)
        return int(known["id"])

    def _several(self, statement: str, parameters: Mapping[str, object]) -> tuple[Run, ...]:
        return tuple(self._run(row) for row in self._database.all(self._sql[statement], parameters))

    def _run(self, row: Row) -> Run:
        if not isinstance(row["id"], str):
            raise self._database.damaged(f"a run has the id {row['id']!r}")
        arguments = self._database.all(self._sql["arguments"], {"run": row["id"]})
        return Run(
            id=row["id"],
            kind=row["kind"],
            status=row["status"],
            exit_code=row["exit_code"],
            started_at=row["started_at"],
            finished_at=row["finished_at"],
            commit_id=row["commit_id"],
            branch=row["branch"],
            tree_digest=row["tree_digest"],
            host=row["host"],
            incomplete=row["incomplete"],
            worktree=row["token"],
            arguments=tuple(argument["value"] for argument in arguments),
            environment_id=row["environment"],
        )


def _shortened(arguments: Sequence[str]) -> Sequence[str]:
    """pre-commit names thousands of files: of so many arguments the first ones are kept, and how many there were."""
    if len(arguments) <= _MOST_ARGUMENTS:
        return arguments
    return [*arguments[:_MOST_ARGUMENTS], f"… and {len(arguments) - _MOST_ARGUMENTS} more"]


def _host() -> str:
    if sys.platform != "win32":
        return os.uname().nodename
    from socket import gethostname

    return gethostname()
