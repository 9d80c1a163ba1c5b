"""The check of a tree in which something may have moved: survey, plan, judge, store, and tell."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline_state._version import __version__
from pipeline_state.checks import plan as planning
from pipeline_state.checks.audience import Audience, FileOutcome
from pipeline_state.checks.by_names import judges_names
from pipeline_state.checks.declaration import ReportError, Tool
from pipeline_state.checks.digests import content_digest, digest
from pipeline_state.checks.execution import Judgement, execute, runner_of
from pipeline_state.checks.fingerprints import findings_of
from pipeline_state.checks.git_watch import GitWatch
from pipeline_state.checks.keeping import keep
from pipeline_state.checks.keys import Key, moved_fields
from pipeline_state.checks.plan import KeyedPair, Pair, Plan
from pipeline_state.checks.processes import Processes
from pipeline_state.checks.recording import Recording
from pipeline_state.checks.request import Request
from pipeline_state.checks.result import CheckResult, Explanation, Fixed, Trouble
from pipeline_state.checks.snapshot import Snapshot
from pipeline_state.checks.stat_cache_reader import stat_cache_reader
from pipeline_state.checks.survey import Survey, survey
from pipeline_state.checks.tally import Tally, file_outcomes
from pipeline_state.checks.tree import Reported
from pipeline_state.checks.weights import telling_of, weighed
from pipeline_state.store.findings import Told
from pipeline_state.store.storable import storable_path
from pipeline_state.store.verdicts import Judged, Outcome, Verdict

if TYPE_CHECKING:
    from pipeline_state.checks.project_run import ProjectJob
    from pipeline_state.checks.verification import Verification
    from pipeline_state.store.state import State

_STORE_EVERY_S = 1.0
"""So often is stored what has been judged: what `kill -9` can cost."""

_PRUNED = "its verdict was removed from the database while it was read; run again"
_MOVED = "changed while it was being checked; run again"
_SURROUNDINGS_MOVED = "its program, its configuration or the names around it changed while it was at work; run again"


def judge(
    state: State,
    request: Request,
    recording: Recording,
    snapshot: Snapshot | None,
    git: GitWatch | None,
    request_digest: bytes,
    audience: Audience,
    told: Told,
    around: bytes,
) -> CheckResult:
    """Judge what has to be judged, and return what everything came to.

    `told` are findings that were read before; `around` is what surrounds the files, compared and found as it was: empty
    if something of it has moved.
    """
    if git is not None:
        git.digest()  # Git's answer comes first: what moves after it must not be covered by it
    known = stat_cache_reader(state, tools_alone=not request.use_cache)

    def look() -> Survey:
        return survey(request, known, snapshot, git, around)

    recording.begin()
    judging = Judging(state, request, recording, audience, look())
    try:
        if request.fix and judging.fix():
            judging.found = look()  # a fixer may have written what others are configured by
        judging.judge(snapshot, told)
    except BaseException:
        recording.interrupt()
        raise
    versions = judging.versions()
    keep(judging, snapshot, git, request_digest, versions)
    found = judging.found
    prepared, explanations = found.surroundings.prepared, judging.explanations()
    result = judging.tally.result(prepared, versions, len(found.tree), found.files_of, explanations, recording.notices)
    telling = telling_of(found.configuration)
    if judging.verification is not None:
        result = result._replace(verified=judging.verification.result())
    result = result._replace(
        findings=weighed(result.findings, telling.weights), fail_on=request.fail_on or telling.fail_on
    )
    try:
        result = audience.tell(result, telling, judging.file_outcomes)
    except BaseException:  # the baseline cannot be read: the run has come to no result
        recording.interrupt()
        raise
    recording.finish(result)
    return result


class Judging:
    """One check that has to look."""

    def __init__(self, state: State, request: Request, recording: Recording, audience: Audience, found: Survey) -> None:
        self.state, self.request, self.recording, self.found = state, request, recording, found
        self.audience = audience
        self.root = Path(request.worktree.root)
        self.tally = Tally()
        self.plan = Plan((), ())
        self.verification: Verification | None = None
        self.before: dict[tuple[str, str], Judged] = {}
        self._pending: list[tuple[int, Verdict, Judged]] = []
        self._stored_at = time.monotonic()

    def id(self, number: int) -> str:
        """Return the id of a detector."""
        return self.found.surroundings.prepared[number].detector.id

    def judge(self, snapshot: Snapshot | None, told: Told) -> None:
        """Plan, take what is proven, and judge the rest. `told` are findings that were read before, by key."""
        self.tally.troubles += self.found.troubles
        by_names = self._by_names()
        found = self.found
        if snapshot is not None:
            told = self._stored(snapshot.reported, told)
            if not all(one.excluded or one.key in told for one in snapshot.reported):
                snapshot = None  # what it would tell is not stored any more: it is to be found again
        proven, pairs = planning.split(found.tree, found.files_of, found.moved, found.shared, snapshot, by_names)
        keyed = self._keyed(self._runnable(pairs))
        self.before = self.state.verdicts.judged([self._names(one.pair) for one in keyed])
        self.plan = planning.decide(keyed, self._outcomes(keyed))
        if self.request.verify:
            from pipeline_state.checks.verification import Verification

            self.verification = Verification(self.plan, self.request.verify)
            self.verification.stored(self.state.findings.of_keys, self.id)
            self.plan = self.verification.plan
        for number, count in enumerate(proven.counts):
            self.tally.reused[number] += count
        self._tell(proven.reported, told)
        for one, _ in self.plan.hits:
            self.tally.reused[one.pair.detector] += 1
        self._tell([_reported(one, outcome) for one, outcome in self.plan.hits if outcome != "clean"], {})
        self._execute(self.plan.misses)

    def _by_names(self) -> int:
        """Return a bit for each detector that judges names."""
        return sum(1 << n for n, one in enumerate(self.found.surroundings.prepared) if judges_names(one.detector))

    def fix(self) -> bool:
        """Let the fixers repair, one after another, what is not proven clean. Returns whether anything was changed."""
        from pipeline_state.checks.fixers import fix_files

        for number, prepared in enumerate(self.found.surroundings.prepared):
            if not prepared.detector.fixes or prepared.missing is not None:
                continue
            pairs = [Pair(number, path) for path, entry in self.found.tree.items() if entry.mask >> number & 1]
            # A file that an earlier fixer changed has another content by now, and no verdict.
            fixed = {one.path for one in self.tally.fixed}
            fresh = [pair for pair in pairs if storable_path(pair.path) not in fixed]
            keyed = self._keyed(fresh)
            outcomes = self._outcomes(keyed)
            proven = {
                one.pair for one in keyed if not one.never and outcomes.get(one.key.digest) in ("clean", "excluded")
            }
            paths = [pair.path for pair in pairs if pair not in proven]
            self.audience.fixing(prepared.detector.id, len(paths))
            changed, troubles = fix_files(prepared, paths, self.found.contents, self.root)
            self.tally.troubles += troubles
            self.tally.fixed += [Fixed(prepared.detector.id, storable_path(path)) for path in changed]
        return bool(self.tally.fixed)

    def file_outcomes(self) -> Iterator[FileOutcome]:
        """Return what each detector came to on each of its files."""
        ids = [one.detector.id for one in self.found.surroundings.prepared]
        return file_outcomes(ids, self.found.tree, self.tally.reported, self.tally.troubles)

    def versions(self) -> list[str]:
        """Return the version of each detector's tool, as it says itself; our own for the built-in ones."""
        return [self._version(number) for number in range(len(self.found.surroundings.prepared))]

    def explanations(self) -> tuple[Explanation, ...]:
        """Return, if that was asked for, why each verdict was reused or not."""
        if not self.request.explain:
            return ()
        reused = [(one, True) for one, _ in self.plan.hits]
        return tuple(self._explain(one, hit) for one, hit in [*reused, *((one, False) for one in self.plan.misses)])

    def _explain(self, one: KeyedPair, reused: bool) -> Explanation:
        last = self.before.get(self._names(one.pair))
        moved = moved_fields(last.fields, one.key.fields) if last is not None else ()
        reason = one.never
        if not reused and reason is None:
            if last is None:
                reason = "not judged before"
            elif not moved:
                reason = "the verdict is not stored any more"
        return Explanation(*self._names(one.pair), reused, moved, reason)

    def _names(self, pair: Pair) -> tuple[str, str]:
        return self.id(pair.detector), storable_path(pair.path)

    def _outcomes(self, keyed: Sequence[KeyedPair]) -> dict[bytes, Outcome]:
        return self.state.verdicts.outcomes([one.key.digest for one in keyed]) if self.request.use_cache else {}

    def _keyed(self, pairs: Iterable[Pair]) -> list[KeyedPair]:
        surroundings, tree, keyed = self.found.surroundings, self.found.tree, []
        for pair in pairs:
            prepared, entry = surroundings.prepared[pair.detector], tree[pair.path]
            chain = prepared.configuration(pair.path.rpartition("/")[0])
            never = surroundings.never(prepared, pair.path)
            content = b""
            if prepared.detector.scope == "paths":
                content = self._content(pair.path)
                if content_digest(content) != entry.digest:
                    never = _MOVED
            scope = surroundings.scope(prepared, pair.path, content)
            key = prepared.keys.key(os.fsencode(pair.path), entry.digest, entry.mode, chain.digest, scope)
            keyed.append(KeyedPair(pair, key, never))
        return keyed

    def _content(self, path: str) -> bytes:
        name = self.root / path
        try:
            return os.fsencode(os.readlink(name)) if name.is_symlink() else name.read_bytes()
        except OSError:  # it could be read a moment ago: its digest will not be the same
            return b""

    def _runnable(self, pairs: Iterable[Pair]) -> list[Pair]:
        """Leave out the pairs of missing tools, and say so once for each."""
        left: list[Pair] = []
        said: dict[Trouble, None] = {}
        for pair in pairs:
            prepared = self.found.surroundings.prepared[pair.detector]
            if prepared.missing is None:
                left.append(pair)
            else:
                said[Trouble(prepared.detector.id, None, prepared.missing, tolerated=prepared.settings.optional)] = None
        self.tally.troubles += said
        return left

    def _stored(self, reported: Iterable[Reported], told: Told) -> Told:
        """Return `told`, and what else these verdicts found, as far as it is stored."""
        unknown = {one.key: self.id(one.detector) for one in reported if not one.excluded and one.key not in told}
        return {**told, **self.state.findings.of_keys(unknown)} if unknown else told

    def _tell(self, reported: Sequence[Reported], told: Told) -> None:
        stored = self._stored(reported, told)
        for one in reported:
            if one.excluded or one.key in stored:
                self.tally.tell(one, stored.get(one.key, ()))
            else:  # pruned by another process, after its outcome was read
                self.tally.fail(one.detector, Trouble(self.id(one.detector), storable_path(one.path), _PRUNED))

    def _as_keyed(self, misses: Sequence[KeyedPair]) -> list[KeyedPair]:
        """Look at the files that nobody looked at, before a tool does; leave out those that have moved meanwhile."""
        left = []
        for one in misses:
            number, path = one.pair
            if path in self.found.looked_at or self._is_as_keyed(path):
                left.append(one)
            else:
                self.tally.fail(number, Trouble(self.id(number), storable_path(path), _MOVED))
        return left

    def _is_as_keyed(self, path: str) -> bool:
        try:
            content = self.found.contents.of(path)
        except OSError:  # it could be read when it was keyed
            return False
        return content is not None and content.digest == self.found.tree[path].digest

    def _execute(self, misses: Sequence[KeyedPair]) -> None:
        misses = self._as_keyed(misses)
        if not misses:
            return
        keyed = {one.pair: one for one in misses}
        wanted: dict[int, list[str]] = {}
        surroundings = self.found.surroundings
        by_names = self._by_names()
        for one in misses:
            if not by_names >> one.pair.detector & 1:
                wanted.setdefault(one.pair.detector, []).append(one.pair.path)
        self.audience.begin(Counter(self.id(one.pair.detector) for one in misses))
        jobs = self.request.jobs or self.found.configuration.jobs or os.cpu_count() or 1
        try:
            for one in (one for one in misses if by_names >> one.pair.detector & 1):
                number, path = one.pair
                self._take(
                    Judgement(number, path, surroundings.by_names.judge(surroundings.prepared[number].detector, path)),
                    one,
                )
            self.tally.durations.update(
                execute(
                    wanted,
                    surroundings.prepared,
                    self._projects(wanted),
                    self.root,
                    jobs,
                    lambda said: self._take(said, keyed[Pair(said.detector, said.path)]),
                )
            )
        finally:
            self._store()

    def _projects(self, wanted: Iterable[int]) -> dict[int, ProjectJob]:
        surroundings = self.found.surroundings
        projects = {number: scope for number, scope in surroundings.projects().items() if number in wanted}
        if not projects:
            return {}
        from pipeline_state.checks.project_run import ProjectJob

        return {
            number: ProjectJob(
                surroundings.prepared[number],
                scope,
                surroundings.scopes.sources,
                self.root,
                use_cache=self.request.use_cache and not self.request.verify,
            )
            for number, scope in projects.items()
        }

    def _take(self, said: Judgement, keyed: KeyedPair) -> None:
        number, path = said.detector, said.path
        self.tally.checked[number] += 1
        self.audience.judged(self.id(number))
        name, stored_path = self._names(keyed.pair)
        content = self._content(path) if said.problems else b""
        error = said.error or self._moved_meanwhile(said, content)
        if error is not None:
            self.tally.fail(number, Trouble(name, stored_path, error))
            return
        findings = findings_of(name, stored_path, content, said.problems)
        outcome: Outcome = "excluded" if said.excluded else "findings" if findings else "clean"
        key = keyed.key
        if self.verification is not None:
            difference = self.verification.difference(keyed, outcome, findings)
            if difference is not None:
                self.tally.fail(number, Trouble(name, stored_path, difference))
                self.recording.withdraw(key.digest)
        if keyed.never is not None:  # kept so that it can be asked for, under a key that nobody makes again
            key = Key(digest((key.digest, (self.recording.run_id or "").encode())), key.fields)
        if outcome != "clean":
            self.tally.tell(Reported(number, path, said.excluded, key.digest), findings)
        verdict = Verdict(key.digest, name, outcome, findings)
        self._pending.append((number, verdict, Judged(name, stored_path, key.digest, key.fields)))
        if time.monotonic() - self._stored_at >= _STORE_EVERY_S:
            self._store()

    def _store(self) -> None:
        """Store what was judged, unless the surroundings moved meanwhile: then it is no proof of anything."""
        pending, self._pending = self._pending, []
        if pending and self.request.use_cache:
            found = self.found
            moved = found.surroundings.moved_since(self.root, found.tree)
            for number in sorted(moved & {number for number, _, _ in pending}):
                self.tally.fail(number, Trouble(self.id(number), None, _SURROUNDINGS_MOVED))
            self.recording.judged([(verdict, judged) for number, verdict, judged in pending if number not in moved])
        self._stored_at = time.monotonic()

    def _moved_meanwhile(self, said: Judgement, content: bytes) -> str | None:
        """A verdict on bytes that are not those of the key proves nothing, and must not be stored."""
        judged = self.found.contents.of(said.path)
        if judged is None or (said.digest is not None and said.digest != judged.digest):
            return _MOVED
        if said.problems and content_digest(content) != judged.digest:
            return _MOVED
        # Nobody knows which bytes a tool read: those of a file that was written meanwhile may be others.
        unmoved = self.found.contents.was_left_alone if said.digest is None else self.found.contents.still
        try:
            return None if unmoved(said.path, judged) else _MOVED
        except OSError as error:
            return f"cannot be read again: {error.strerror or error}"

    def _version(self, number: int) -> str:
        prepared = self.found.surroundings.prepared[number]
        if not isinstance(prepared.detector.how, Tool):
            return __version__
        if prepared.missing is not None:
            return ""
        if not prepared.detector.how.version:
            return ""
        known = self.state.tools.version(prepared.identity.digest) if prepared.never is None else None
        if known is None:
            try:
                known = runner_of(prepared, self.root, Processes()).version()
            except ReportError as error:
                self.tally.fail(number, Trouble(prepared.detector.id, None, f"does not tell its version: {error}"))
                return ""
            self.recording.learn_version(prepared.identity.digest, known)
        return known


def _reported(one: KeyedPair, outcome: Outcome) -> Reported:
    return Reported(one.pair.detector, one.pair.path, outcome == "excluded", one.key.digest)
