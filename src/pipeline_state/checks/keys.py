"""Keys: the digest of everything that a verdict depends on. Pure.

A key is made of nine fields. Each is a digest of its own, and a short form of each is kept beside the verdict, so
that `--explain` can say which one moved. No field holds an absolute path: a verdict must stay right when the worktree
is moved, or copied to a sibling.
"""

from __future__ import annotations

import stat

from pipeline_state.checks.digests import FORMAT, SIZE, blake2b, digest
from pipeline_state.named_tuple import NamedTuple

FIELDS = (
    "format",
    "detector",
    "tool",
    "arguments",
    "environment",
    "path",
    "content",
    "configuration",
    "scope",
)
"""The fields of a key, in the order of their short digests."""

SHORT = 6
"""Bytes of the short digest of a field, for --explain."""


def judged_mode(mode: int) -> int:
    """Return what a verdict can depend on of a mode: the type, and whether anybody may execute it."""
    return stat.S_IFMT(mode) | (0o111 if mode & 0o111 else 0)


class Context(NamedTuple):
    """The fields that all files of one detector share; each a digest of `SIZE` bytes."""

    detector: bytes
    tool: bytes
    arguments: bytes
    environment: bytes

    @property
    def digest(self) -> bytes:
        """The digest of the whole context."""
        return digest((b"%d" % FORMAT, self.detector, self.tool, self.arguments, self.environment))


class Key(NamedTuple):
    """A key: its digest, and the short digests of its fields, one after another."""

    digest: bytes
    fields: bytes


class KeyMaker:
    """Makes the keys of one detector. Tens of thousands are made at once, so what they share is hashed once."""

    def __init__(self, context: Context) -> None:
        self._shared = blake2b(context.digest, digest_size=SIZE)
        self._fields = b"".join(
            part[:SHORT]
            for part in (
                digest((b"%d" % FORMAT,)),
                context.detector,
                context.tool,
                context.arguments,
                context.environment,
            )
        )

    def key(self, path: bytes, content: bytes, mode: int, configuration: bytes, scope: bytes) -> Key:
        """Return the key of one file.

        All but `path` have a fixed width, and `path` comes last: nothing can run together.
        """
        state = self._shared.copy()
        marked = _marked(content, mode)
        state.update(marked + configuration + scope)
        state.update(path)
        short_path = blake2b(path, digest_size=SHORT).digest()
        short_content = blake2b(marked, digest_size=SHORT).digest()
        fields = self._fields + short_path + short_content + configuration[:SHORT] + scope[:SHORT]
        return Key(state.digest(), fields)


def is_of(fields: bytes, content: bytes, mode: int) -> bool:
    """Whether a key with these short digests is one of this content, with this mode."""
    index = FIELDS.index("content")
    return fields[index * SHORT : (index + 1) * SHORT] == blake2b(_marked(content, mode), digest_size=SHORT).digest()


def _marked(content: bytes, mode: int) -> bytes:
    return content + mode.to_bytes(4, "little")


def moved_fields(before: bytes, after: bytes) -> tuple[str, ...]:
    """Return the names of the fields whose short digests differ."""
    return tuple(
        name
        for index, name in enumerate(FIELDS)
        if before[index * SHORT : (index + 1) * SHORT] != after[index * SHORT : (index + 1) * SHORT]
    )
