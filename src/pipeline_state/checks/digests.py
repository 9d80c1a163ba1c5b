"""Digests: BLAKE2b, length-prefixed where parts are joined. Pure."""

from __future__ import annotations

from collections.abc import Iterable

try:
    from _blake2 import blake2b as blake2b  # the same; `hashlib` loads OpenSSL with it, which costs 2 ms
except ImportError:
    from hashlib import blake2b as blake2b

FORMAT = 2
"""The format of our keys. Raised whenever the meaning of any field changes; every older key then misses."""

SIZE = 16
"""Bytes of a digest."""

NOTHING = b"\0" * SIZE
"""The digest of a field that has nothing to say (no configuration, scope `file`)."""


def digest(parts: Iterable[bytes]) -> bytes:
    """Return the digest of these parts, length-prefixed so that no two lists of parts coincide."""
    state = blake2b(digest_size=SIZE)
    for part in parts:
        state.update(len(part).to_bytes(8, "little"))
        state.update(part)
    return state.digest()


def digest_text(*parts: str) -> bytes:
    """Return the digest of these texts; names with undecodable bytes are told apart too."""
    return digest(part.encode("utf-8", "surrogateescape") for part in parts)


def content_digest(content: bytes) -> bytes:
    """Return the digest of a file's bytes."""
    return blake2b(content, digest_size=SIZE).digest()
