"""Where the results of a SARIF run are: names of files out of URIs, lines and columns out of regions.

Names are percent-encoded by the standard (3.4.3), but not by every tool: a name that was given as it stands is meant.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import Any

from pipeline_state.checks.declaration import ReportError
from pipeline_state.checks.parsers import entries
from pipeline_state.checks.parsers.sarif_shapes import inner, integer, items, text

_MOST_BASES = 16
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
"""Of two characters at least: one is a drive."""


class Places:
    """The places of one run. `names` are the files that the tool was given."""

    def __init__(self, run: dict[str, Any], names: Sequence[str]) -> None:
        self._names = names
        self._given = {os.path.normpath(name): name for name in names}
        self._artifacts = items(run, "artifacts")
        self._bases = inner(run, "originalUriBaseIds")

    def of(self, result: dict[str, Any]) -> Iterator[tuple[str, entries.Place]]:
        """Yield each place of a result with its file.

        Raises `ReportError` for a result that is nowhere, unless only one file was given.
        """
        found = list(self._located(result))
        if not found and len(self._names) != 1:
            raise ReportError("its report has a result that is in no file")
        yield from dict.fromkeys(found) if found else [(self._names[0], entries.Place())]

    def named_by(self, notification: dict[str, Any]) -> tuple[str, ...]:
        """Return the files that a notification is about."""
        return tuple(dict.fromkeys(name for name, _ in self._located(notification)))

    def _located(self, value: dict[str, Any]) -> Iterator[tuple[str, entries.Place]]:
        for location in items(value, "locations"):
            physical = inner(location, "physicalLocation")
            if physical:  # else it is said by a name within a program alone
                yield self._name(inner(physical, "artifactLocation")), _place(inner(physical, "region"))

    def _name(self, location: dict[str, Any]) -> str:
        index = integer(location, "index")
        uri = text(location, "uri")
        if uri is None and index is not None:
            if not 0 <= index < len(self._artifacts) or "parentIndex" in self._artifacts[index]:
                raise ReportError(f"its report has no file at the place {index} that a result names")
            location = inner(self._artifacts[index], "location")
            uri = text(location, "uri")
        if uri is None:
            raise ReportError("its report has a result in a file without a name")
        return entries.name(self._given_name(uri, self._base(location)))

    def _base(self, location: dict[str, Any]) -> str:
        """Return the URI that the location's own is relative to; empty for the root, and for what is not said."""
        base = ""
        for _ in range(_MOST_BASES):
            identifier = text(location, "uriBaseId")
            if identifier is None:
                return base
            location = inner(self._bases, identifier)
            base = (text(location, "uri") or "") + base
            if _SCHEME.match(base):
                return base
        raise ReportError("its report has bases of names that never end")

    def _given_name(self, uri: str, base: str) -> str:
        as_it_stands, decoded = os.path.normpath(uri), _decoded(uri)
        if as_it_stands in self._given and os.path.normpath(decoded) != as_it_stands:
            if os.path.normpath(decoded) in self._given:
                raise ReportError(f"it may be about {uri!r} or about {decoded!r}")
            if not base:
                return uri
        return decoded if _SCHEME.match(uri) or not base else _decoded(f"{base.rstrip('/')}/{uri}")


def _decoded(uri: str) -> str:
    """Return the name of the file that a URI stands for: absolute for `file:`, relative without a scheme."""
    from urllib.parse import unquote_to_bytes

    path = uri
    scheme = _SCHEME.match(uri)
    if scheme is not None:
        if scheme[0].lower() != "file:":
            raise ReportError(f"its report has a result that is in no file of this machine: {uri:.200}")
        path = uri[len("file:") :]
        if path.startswith("//"):
            host, slash, rest = path[2:].partition("/")
            if host.lower() not in ("", "localhost"):
                raise ReportError(f"its report has a result on another machine: {uri:.200}")
            path = slash + rest
        if re.match(r"/[A-Za-z]:(/|$)", path):
            path = path[1:]
    return os.fsdecode(unquote_to_bytes(path.encode("utf-8", "surrogateescape")))


def _place(region: dict[str, Any]) -> entries.Place:
    """Return the lines and columns of a region (3.30). One of bytes or characters alone says nothing here."""
    line = integer(region, "startLine")
    if line is None:
        return entries.Place()
    end_line, column, end_column = (integer(region, name) for name in ("endLine", "startColumn", "endColumn"))
    for value in (line, end_line, column, end_column):
        entries.number(value, "line or column")
    if end_column is not None and end_line is None:
        end_line = line
    return entries.Place(line, 1 if column is None else column, end_line, end_column)
