"""`private-key`: the file holds the beginning of a private key."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline_state.checks.declaration import BuiltIn, Detector
from pipeline_state.checks.detectors import syntax
from pipeline_state.checks.findings import Problem

# The list of pre-commit-hooks' detect-private-key, and PuTTY's third format. The pattern is written so that it does
# not match its own source.
_HEADER = re.compile(
    rb"BEGIN (?:(?P<kind>RSA|DSA|EC|OPENSSH|SSH2 ENCRYPTED|ENCRYPTED|PGP) )?PRIVATE[ ]KEY"
    rb"|BEGIN (?P<openvpn>OpenVPN)[ ]Static key V1"
    rb"|(?P<putty>PuTTY)-User-Key-File-[23]"
)


def judge(_path: str, content: bytes) -> Iterator[Problem]:
    """Report each header. The message names the kind of key and holds nothing of the file."""
    if b"PRIVATE KEY" not in content and b"OpenVPN" not in content and b"PuTTY" not in content:
        return
    for header in _HEADER.finditer(content):
        kind = header["kind"] or header["openvpn"] or header["putty"]
        message = f"a private key ({kind.decode('ascii')})" if kind else "a private key"
        line, column = syntax.of_byte(content, header.start())
        yield Problem("private-key", message, line, column, severity="error", category="security")


DETECTOR = Detector(
    id="private-key",
    version=1,
    title="private keys",
    types=frozenset({"text"}),
    how=BuiltIn(judge),
)
