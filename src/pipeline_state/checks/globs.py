"""Glob patterns on relative POSIX paths, as people know them from .gitignore."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence


def matcher(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Return whether a path matches any of these patterns.

    `*` and `?` stay within one name, `**` crosses folders, `[…]` is a set. A pattern without a slash matches a name
    at any depth; one that names a folder matches everything below it.
    """
    if not patterns:
        return _matches_nothing
    found = re.compile("|".join(f"(?:{_expression(pattern)})" for pattern in patterns), re.DOTALL).fullmatch
    return lambda path: found(path) is not None


def _matches_nothing(_path: str) -> bool:
    return False


def _expression(pattern: str) -> str:
    text = pattern.removeprefix("./").rstrip("/")
    anchored = "/" in text
    parts = ["" if anchored else "(?:.*/)?"]
    index = 0
    text = text.removeprefix("/")
    while index < len(text):
        character = text[index]
        if text.startswith("**/", index):
            parts.append("(?:.*/)?")
            index += 3
            continue
        if text.startswith("**", index):
            parts.append(".*")
            index += 2
            continue
        closing = text.find("]", index + 2) if character == "[" else -1
        if closing > 0:
            inner = text[index + 1 : closing].replace("\\", r"\\").replace("[", r"\[")
            parts.append(f"[{'^' + inner[1:] if inner[0] in '!^' else inner}]")
            index = closing + 1
            continue
        parts.append({"*": "[^/]*", "?": "[^/]"}.get(character, re.escape(character)))
        index += 1
    return "".join(parts) + "(?:/.*)?"
