"""One check from end to end: recall or survey, plan, judge, record.

Data flows one way: request → survey → plan (pure) → execution → recording → result.
"""

from __future__ import annotations

from collections import Counter

from pipeline_state.checks.audience import NOBODY, Audience, FileOutcome
from pipeline_state.checks.git_watch import GitWatch
from pipeline_state.checks.request import Request
from pipeline_state.checks.result import CheckResult, by_detector, in_order
from pipeline_state.checks.snapshot import Recalled, load, recall
from pipeline_state.checks.weights import weighed
from pipeline_state.errors import StateError
from pipeline_state.store.check_runs import CheckSummary, DetectorOutcome, DetectorResult

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline_state.checks.recording import Recording
    from pipeline_state.store.findings import Told
    from pipeline_state.store.state import State


def check(state: State, request: Request, recording: Recording, audience: Audience = NOBODY) -> CheckResult:
    """Judge what the request selects and return what it came to; what is proven is not judged again.

    Raises `UsageError`, `ConfigurationError` and `GitError` for what was asked wrongly or cannot be found out.
    Trouble with a detector or a file is part of the result. What is recorded and returned is what the audience tells.
    """
    if not request.is_plain:
        return _judge(state, request, recording, None, b"", audience, {}, None)
    git = GitWatch(request)
    request_digest = request.digest()
    # While Git is at work, what it will come to if nothing has moved is made ready.
    recalled = recall(state, request, request_digest)
    told = state.findings.of_keys(recalled.reported()) if recalled is not None else {}
    result = _retell(request, recalled, told) if recalled is not None and recalled.git else None
    recording.load()
    if recalled is None or result is None or git.digest() != recalled.git:
        return _judge(state, request, recording, git, request_digest, audience, told, recalled)
    result = audience.tell(result, recalled.telling, lambda: _file_outcomes(state, request, request_digest))
    recording.finish(result)
    return result


def _judge(
    state: State,
    request: Request,
    recording: Recording,
    git: GitWatch | None,
    request_digest: bytes,
    audience: Audience,
    told: Told,
    recalled: Recalled | None,
) -> CheckResult:
    """The case in which something may have moved. Its modules are loaded here, so that the other one need not."""
    snapshot = None
    around = recalled.around if recalled is not None else b""
    try:
        if git is not None:
            snapshot = load(state, request, request_digest)
            if snapshot is None or (git.has_answered and not snapshot.same_names(git)):
                git.start_listing()  # while modules are loaded
        from pipeline_state.checks.judging import judge

        return judge(state, request, recording, snapshot, git, request_digest, audience, told, around)
    finally:
        if git is not None:
            git.end_listing()


def _retell(request: Request, recalled: Recalled, told: Told) -> CheckResult | None:
    """Return the result of the unchanged case; `None` if what it would tell is not stored any more."""
    wanted = recalled.reported()
    if wanted.keys() != told.keys():
        return None
    findings = [finding for key in wanted for finding in told[key]]
    outcomes = Counter((number, excluded) for number, excluded, _ in recalled.keys)
    detectors = by_detector(
        DetectorResult(
            id=one.id,
            version=one.version,
            outcome=_outcome(one.files, outcomes[number, False], outcomes[number, True]),
            files=one.files,
            checked=0,
            reused=one.files,
            duration_s=0.0,
        )
        for number, one in enumerate(recalled.detectors)
        if one.files
    )
    summary = CheckSummary(recalled.files, 0, sum(one.files for one in detectors), len(findings), 0)
    weighted = weighed(in_order(findings), recalled.telling.weights)
    return CheckResult(summary, detectors, weighted, fail_on=request.fail_on or recalled.telling.fail_on)


def _file_outcomes(state: State, request: Request, request_digest: bytes) -> Iterable[FileOutcome]:
    """Return what each pair came to in the unchanged case, from the tree of the snapshot."""
    from pipeline_state.checks.tally import file_outcomes

    snapshot = load(state, request, request_digest)
    if snapshot is None:  # another check has just put its own in the place of the one that was recalled
        raise StateError("the snapshot was replaced while it was read; run again")
    return file_outcomes([one.id for one in snapshot.detectors], snapshot.tree, snapshot.reported)


def _outcome(files: int, with_findings: int, excluded: int) -> DetectorOutcome:
    if with_findings:
        return "findings"
    return "excluded" if excluded == files else "clean"
