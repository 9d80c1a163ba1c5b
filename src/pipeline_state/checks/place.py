"""Whether a configuration names the place where the worktree lies. Pure.

Tools match absolute paths against their patterns, and the names of the folders above too: `exclude = ["moved"]`
leaves out all of a worktree of that name. What names the place counts together with it; for all the rest a verdict
stays right when the worktree is moved, or when it is copied to a sibling.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from fnmatch import fnmatchcase
from pathlib import Path

_ENDS = re.compile(r"""["'\n,=:]""")
"""What stands around a pattern in TOML, in INI files and on command lines. To cut too often does no harm: half a
pattern is a pattern too."""

_ALTERNATIVES = re.compile(r"[\w.*?/-]\{[^}\n]*,|\{[^{}\n]*,[^{}\n]*\}[\w.*?/-]")
# Two slashes: the rest of a URL.
_ROOTED = re.compile(r"[!^]?\s*(?:/(?!/)|[\\~$]|[A-Za-z]:[/\\])")


def names_place(content: bytes, names: Collection[str], folder: Path, root: Path) -> bool:
    """Whether this configuration may say something of the folders called `names`, or of absolute paths.

    `folder` is where it lies. In doubt it does: a path that leaves `root`, alternatives in braces.
    """
    text = content.decode("utf-8", "surrogateescape")
    if _ALTERNATIVES.search(text):
        return True
    pieces = {piece.strip() for piece in _ENDS.split(text)}
    words = pieces | {word for piece in pieces for word in piece.split()}
    bare = {word.strip("[]{}()") for word in words}
    return any(_names_it(word, names, folder, root) for word in words | bare)


def _names_it(word: str, names: Collection[str], folder: Path, root: Path) -> bool:
    if _ROOTED.match(word) and word not in ("/", "~", "$"):
        return True
    parts = re.split(r"[/\\]", word.lstrip("!"))
    if ".." in parts and not Path(os.path.normpath(folder / word)).is_relative_to(root):
        return True
    return any(_matches(name, part) for part in parts if part.strip("*") for name in names)


def _matches(name: str, part: str) -> bool:
    return fnmatchcase(name, part) if any(character in part for character in "*?[") else name == part
