"""`case-conflict`: another name differs in case only. macOS and Windows take the two for one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from pipeline_state.checks.declaration import BuiltIn, Detector, Names
from pipeline_state.checks.findings import Problem


def names(known: Names) -> dict[str, bytes]:
    """Return the files in conflict, each with the names that it is in conflict with.

    A folder whose name conflicts counts once, with the first of the files in it. A name that Git still knows and that
    is gone from the disk conflicts with nobody: it was renamed.
    """
    kept = _kept(known)
    by_fold: dict[str, dict[str, str]] = {}
    for path in sorted(kept):
        for name in (path, *_folders(path)):
            by_fold.setdefault(_fold(name), {}).setdefault(name, path)
    found: dict[str, set[str]] = {}
    for spellings in by_fold.values():
        for name, path in spellings.items():
            # Folders differ because those above them do: only the uppermost is told.
            others = {other for other in spellings if other != name and _parent(other) == _parent(name)}
            if others:
                found.setdefault(path, set()).update(others)
    return {path: b"\0".join(sorted(map(os.fsencode, others))) for path, others in found.items()}


def judge(path: str, found: bytes) -> Iterator[Problem]:
    """Report each name that this one, or a folder of it, is in conflict with."""
    for other in found.split(b"\0") if found else []:
        name = os.fsdecode(other)
        own = path if name.count("/") == path.count("/") else "/".join(path.split("/")[: name.count("/") + 1]) + "/"
        message = f"{own} and {name}{'/' if own.endswith('/') else ''} differ in case only"
        yield Problem("case-conflict", message, category="other")


def _kept(known: Names) -> Iterable[str]:
    """Return the names of which some conflict, without those that are gone."""
    folders: set[str] = set()
    for path in known.names:
        for folder in _folders(path):
            if folder in folders:
                break
            folders.add(folder)
    everything = folders.union(known.names)
    text = "\0".join(everything)
    if text.isascii() and len(set(text.lower().split("\0"))) == len(everything):  # mostly
        return ()
    seen: dict[str, str] = {}
    doubtful = {fold for name in everything if seen.setdefault(fold := _fold(name), name) != name}
    if not doubtful:
        return ()
    tainted = (path for path in known.names if any(_fold(name) in doubtful for name in (path, *_folders(path))))
    return [path for path in tainted if known.is_there(path)]


def _folders(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _fold(name: str) -> str:
    """Return what file systems compare that do not tell cases apart; those of macOS do not tell accents apart that
    are written differently, either.
    """
    if name.isascii():
        return name.lower()
    import unicodedata

    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


DETECTOR = Detector(
    id="case-conflict",
    version=1,
    title="names that differ in case only",
    types=frozenset({"file", "symlink"}),
    how=BuiltIn(judge, names=names),
)
