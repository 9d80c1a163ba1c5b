"""Which lines of a file are not shown, because they may hold a secret. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from pipeline_state.store.findings import Finding
from pipeline_state.store.storable import redact

_DETECTORS = frozenset({"private-key", "gitleaks", "detect-secrets"})
_TELLING = re.compile(r"secret|passw|passphrase|credential|private[ _-]?key|api[ _-]?key", re.IGNORECASE)
_TELLING_OF_SECURITY = re.compile(r"token|entropy|\bkey\b", re.IGNORECASE)  # elsewhere a token is a piece of syntax
_BEGIN = re.compile(rb"-----BEGIN[ A-Z0-9]*PRIVATE KEY|BEGIN OpenVPN Static key|PuTTY-User-Key-File")
_END = re.compile(rb"-----END[ A-Z0-9]*PRIVATE KEY|END OpenVPN Static key|Private-(?:MAC|Hash):")


def tells_of_a_secret(finding: Finding) -> bool:
    """Whether a finding says that there is a secret in its lines, to judge by its detector and its words."""
    if finding.detector in _DETECTORS:
        return True
    words = f"{finding.detector} {finding.rule} {finding.message}"
    if _TELLING.search(words) is not None:
        return True
    return finding.category == "security" and _TELLING_OF_SECURITY.search(words) is not None


def secret_lines(findings: Iterable[Finding]) -> set[tuple[str, int]]:
    """Return the lines, by path and number, in which one of these findings tells of a secret."""
    return {
        (finding.path, number)
        for finding in findings
        if finding.line is not None and tells_of_a_secret(finding)
        for number in range(finding.line, max(finding.line, finding.end_line or 0) + 1)
    }


def key_lines(content: bytes, lines: list[bytes]) -> Collection[int]:
    """Return the numbers of those lines of a content, from 1, that belong to a private key."""
    if _BEGIN.search(content) is None:
        return frozenset()
    found: set[int] = set()
    inside = False
    for number, line in enumerate(lines, 1):
        inside = inside or _BEGIN.search(line) is not None
        if inside:
            found.add(number)
        if _END.search(line):
            inside = False
    return found


def holds_a_secret(text: str) -> bool:
    """Whether something in a text looks like a secret: a well-known token, or the value of a telling variable."""
    return redact(text) != text
