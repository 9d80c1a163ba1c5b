"""Text from outside, made fit for storing: in one place, for every row and every journal line.

Lone surrogates and NUL cannot be stored, text without an end must not be, and secrets must never be.
"""

from __future__ import annotations

import os
import time
from functools import cache

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Mapping

TEXT_LIMIT = 65_536
"""Characters that are kept of a text, unless the caller says otherwise."""
REDACTED = "[redacted]"

_HINTS = ("TOKEN", "SECRET", "PASS", "CREDENTIAL", "COOKIE", "KEY", "DSN")
"""One of these is in every one of the following; most names have none."""
_KEYS = (
    "API", "ACCESS", "PRIVATE", "SECRET", "ENCRYPTION", "SIGNING", "AUTH", "MASTER", "DEPLOY", "LICENSE", "ACCOUNT",
    "STORAGE",
)  # fmt: skip
_TELLING = (
    "TOKEN", "TOKENS", "SECRET", "SECRETS", "PASSWORD", "PASSWORDS", "PASSWD", "PASS", "PASSPHRASE", "CREDENTIAL",
    "CREDENTIALS", "COOKIE", "DSN", *(f"{kind}{between}KEY" for kind in _KEYS for between in ("", "_")),
)  # fmt: skip
_SHORTEST_SECRET = 6  # shorter values ("1", "true") are switches, and would blacken half of the text
_OLD_S = 1.0

_TOKENS = (
    (("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"\bgh[pousr]_[A-Za-z0-9]{30,255}\b"),
    (("github_pat_",), r"\bgithub_pat_[A-Za-z0-9_]{22,255}\b"),
    (
        ("glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glsoat-"),
        r"\bgl(?:pat|dt|rt|cbt|ptt|ft|soat)-[\w-]{20,}",
    ),
    (("xox",), r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}"),
    (("xapp-",), r"\bxapp-\d-[A-Za-z0-9-]{10,}"),
    (("AKIA", "ASIA", "ABIA", "ACCA"), r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b"),
    (("AIza",), r"\bAIza[\w-]{35}"),
    (("ya29.",), r"\bya29\.[\w-]{20,}"),
    (("k_live_", "k_test_"), r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{10,}"),
    (("whsec_",), r"\bwhsec_[A-Za-z0-9+/=]{20,}"),
    (("sk-",), r"\bsk-[A-Za-z0-9_-]{20,}"),
    (("npm_",), r"\bnpm_[A-Za-z0-9]{36}\b"),
    (("pypi-",), r"\bpypi-[A-Za-z0-9_-]{50,}"),
    (("hf_",), r"\bhf_[A-Za-z0-9]{30,}"),
    (("dop_v1_",), r"\bdop_v1_[0-9a-f]{64}"),
    (("SG.",), r"\bSG\.[\w-]{16,}\.[\w-]{16,}"),
    (("eyJ",), r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*"),
    (("hvs.", "hvb."), r"\bhv[sb]\.[\w-]{24,}"),
    (("dckr_pat_",), r"\bdckr_pat_[\w-]{20,}"),
    (
        ("-----BEGIN",),
        r"-----BEGIN[ A-Z0-9]*PRIVATE KEY(?: BLOCK)?-----(?:.*?-----END[ A-Z0-9]*PRIVATE KEY(?: BLOCK)?-----|.*)",
    ),
    (("://",), r"(?<=://)[^\s/:@]{1,256}:[^\s/@]{1,256}(?=@)"),
    (("uthorization: ",), r"(?<=[Aa]uthorization: )(?:[Bb]earer|[Bb]asic|[Tt]oken) \S+"),
)
"""Per issuer: what every text with such a token holds, and the pattern, with a prefix that nothing else has."""
_MARKS = tuple(mark for marks, _ in _TOKENS for mark in marks)
_SHORTEST_TOKEN = 18  # characters, of those without a colon

_C_ESCAPES = {7: b"a", 8: b"b", 9: b"t", 10: b"n", 11: b"v", 12: b"f", 13: b"r", 34: b'"', 92: b"\\"}
_C_PLAIN = {ord(letter): byte for byte, letter in _C_ESCAPES.items()}
_QUOTED_BYTE = rb"\\([0-7]{3}|.)"


def storable_text(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return `text` as it may be stored: no lone surrogate, no NUL, no secret, at most about `limit` characters.

    Of a text that is too long the beginning and the end are kept, and the cut says how much is missing.
    """
    missing = 0
    if len(text) > 4 * limit:  # what is far from both ends would be cut anyway; do not search it for secrets
        missing = len(text) - 4 * limit
        text = text[: 2 * limit] + text[-2 * limit :]
    if not _is_storable(text):
        text = text.translate(_escapes())
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
    import re  # here: few commands meet such a path, and an unchanged check does without

    try:
        return os.fsdecode(re.sub(_QUOTED_BYTE, _unquote_byte, stored[1:-1].encode("ascii"), flags=re.DOTALL))
    except (ValueError, KeyError):  # somebody else's: a damaged database, a file that was edited by hand
        return stored


def redact(text: str) -> str:
    """Return `text` without secrets: values of variables with telling names, well-known tokens, private keys."""
    for secret in _secrets.current():
        if secret in text:
            text = text.replace(secret, REDACTED)
    if (len(text) < _SHORTEST_TOKEN and ":" not in text) or not any(mark in text for mark in _MARKS):
        return text
    return _token_pattern().sub(REDACTED, text)


@cache
def _token_pattern() -> re.Pattern[str]:
    # Compiled when it is first needed: 1.5 ms, and 3 for `re`; most commands store nothing but a few short words.
    import re

    return re.compile("|".join(pattern for _, pattern in _TOKENS), re.DOTALL)


def redacted_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return names and values as they may be stored; the value behind a telling name is not."""
    return {
        storable_text(name): REDACTED if value and is_telling(name) else storable_text(value)
        for name, value in environment.items()
    }


def is_telling(name: str) -> bool:
    """Whether a variable of this name holds a secret, to judge by the name."""
    name = name.upper()
    return any(hint in name for hint in _HINTS) and any(_stands_in(name, word) for word in _TELLING)


def _stands_in(name: str, word: str) -> bool:
    """Whether a word stands in a name between its ends, underscores, or a digit behind it."""
    at = name.find(word)
    while at >= 0:
        if (at == 0 or name[at - 1] == "_") and name[at + len(word) :][:1] in ("", *"_0123456789"):
            return True
        at = name.find(word, at + 1)
    return False


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


def _is_storable(text: str) -> bool:
    if "\0" in text:
        return False
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # lone surrogates
        return False
    return True


@cache
def _escapes() -> dict[int, str]:
    """What stands for the characters that cannot be stored. From U+DC80 on they are bytes that were no UTF-8."""
    escapes = {code: f"\\u{code:04x}" for code in range(0xD800, 0xE000)}
    return {0: "\\x00", **escapes, **{0xDC00 + byte: f"\\x{byte:02x}" for byte in range(0x80, 0x100)}}


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
