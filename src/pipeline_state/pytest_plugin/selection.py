"""Which of the collected tests run, and in which order. Pure, and the same in the controller and in every worker."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from statistics import median

from pipeline_state.named_tuple import NamedTuple
from pipeline_state.store.storable import storable_id


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several parts of a test run. `number` counts from 1; `durations` are seconds by stored node id.

    The parts are complete, disjoint, and the same on every machine that collects the same tests: they depend on
    nothing but the node ids, the durations and how many parts there are.
    """

    number: int
    of: int
    durations: Mapping[str, float] | None = None

    def members(self, ids: Sequence[str]) -> set[str]:
        """Return those of the ids that belong to this part."""
        names = sorted(set(ids))
        if self.durations is None:
            return {name for name in names if int.from_bytes(_digest([name]), "big") % self.of == self.number - 1}
        known = [self.durations[name] for name in names if name in self.durations]
        unknown = median(known) if known else 1.0
        seconds = {name: self.durations.get(name, unknown) for name in names}
        load = [0.0] * self.of
        count = [0] * self.of
        members = set()
        for name in sorted(names, key=lambda name: (-seconds[name], name)):
            # The one with the fewest comes first among equals: durations of zero must be spread, too.
            lightest = min(range(self.of), key=lambda part: (load[part], count[part]))
            load[lightest] += seconds[name]
            count[lightest] += 1
            if lightest == self.number - 1:
                members.add(name)
        return members

    def digest(self, ids: Sequence[str]) -> str:
        """Return what must be the same on all machines: a digest of ids, durations and number of parts."""
        names = sorted(set(ids))
        known = None if self.durations is None else [[name, self.durations.get(name)] for name in names]
        return _digest([json.dumps(names), json.dumps(known), str(self.of)]).hex()


class Previous(NamedTuple):
    """The last known result of a test in this worktree. `duration` is of all phases, in seconds; None if unknown."""

    outcome: str
    duration: float | None


@dataclass(frozen=True, slots=True)
class Selection:
    """What to make of the collected tests; ids are as they are stored.

    `done` are left out, `last` come after all others, and the others in the order of `first`, where they are named.
    `previous` is what the hook `pytest_pipeline_state_select` goes by; None if it is not to be asked.
    """

    done: frozenset[str] = frozenset()
    last: tuple[str, ...] = ()
    first: tuple[str, ...] = ()
    shard: Shard | None = None
    previous: Mapping[str, Previous] | None = None

    def __bool__(self) -> bool:
        """Whether it leaves out or moves anything, or the hook is to be asked."""
        return bool(self.done or self.last or self.first or self.shard) or self.previous is not None

    def choose(self, node_ids: Sequence[str]) -> list[int]:
        """Return the positions of the tests to run, in the order in which they run."""
        ids = [storable_id(node_id) for node_id in node_ids]
        members = set(ids) if self.shard is None else self.shard.members(ids)
        times = Counter(ids)
        # Of a test that is there twice one cannot tell which of the two is done.
        chosen = [at for at, name in enumerate(ids) if name in members and (name not in self.done or times[name] > 1)]
        rank = {name: place for place, name in enumerate(self.first)}
        last = set(self.last)
        return sorted(chosen, key=lambda at: (ids[at] in last, rank.get(ids[at], len(rank))))

    def digest(self, node_ids: Sequence[str]) -> str | None:
        """Return the digest of what is shared out, if it is."""
        return None if self.shard is None else self.shard.digest(list(map(storable_id, node_ids)))

    def previous_of(self, node_ids: Sequence[str]) -> dict[str, Previous]:
        """Return what is known of these tests, by the ids that pytest knows them by."""
        known = self.previous or {}
        pairs = ((node_id, known.get(storable_id(node_id))) for node_id in node_ids)
        return {node_id: result for node_id, result in pairs if result is not None}

    def dump(self) -> str:
        """Return the selection as text for a worker; ASCII, for node ids may hold what cannot be encoded."""
        shard = self.shard and [self.shard.number, self.shard.of, self.shard.durations]
        return json.dumps([sorted(self.done), self.last, self.first, shard, self.previous])

    @classmethod
    def load(cls, text: str) -> Selection:
        """Return what `dump` was given."""
        done, last, first, shard, known = json.loads(text)
        previous = None if known is None else {node_id: Previous(*result) for node_id, result in known.items()}
        return cls(frozenset(done), tuple(last), tuple(first), shard and Shard(*shard), previous)


def parse_shard(text: str) -> tuple[int, int]:
    """Return K and N of `K/N`. Raises `ValueError` unless K is one of 1 to N."""
    number, slash, of = text.partition("/")
    if not (slash and number.isascii() and number.isdigit() and of.isascii() and of.isdigit()):
        raise ValueError(f"{text!r} is not K/N, as in 2/4")
    if not 1 <= int(number) <= int(of):
        raise ValueError(f"{text!r} is no part: K is one of 1 to N")
    return int(number), int(of)


def parse_durations(content: bytes) -> dict[str, float]:
    """Return the durations (seconds by node id) of a file of `pipeline-state tests durations`.

    Raises `ValueError` if it is not such a file.
    """
    try:
        found = json.loads(content)["durations"]
        durations = {str(name): float(seconds) for name, seconds in found.items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError("it does not hold what `pipeline-state tests durations` writes") from error
    if not all(0 <= seconds < float("inf") for seconds in durations.values()):
        raise ValueError("it holds a duration that is none")
    return durations


def _digest(words: Sequence[str]) -> bytes:
    digest = blake2b(digest_size=8)
    for word in words:
        digest.update(word.encode("utf-8", "surrogatepass") + b"\0")
    return digest.digest()
