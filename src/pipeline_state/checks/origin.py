"""The code of a distribution that brings detectors: a verdict of theirs may change with any of it.

What an installer put there is known by the RECORD of the distribution and of those that it requires. Of what is
installed editable, or without such a list, the sources count: the packages that hold its entry points, file by file.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from importlib import metadata

from pipeline_state.checks.contents import Contents
from pipeline_state.checks.digests import NOTHING, content_digest, digest
from pipeline_state.checks.registry import ENTRY_POINT_GROUP
from pipeline_state.checks.tools import Identity
from pipeline_state.checks.watch import Watch

_REQUIRED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_OURS = "pipeline-state"
"""Not counted as required: our own code has a place of its own in every key."""

_MOST_FILES = 2_000
"""Of the sources of one distribution. Beyond, nobody would wait for them."""


def origin_identity(name: str, contents: Contents, watch: Watch) -> Identity:
    """Return the identity of an installed distribution that brings detectors, and of what it requires."""
    parts: list[bytes] = []
    unknown: str | None = None
    waiting, seen = [name], {_normal(_OURS)}
    while waiting:
        required = waiting.pop(0)
        if _normal(required) in seen:
            continue
        seen.add(_normal(required))
        try:
            found = metadata.distribution(required)
        except metadata.PackageNotFoundError:
            continue  # of an extra that nobody asked for, or for another platform
        identity = _identity(found, contents, watch)
        parts += [_normal(required).encode(), identity.digest]
        unknown = unknown or identity.unknown
        waiting += [one[0] for one in map(_REQUIRED.match, found.requires or ()) if one]
    return Identity(digest(parts), unknown)


def _identity(found: metadata.Distribution, contents: Contents, watch: Watch) -> Identity:
    watch.look(os.fspath(str(found.locate_file(""))))  # the folder that every installation writes to
    record = found.read_text("RECORD")
    editable = '"editable": true' in (found.read_text("direct_url.json") or "")
    if record is not None and not editable:
        return Identity(digest((found.version.encode(), content_digest(record.encode("utf-8", "surrogateescape")))))
    label = found.metadata["Name"]
    places = sorted({place for one in found.entry_points if one.group == ENTRY_POINT_GROUP for place in _places(one)})
    if not places:
        return Identity(NOTHING, f"{label} lists no files of its own, so a changed one would not be noticed")
    parts = [found.version.encode()]
    for count, (relative, path) in enumerate(_files(places, watch)):
        if count == _MOST_FILES:
            return Identity(NOTHING, f"{label} has more than {_MOST_FILES} files, which are not all looked at")
        watch.look(path)
        content = contents.of(path, follow=True)
        parts += [os.fsencode(relative), NOTHING if content is None else content.digest]
    return Identity(digest(parts))


def _places(entry_point: metadata.EntryPoint) -> Iterator[str]:
    """Yield the folders, or the file, of the package that an entry point leads to. It has been imported by now."""
    module = sys.modules.get(entry_point.module.partition(".")[0])
    folders = getattr(module, "__path__", None)
    file = getattr(module, "__file__", None)
    if folders is not None:
        yield from (os.fspath(folder) for folder in folders)
    elif file is not None:
        yield os.fspath(file)


def _files(places: list[str], watch: Watch) -> Iterator[tuple[str, str]]:
    """Yield each file with its name relative to its place; folders are watched for what appears in them."""
    for place in places:
        if os.path.isfile(place):
            yield os.path.basename(place), place
            continue
        for folder, folders, files in os.walk(place):
            watch.look(folder)
            folders[:] = sorted(name for name in folders if name != "__pycache__")
            for name in sorted(files):
                path = os.path.join(folder, name)
                yield os.path.relpath(path, place), path


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
