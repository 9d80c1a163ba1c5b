"""A pytest session in the database: its run, batches of its attempts, its end.

The offset up to which the journal is accounted for moves in the same transaction as the rows. So it does not matter who
puts in what, or how often: the session itself, or a command that reads the journal of one that was killed.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store.attempts import Part
from pipeline_state.store.clock import at
from pipeline_state.store.journal import Header
from pipeline_state.store.passes import Pass, Passes
from pipeline_state.store.state import State


class Batch(NamedTuple):
    """What became of attempts: those that passed and said nothing, and what is new of all others.

    `markers` are those of tests that passed, by node id; of tests without an entry there are none.
    """

    parts: Sequence[Part]
    passes: Sequence[Pass] = ()
    markers: Mapping[str, Sequence[str]] = {}


@dataclass(frozen=True, slots=True)
class Ending:
    """How a session ended: no `exit_status` means that it was interrupted. Times are nanoseconds since 1970.

    `never_begun` are the tests that were chosen and did not begin; `incomplete` says what was not kept, if anything.
    `properties` and `internal_error` are as in `Session`. `settled` says that every attempt that began came to its end.
    """

    exit_status: int | None
    time: int
    never_begun: Sequence[str]
    incomplete: str | None = None
    properties: Sequence[tuple[str, str]] = ()
    internal_error: str | None = None
    settled: bool = False


def offset_of(state: State, header: Header) -> int:
    """Return how much of the journal is accounted for, and begin a session that is not there. Part of a transaction."""
    offset = state.sessions.journal_offset(header.run)
    if offset is not None:
        return offset
    if header.worktree != state.token:  # worktrees may share a database; each has its own runs
        state = State(state.database, token=header.worktree)
    state.runs.begin(
        "pytest",
        header.arguments,
        commit_id=header.commit,
        branch=header.branch,
        tree_digest=header.tree_digest,
        environment=header.environment,
        run_id=header.run,
        started_at=at(header.started),
        host=header.host,
    )
    state.sessions.add(header.run, header.rootdir, header.selection, header.scope, header.continues)
    return 0


def put(state: State, header: Header, batch: Batch, offset: int, chosen: int | None) -> None:
    """Add what a journal says up to `offset`. Part of a transaction."""
    known = offset_of(state, header)
    Passes(state.database).add(header.run, header.rootdir, batch.passes, batch.markers)
    state.attempts.add(header.run, header.rootdir, batch.parts)
    state.sessions.advance(header.run, max(known, offset), chosen)


def end(state: State, header: Header, ending: Ending) -> None:
    """Close the run, and give an outcome to every test that has none. Part of a transaction."""
    status = state.runs.get(header.run).status
    if status == "finished":  # another process was first
        return
    if not ending.settled:  # else nothing would be found, in all that the session recorded
        state.attempts.interrupt(header.run, ending.incomplete)
    state.sessions.conclude(header.run, ending.properties, ending.internal_error)
    if not ending.incomplete:  # else they may have run
        state.attempts.add_not_run(header.run, header.rootdir, ending.never_begun)
    if ending.exit_status is not None:
        state.runs.finish(header.run, ending.exit_status, ending.incomplete, at(ending.time))
    elif status == "running":
        state.runs.interrupt(header.run, ending.incomplete, at(ending.time))


@contextmanager
def collector_paused() -> Iterator[None]:
    """Keep Python's garbage collector from running meanwhile.

    The thousands of objects of a batch make it search the whole test session for garbage, and there is none.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
