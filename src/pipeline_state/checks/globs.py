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
        closing = _end_of_set(text, index) if character == "[" else -1
        if closing > 0:
            parts.append(_set(text[index + 1 : closing]))
            index = closing + 1
            continue
        parts.append({"*": "[^/]*", "?": "[^/]"}.get(character, re.escape(character)))
        index += 1
    return "".join(parts) + "(?:/.*)?"


def _end_of_set(text: str, start: int) -> int:
    """Return where the set that begins here is closed, -1 if it is not; a bracket in the first place is a member."""
    first = start + 2 if text[start + 1 : start + 2] in ("!", "^") else start + 1
    return text.find("]", first + 1)


def _set(inner: str) -> str:
    negated = inner[0] in "!^"
    members, index, parts = inner[negated:], 0, []
    while index < len(members):
        if members[index + 1 : index + 2] == "-" and index + 2 < len(members):
            low, high = members[index], members[index + 2]
            parts += [f"{re.escape(low)}-{re.escape(high)}"] if low <= high else []
            index += 3
        else:
            parts.append(re.escape(members[index]))
            index += 1
    if negated:
        return f"[^/{''.join(parts)}]"
    return f"[{''.join(parts)}]" if parts else "(?!)"
