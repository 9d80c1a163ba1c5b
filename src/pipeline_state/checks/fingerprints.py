"""From problems, as a detector reports them, to findings with an identity that survives moved lines. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from pipeline_state.checks.digests import blake2b
from pipeline_state.checks.findings import Finding, Problem
from pipeline_state.store.storable import storable_text

_MOST_EQUAL = 5_000
"""So many equal lines, each with the same finding, are looked through for one of them."""


def findings_of(detector: str, path: str, content: bytes, problems: Iterable[Problem]) -> tuple[Finding, ...]:
    """Return the findings of one file, in the order of their places; `path` in its storable form.

    The fingerprint is made of detector, rule, path, the text of the line without white space around it, and how
    many equal ones came before. Messages lose what looks like a secret: some tools quote what they found.
    """
    lines = content.splitlines()
    seen: Counter[tuple[str, bytes]] = Counter()
    found = []
    for problem in sorted(problems, key=_place):
        rule = problem.rule if problem.rule.isascii() else storable_text(problem.rule)
        text = lines[problem.line - 1].strip() if problem.line and 0 < problem.line <= len(lines) else b""
        occurrence = seen[rule, text]
        seen[rule, text] += 1
        found.append(
            Finding(
                detector=detector,
                rule=rule,
                severity=problem.severity,
                category=problem.category,
                path=path,
                line=problem.line,
                column=problem.column,
                end_line=problem.end_line,
                end_column=problem.end_column,
                message=storable_text(problem.message),
                fingerprint=_ended(_begun(detector, rule, path, text), occurrence),
            )
        )
    return tuple(found)


def is_about(finding: Finding, line: bytes) -> bool:
    """Whether a line of the finding's file is the one that it was found in, to judge by the fingerprint."""
    state = _begun(finding.detector, finding.rule, finding.path, line.strip())
    return any(_ended(state, number) == finding.fingerprint for number in range(_MOST_EQUAL))


def _place(problem: Problem) -> tuple[int, int, str, str]:
    return problem.line or 0, problem.column or 0, problem.rule, problem.message


def _begun(detector: str, rule: str, path: str, text: bytes) -> blake2b:
    """Return the state of a fingerprint that lacks only how many equal findings came before."""
    state = blake2b(digest_size=16)
    for part in (*(name.encode("utf-8", "surrogatepass") for name in (detector, rule, path)), text):
        state.update(len(part).to_bytes(4, "little") + part)
    return state


def _ended(state: blake2b, occurrence: int) -> str:
    ended = state.copy()
    part = b"%d" % occurrence
    ended.update(len(part).to_bytes(4, "little") + part)
    return ended.hexdigest()
