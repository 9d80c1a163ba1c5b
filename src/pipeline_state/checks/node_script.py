"""What a script of an npm package would execute: Node, the package, and the packages that it can load.

Unlike Python's installers, npm leaves no list of hashes that stays true (patches are applied in place), so each file
counts by its content; the stat cache knows most of them. Packages count that the tool's asks for, directly or not,
found as Node would find them, and those whose names say that they are plugins for it.

`require` and `import` do not look in the same places: `require` takes a file for a package, and looks into three more
folders at last; `import` alone looks into the `node_modules` of a `node_modules`. What either would find counts.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path
from typing import Any

from pipeline_state.checks.contents import Contents
from pipeline_state.checks.digests import NOTHING, digest, digest_text
from pipeline_state.checks.watch import Watch
from pipeline_state.named_tuple import NamedTuple

MODULES = "node_modules"

_SHEBANG = re.compile(rb"#![^\n]*\bnode(js)?\b")
_ENDINGS = (".js", ".cjs", ".mjs")
_NODE_NAMES = ("node", "nodejs")
_ASKED_FOR = ("dependencies", "optionalDependencies", "peerDependencies", "peerDependenciesMeta")
_MODULE_ENDINGS = (".js", ".json", ".node")
"""What `require` adds to a name. Such a file comes before the folder of that name."""
_NOT_LOADED = (".md", ".map")
_MOST_FILES = 20_000
"""So many files of one tool are looked at; some ten times of what the largest of them bring."""


class NodeScript(NamedTuple):
    """What a script would execute. `unknown` says why that cannot be told completely."""

    digest: bytes
    unknown: str | None = None


class _Package(NamedTuple):
    folder: str
    asks_for: tuple[str, ...]


def is_node_script(path: Path) -> bool:
    """Whether Node runs this file. The launchers that package managers write in its place are for the shell."""
    real = os.path.realpath(path)
    try:
        with open(real, "rb") as file:
            start = file.read(200)
    except OSError:
        return False
    return _SHEBANG.match(start) is not None or (real.endswith(_ENDINGS) and not start.startswith(b"#!"))


def installed_script(root: Path, package: str, name: str, watch: Watch) -> Path | None:
    """Return the script that the package of this project declares under this name; `None` if it is not installed."""
    folder = root / MODULES / package
    watch.look(os.fspath(folder / "package.json"))
    declared = _manifest(os.fspath(folder)).get("bin")
    script = declared.get(name) if isinstance(declared, dict) else declared
    return folder / script if isinstance(script, str) and not os.path.isabs(script) else None


def node_script_identity(
    node: Path,
    script: Path,
    plugins: Sequence[str],
    root: Path,
    contents: Contents,
    watch: Watch,
    home: str | None = None,
) -> NodeScript:
    """Return the identity of what this Node executes with this script. Raises `OSError` for what cannot be read.

    `home` is the home folder that Node is told: it looks for packages there, too.
    """
    interpreter, unknown = _interpreter(node, contents, watch)
    start = _folder_of(os.path.realpath(script))
    if start is None:
        return NodeScript(NOTHING, f"{script.name} belongs to no package, and what it loads is not known")
    at_last = _places_of_node(node, home)
    beside = dict.fromkeys([*_module_folders(os.fspath(root)), *_module_folders(start), *at_last])
    further = [folder for place in beside for folder in _named_like(place, plugins, watch)]
    seen: dict[str, int] = {}
    waiting = list(dict.fromkeys([start, *further]))
    parts = [interpreter, os.fsencode(os.path.relpath(os.path.realpath(script), start))]
    files = 0
    for folder in waiting:  # it grows meanwhile
        seen.setdefault(folder, len(seen))
        if not os.path.isdir(folder):
            unknown = unknown or f"{folder} is a module without a package, and what it loads is not known"
        package = _package(folder)
        for name in package.asks_for:
            places = _resolved(folder, name, at_last, watch)
            for found in places:
                if found not in seen:
                    seen[found] = len(seen)
                    waiting.append(found)
            parts.append(digest_text(name, *(str(seen[found]) for found in places)))
        for path in _files(folder, watch):
            files += 1
            if files > _MOST_FILES:
                return NodeScript(
                    NOTHING, f"{script.name} can load more than {_MOST_FILES} files; they are not watched"
                )
            parts += [os.fsencode(os.path.relpath(path, folder)), _content(path, contents, watch)]
    return NodeScript(digest(parts), unknown)


def _places_of_node(node: Path, home: str | None) -> list[str]:
    """Return where `require` looks after all folders above."""
    real = Path(os.path.realpath(node))
    of_home = [os.path.join(home, name) for name in (".node_modules", ".node_libraries")] if home else []
    return [*of_home, os.fspath((real.parent if os.name == "nt" else real.parent.parent) / "lib" / "node")]


def _interpreter(node: Path, contents: Contents, watch: Watch) -> tuple[bytes, str | None]:
    """Return the digest of Node itself. Version managers put a program of theirs in its place, which is another."""
    real = Path(os.path.realpath(node))
    prefix = real.parent.parent
    libraries = sorted([*prefix.glob("lib/libnode*"), *prefix.glob("lib/*/libnode*")])
    parts = [_content(os.fspath(path), contents, watch) for path in (real, *libraries)]
    with open(real, "rb") as file:
        is_script = file.read(2) == b"#!"
    if is_script or real.stem not in _NODE_NAMES:
        return NOTHING, f"{node} is a launcher, and which Node it runs cannot be seen"
    return digest(parts), None


def _folder_of(path: str) -> str | None:
    """Return the folder of the package that a file belongs to: where it is installed, else with the nearest name."""
    folders = [os.fspath(folder) for folder in Path(path).parents]
    for folder, above in pairwise(folders):
        scoped = os.path.basename(above).startswith("@")
        if os.path.basename(os.path.dirname(above) if scoped else above) == MODULES:
            return folder
    return next((folder for folder in folders if _manifest(folder).get("name")), None)


def _package(folder: str) -> _Package:
    manifest = _manifest(folder)
    names: set[str] = set()
    for key in _ASKED_FOR:
        some = manifest.get(key)
        names.update(name for name in some if isinstance(name, str)) if isinstance(some, dict) else None
    return _Package(folder, tuple(sorted(names)))


def _manifest(folder: str) -> dict[str, Any]:
    import json

    try:
        with open(os.path.join(folder, "package.json"), "rb") as file:
            data = json.loads(file.read().decode("utf-8"))
    except (OSError, ValueError, RecursionError):  # none, or one that Node refuses
        return {}
    return data if isinstance(data, dict) else {}


def _resolved(folder: str, name: str, at_last: Sequence[str], watch: Watch) -> list[str]:
    """Return what a package in `folder` may get by this name, links resolved: folders, or files in their place.

    Each folder that is looked into is watched, whether it is there or not.
    """
    found = []
    for place in [*_module_folders(folder), *at_last]:
        candidate = os.path.join(place, name)
        watch.look(os.path.dirname(candidate))
        if not os.path.isdir(os.path.dirname(candidate)):
            continue
        names = [candidate, *(candidate + ending for ending in _MODULE_ENDINGS)]
        there = (name for name in names if os.path.lexists(name))  # a link may lead to what is not there yet
        found += [os.path.realpath(name) for name in there if watch.look(name) is not None]
        if not _is_doubled(place) and os.path.isfile(os.path.join(candidate, "package.json")):
            break
    return list(dict.fromkeys(found))


def _module_folders(folder: str) -> Iterator[str]:
    for place in (Path(folder), *Path(folder).parents):
        yield os.fspath(place / MODULES)


def _is_doubled(place: str) -> bool:
    """Whether these are the `node_modules` of a `node_modules`."""
    return os.path.basename(os.path.dirname(place)) == MODULES


def _named_like(place: str, patterns: Sequence[str], watch: Watch) -> Iterator[str]:
    """Yield the folders of the packages in this place whose names match, links resolved."""
    if not patterns:
        return
    for name in _names(place, watch):
        scoped = [f"{name}/{one}" for one in _names(os.path.join(place, name), watch)] if name.startswith("@") else []
        for one in scoped or [name]:
            if any(fnmatchcase(one, pattern) for pattern in patterns):
                yield os.path.realpath(os.path.join(place, one))


def _names(folder: str, watch: Watch) -> list[str]:
    watch.look(folder)
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _files(folder: str, watch: Watch) -> Iterator[str]:
    """Yield the files of a package; what lies in its own `node_modules` are other packages.

    Below its folders such ones belong to it: `import` looks there first.
    """
    seen: dict[int, str] = {}
    for place, folders, names in os.walk(folder, followlinks=True):
        stamp = watch.look(place)
        twin = place if stamp is None else seen.setdefault(stamp.inode, place)
        if twin != place and os.path.realpath(twin) == os.path.realpath(place):  # links may lead in circles
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if name != ".git" and (name != MODULES or place != folder))
        yield from (os.path.join(place, name) for name in sorted(names) if not name.endswith(_NOT_LOADED))


def _content(path: str, contents: Contents, watch: Watch) -> bytes:
    watch.look(path)
    content = contents.of(path, follow=True)
    return NOTHING if content is None else content.digest
