"""Whether a session can go on where an earlier one ended, and what that one left to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipeline_state.store.journal import Header
from pipeline_state.store.runs import Run
from pipeline_state.store.sessions import Session
from pipeline_state.store.state import State

_DONE = frozenset({"passed", "skipped", "xfailed", "xpassed"})
_SHOWN = 3
_REPEATEDLY = 2


@dataclass(frozen=True, slots=True)
class Resumption:
    """What was decided, and why (`said`). Ids are as they are stored.

    `done` need not run again; `last` have taken the process down more than once. `continues` is the run that this one
    goes on with; without one everything runs.
    """

    said: str
    continues: str | None = None
    done: frozenset[str] = frozenset()
    last: tuple[str, ...] = ()


def decide(state: State, header: Header, *, force: bool) -> Resumption:
    """Decide what the session that `header` describes takes from the last one of the same selection."""
    assert header.scope is not None
    session = state.sessions.latest_of(header.rootdir, header.scope)
    if session is None:
        return Resumption("no earlier session of this selection; everything runs")
    run = state.runs.get(session.run)
    if run.exit_code == 0 and session.continues is None:
        return Resumption(f"run {run.id} passed, nothing is to be resumed; everything runs")
    why = _differences(state, run, header)
    if why and not force:
        named = f"{', '.join(why)} changed since run {run.id}"
        if header.tree_digest is None:
            named = "without Git's word on the state of the tree nothing is known to be done"
        return Resumption(f"{named}; everything runs (`--pipeline-state-resume=force` goes on regardless)")
    chain = list(_chain(state, session, header, force=force))
    done = _done(state, chain)
    last = _repeatedly_fatal(state, chain)
    said = f"going on with run {run.id}: {len(done)} tests are done"
    if why:
        said += f", although {', '.join(why)} changed"
    if last:
        said += f"; run last, for they took the process down before: {', '.join(last)}"
    return Resumption(said, run.id, done, last)


def _chain(state: State, session: Session, header: Header, *, force: bool) -> Iterator[Run]:
    """The runs whose results count, the newest first; unless forced, only as far back as they ran in the same state."""
    seen: set[str] = set()
    following: Session | None = session
    while following is not None and following.run not in seen:
        run = state.runs.get(following.run)
        if seen and not force and _differences(state, run, header):
            return
        seen.add(run.id)
        yield run
        following = state.sessions.find(following.continues) if following.continues else None


def _differences(state: State, run: Run, header: Header) -> list[str]:
    """What a run was in that the session is not in."""
    found = []
    if run.commit_id != header.commit:
        found.append("the commit")
    elif run.tree_digest != header.tree_digest or header.tree_digest is None:
        found.append("what is not committed")
    names = _unequal(state.runs.environment_of(run), header.environment)
    if names:
        more = ", …" if len(names) > _SHOWN else ""
        found.append(f"the environment ({', '.join(names[:_SHOWN])}{more})")
    return found


def _unequal(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    return sorted(name for name in {*one, *other} if one.get(name) != other.get(name))


def _done(state: State, chain: list[Run]) -> frozenset[str]:
    """The tests whose newest result is good; under `--dist each` that of each worker."""
    good: dict[str, bool] = {}
    for run in chain:
        newest: dict[tuple[str, str | None], bool] = {}
        for result in state.attempts.results(run.id):
            finished = result.outcome in _DONE and result.torn_down
            newest[result.node_id, result.worker] = finished
        of_run: dict[str, bool] = {}
        for (node_id, _), finished in newest.items():
            of_run[node_id] = of_run.get(node_id, True) and finished
        for node_id, finished in of_run.items():
            good.setdefault(node_id, finished)
    return frozenset(node_id for node_id, finished in good.items() if finished)


def _repeatedly_fatal(state: State, chain: list[Run]) -> tuple[str, ...]:
    """The tests that were running when their process died, in more than one session."""
    times: Counter[str] = Counter()
    for run in chain:
        fatal = {"crashed", "interrupted"} if run.status == "interrupted" else {"crashed"}
        times.update({result.node_id for result in state.attempts.results(run.id) if result.outcome in fatal})
    return tuple(sorted(node_id for node_id, count in times.items() if count >= _REPEATEDLY))
