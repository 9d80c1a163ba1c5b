"""Text from outside, made fit for storing: in one place, for every row and every journal line.

Lone surrogates and NUL cannot be stored, text without an end must not be, and secrets must never be.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping
from functools import cache

TEXT_LIMIT = 65_536
"""Characters that are kept of a text, unless the caller says otherwise."""
REDACTED = "[redacted]"

_TELLING = re.compile(
    r"(?:^|_)(?:TOKENS?|SECRETS?|PASSWORDS?|PASSWD|PASS|PASSPHRASE|CREDENTIALS?|COOKIE|APIKEY|DSN"
    r"|(?:API|ACCESS|PRIVATE|SECRET|ENCRYPTION|SIGNING|AUTH|MASTER|DEPLOY|LICENSE|ACCOUNT|STORAGE)_?KEY)(?:_|$|[0-9])",
    re.IGNORECASE,
)
_SHORTEST_SECRET = 6  # shorter values ("1", "true") are switches, and would blacken half of the text
_OLD_S = 1.0

# One alternative per issuer, each with a prefix that nothing else has.
_TOKENS = r"""
      \bgh[pousr]_[A-Za-z0-9]{30,255}\b | \bgithub_pat_[A-Za-z0-9_]{22,255}\b
    | \bgl(?:pat|dt|rt|cbt|ptt|ft|soat)-[\w-]{20,} | \bxox[abeoprs]-[A-Za-z0-9-]{10,} | \bxapp-\d-[A-Za-z0-9-]{10,}
    | \b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b | \bAIza[\w-]{35} | \bya29\.[\w-]{20,}
    | \b[sr]k_(?:live|test)_[A-Za-z0-9]{10,} | \bwhsec_[A-Za-z0-9+/=]{20,} | \bsk-[A-Za-z0-9_-]{20,}
    | \bnpm_[A-Za-z0-9]{36}\b | \bpypi-[A-Za-z0-9_-]{50,} | \bhf_[A-Za-z0-9]{30,} | \bdop_v1_[0-9a-f]{64}
    | \bSG\.[\w-]{16,}\.[\w-]{16,} | \beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]* | \bhv[sb]\.[\w-]{24,} | \bdckr_pat_[\w-]{20,}
    | -----BEGIN[ A-Z0-9]*PRIVATE[ ]KEY(?:[ ]BLOCK)?-----
      (?:.*?-----END[ A-Z0-9]*PRIVATE[ ]KEY(?:[ ]BLOCK)?-----|.*)
    | (?<=://)[^\s/:@]{1,256}:[^\s/@]{1,256}(?=@)
    | (?<=[Aa]uthorization:[ ])(?:[Bb]earer|[Bb]asic|[Tt]oken)[ ]\S+
    """
_SHORTEST_TOKEN = 18  # characters, of those without a colon
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")

_C_ESCAPES = {7: b"a", 8: b"b", 9: b"t", 10: b"n", 11: b"v", 12: b"f", 13: b"r", 34: b'"', 92: b"\\"}
_C_PLAIN = {ord(letter): byte for byte, letter in _C_ESCAPES.items()}
_QUOTED_BYTE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)


def storable_text(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return `text` as it may be stored: no lone surrogate, no NUL, no secret, at most about `limit` characters.

    Of a text that is too long the beginning and the end are kept, and the cut says how much is missing.
    """
    missing = 0
    if len(text) > 4 * limit:  # what is far from both ends would be cut anyway; do not search it for secrets
        missing = len(text) - 4 * limit
        text = text[: 2 * limit] + text[-2 * limit :]
    if _UNSTORABLE.search(text):
        text = _UNSTORABLE.sub(_escape, text)
    return _cut(redact(text), limit, missing)


def storable_path(path: str) -> str:
    r"""Return a path as it is stored: itself, or in Git's quoted form (`"caf\351"`) where its bytes are not UTF-8.

    No two paths have the same form: a path that begins with a quote is quoted too. `real_path` is the inverse.
    """
    if not path.startswith('"'):
        try:
            path.encode("utf-8")
        except UnicodeEncodeError:
            pass
        else:
            return path
    return '"' + b"".join(_quote_byte(byte) for byte in os.fsencode(path)).decode("ascii") + '"'


def storable_id(node_id: str) -> str:
    """Return a node id as it is stored: a path, or, where it is more broken than a path can be, escaped."""
    if node_id.isascii() and "\0" not in node_id and not node_id.startswith('"'):
        return node_id
    try:
        return storable_path(node_id).replace("\0", "\\x00")
    except UnicodeEncodeError:
        return node_id.encode("utf-8", "backslashreplace").decode("utf-8")


def real_path(stored: str) -> str:
    """Return the path that `storable_path` was given; what it cannot have returned is taken as a path itself."""
    if not stored.startswith('"'):
        return stored
    try:
        return os.fsdecode(_QUOTED_BYTE.sub(_unquote_byte, stored[1:-1].encode("ascii")))
    except (ValueError, KeyError):  # somebody else's: a damaged database, a file that was edited by hand
        return stored


def redact(text: str) -> str:
    """Return `text` without secrets: values of variables with telling names, well-known tokens, private keys."""
    for secret in _secrets.current():
        if secret in text:
            text = text.replace(secret, REDACTED)
    if len(text) < _SHORTEST_TOKEN and ":" not in text:
        return text
    return _token_pattern().sub(REDACTED, text)


@cache
def _token_pattern() -> re.Pattern[str]:
    # Compiled when it is first needed: 1.5 ms, and most commands store nothing but a few short words.
    return re.compile(_TOKENS, re.VERBOSE | re.DOTALL)


def redacted_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return names and values as they may be stored; the value behind a telling name is not."""
    return {
        storable_text(name): REDACTED if value and is_telling(name) else storable_text(value)
        for name, value in environment.items()
    }


def is_telling(name: str) -> bool:
    """Whether a variable of this name holds a secret, to judge by the name."""
    return _TELLING.search(name) is not None


class _Secrets:
    """The secrets in this process's environment. Once seen, a value stays secret: it may be in any later text."""

    def __init__(self, environ: Mapping[str, str], clock: Callable[[], float]) -> None:
        self._environ = environ
        self._clock = clock
        self._read_at = float("-inf")
        self._values: tuple[str, ...] = ()

    def current(self) -> tuple[str, ...]:
        """Return the secrets, the longest first, so that one within another leaves no rest."""
        moment = self._clock()
        if moment - self._read_at > _OLD_S:  # reading the environment costs more than most texts
            self._read_at = moment
            found = {value for name, value in self._environ.items() if is_telling(name) and _is_secret(value)}
            found.update(self._values)
            self._values = tuple(sorted(found, key=len, reverse=True))
        return self._values


_secrets = _Secrets(os.environ, time.monotonic)


def _is_secret(value: str) -> bool:
    return len(value) >= _SHORTEST_SECRET and not os.path.isabs(value)  # a path says where a secret is, not what


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was no UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if code else "\\x00"


def _cut(text: str, limit: int, missing: int) -> str:
    if len(text) <= limit and not missing:
        return text
    missing += max(0, len(text) - limit)
    half = limit // 2
    return f"{text[:half]}\n[… {missing} characters left out …]\n{text[-half:]}"


def _quote_byte(byte: int) -> bytes:
    if byte in _C_ESCAPES:
        return b"\\" + _C_ESCAPES[byte]
    return bytes([byte]) if 0x20 <= byte < 0x7F else b"\\%03o" % byte


def _unquote_byte(match: re.Match[bytes]) -> bytes:
    word: bytes = match[1]
    return bytes([int(word, 8)]) if len(word) == 3 else bytes([_C_PLAIN[word[0]]])
