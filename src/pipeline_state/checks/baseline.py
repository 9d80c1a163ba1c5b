"""The baseline: findings that are known and shall not fail, as a file that people review and merge. Pure.

What a finding is known by is its fingerprint: detector, rule, path, the text of its line without white space around it,
and how many equal ones come before it. So an entry survives moved lines, a further equal line is new, and a renamed
file has none. The file holds one entry a line, sorted; the message is for those who read it, and identifies nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from pipeline_state.errors import ConfigurationError
from pipeline_state.named_tuple import NamedTuple

if TYPE_CHECKING:
    from pipeline_state.checks.audience import FileOutcome
    from pipeline_state.checks.result import CheckResult
    from pipeline_state.store.findings import Finding

VERSION = 1
"""The version of the file's format that this module reads and writes."""

_LONGEST_MESSAGE = 200
_SURROGATE = re.compile("[\ud800-\udfff]")
_HEX = frozenset("0123456789abcdef")


class Entry(NamedTuple):
    """One known finding, in the order in which the file is sorted; `path` in its storable form."""

    path: str
    detector: str
    rule: str
    message: str
    fingerprint: str


class Baseline(NamedTuple):
    """The known findings, by fingerprint."""

    entries: dict[str, Entry]


class Baselined(NamedTuple):
    """What a baseline did to a check: the findings that it knows, and its entries that occur no more."""

    known: tuple[Finding, ...] = ()
    gone: tuple[Entry, ...] = ()


def baseline_of(findings: Iterable[Finding]) -> Baseline:
    """Return the baseline that knows exactly these findings."""
    return Baseline({finding.fingerprint: _entry(finding) for finding in findings})


def render(baseline: Baseline) -> str:
    """Return the file of a baseline."""
    lines = ",\n".join(f"    {json.dumps(entry._asdict())}" for entry in sorted(baseline.entries.values()))
    body = f"\n{lines}\n  " if lines else ""
    return f'{{\n  "version": {VERSION},\n  "findings": [{body}]\n}}\n'


def parse(content: bytes, label: str) -> Baseline:
    """Return the baseline in the content of a file that the user knows as `label`.

    Raises `ConfigurationError` if it is none, or one that a newer version wrote.
    """
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        hint = "; it holds a merge conflict: keep the lines of both sides" if b"<<<<<<<" in content else ""
        raise ConfigurationError(f"cannot read the baseline {label}: {error}{hint}") from error
    version = document.get("version") if isinstance(document, dict) else None
    if type(version) is int and version > VERSION:
        raise ConfigurationError(
            f"the baseline {label} has version {version}; this pipeline-state reads {VERSION}, a newer one wrote it"
        )
    findings = document.get("findings") if type(version) is int and len(document) == 2 else None
    if version != VERSION or not isinstance(findings, list):
        raise ConfigurationError(f"{label} is no baseline; `pipeline-state baseline write` makes one")
    entries = [_parsed(entry, f"entry {number} of the baseline {label}") for number, entry in enumerate(findings, 1)]
    return Baseline({entry.fingerprint: entry for entry in entries})


def apply(
    baseline: Baseline,
    result: CheckResult,
    outcomes: Callable[[], Iterable[FileOutcome]],
    is_gone: Callable[[str], bool],
    *,
    everything: bool,
) -> CheckResult:
    """Return the result with only the findings that the baseline does not know.

    `is_gone` says whether a file, by its storable path, is not there any more; `everything`, whether all files were
    selected for all detectors. What could not be judged stays in the result, and no entry counts as gone for it.
    """
    known = tuple(finding for finding in result.findings if finding.fingerprint in baseline.entries)
    new = tuple(finding for finding in result.findings if finding.fingerprint not in baseline.entries)
    here = {finding.fingerprint for finding in known}
    absent = [entry for fingerprint, entry in baseline.entries.items() if fingerprint not in here]
    gone: list[Entry] = []
    if absent:
        # A detector that could not even be loaded is in no outcome; where nobody knows which one, it may be any.
        missed = {trouble.detector for trouble in result.troubles if trouble.path is None}
        said = {(one.detector, one.path): one.outcome for one in outcomes()}
        whole = everything and None not in missed
        gone = [
            entry for entry in absent if entry.detector not in missed and _is_gone(entry, said, is_gone, whole=whole)
        ]
    return result._replace(
        summary=result.summary._replace(findings=len(new)),
        findings=new,
        baseline=Baselined(known, tuple(sorted(gone))),
    )


def _is_gone(entry: Entry, said: dict[tuple[str, str], Any], is_gone: Callable[[str], bool], *, whole: bool) -> bool:
    outcome = said.get((entry.detector, entry.path))
    if outcome is not None:
        return outcome not in ("error", "missing")
    return whole or is_gone(entry.path)


def _entry(finding: Finding) -> Entry:
    message = " ".join(finding.message.split())
    if len(message) > _LONGEST_MESSAGE:
        message = f"{message[: _LONGEST_MESSAGE - 1]}…"
    return Entry(finding.path, finding.detector, finding.rule, message, finding.fingerprint)


def _parsed(entry: object, label: str) -> Entry:
    if not isinstance(entry, dict) or set(entry) != set(Entry._fields):
        raise ConfigurationError(f"{label} must have exactly {', '.join(Entry._fields)}")
    if not all(isinstance(value, str) for value in entry.values()):
        raise ConfigurationError(f"{label} must hold strings only")
    if _SURROGATE.search("".join(entry.values())) is not None:
        raise ConfigurationError(f"{label} holds half of a character, which no text can")
    if len(entry["fingerprint"]) != 32 or not _HEX.issuperset(entry["fingerprint"]):
        raise ConfigurationError(f"{label} has no fingerprint of 32 hexadecimal digits")
    return Entry(**entry)
