"""What the patterns of an ignore file name, as Git reads them. Pure.

For tools that read such files but do not say which of their own files they pass over. Where Git is to be asked, and
about the files that it reads itself, there is `git.ignoring`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pipeline_state.named_tuple import NamedTuple


class _Rule(NamedTuple):
    matches: Callable[[str], object]
    ignores: bool
    folders_only: bool


def ignored_by(text: str) -> Callable[[str], bool]:
    """Return whether these patterns name a path, relative to the folder of the ignore file, with `/`.

    The last pattern that matches counts; but what is in a folder that is named cannot be taken back.
    """
    rules = [rule for line in text.removeprefix("\ufeff").splitlines() if (rule := _rule(line)) is not None]

    def says(path: str, *, is_folder: bool) -> bool:
        for rule in reversed(rules):
            if (is_folder or not rule.folders_only) and rule.matches(path):
                return rule.ignores
        return False

    def ignored(path: str) -> bool:
        parts = path.split("/")
        folders = ("/".join(parts[:depth]) for depth in range(1, len(parts)))
        return any(says(folder, is_folder=True) for folder in folders) or says(path, is_folder=False)

    return ignored


def _rule(line: str) -> _Rule | None:
    pattern = re.sub(r"(?<!\\)((?:\\\\)*) +$", r"\1", line.rstrip("\r"))
    if not pattern or pattern.startswith("#"):
        return None
    ignores = not pattern.startswith("!")
    pattern = pattern if ignores else pattern[1:]
    folders_only = pattern.endswith("/")
    pattern = pattern.removesuffix("/")
    if not pattern:
        return None
    anchored = "/" in pattern
    try:
        found = re.compile(("" if anchored else "(?:.*/)?") + _expression(pattern.removeprefix("/")), re.DOTALL)
    except re.error:  # a set that is none: it matches nothing
        return None
    return _Rule(found.fullmatch, ignores, folders_only)


def _expression(pattern: str) -> str:
    parts = []
    index = 0
    while index < len(pattern):
        found = _TOKEN.match(pattern, index)
        assert found is not None
        index = found.end()
        kind = found.lastgroup or ""
        parts.append(_TRANSLATED[kind] if kind in _TRANSLATED else _literal(kind, found[0]))
    return "".join(parts)


def _literal(kind: str, text: str) -> str:
    if kind == "escaped":
        return re.escape(text[1:])
    if kind == "set":
        inner = text[2:-1] if text[1] in "!^" else text[1:-1]
        inner = re.sub(r"\\(.)", r"\1", inner, flags=re.DOTALL)
        members = re.sub(r"([\\\[\]^&~|])", r"\\\1", inner)
        return f"(?!/)[{'^' if text[1] in '!^' else ''}{members}]"
    return re.escape(text)


_TOKEN = re.compile(
    r"(?P<start>^\*\*/)|(?P<middle>/\*\*(?=/))|(?P<end>/\*\*$)|(?P<stars>\*+)|(?P<one>\?)"
    r"|(?P<set>\[[!^]?\]?(?:\\.|[^\]\\])*\])|(?P<escaped>\\.)|(?P<plain>.)",
    re.DOTALL,
)
_TRANSLATED = {
    "start": r"(?:.*/)?",
    "middle": r"(?:/.*)?",
    "end": r"/.+",
    "stars": r"[^/]*",
    "one": r"[^/]",
}
