"""The named SQL statements of the repositories: `store/sql/<backend>/<repository>.sql`.

A file holds statements, each under a line `-- name --`; further comment lines belong to the statement.

    -- find --
    -- One run by its id.
    SELECT * FROM runs WHERE id = :id;
"""

from __future__ import annotations

import os

_FOLDER = os.path.join(os.path.dirname(__file__), "sql")
_loaded: dict[tuple[str, str], dict[str, str]] = {}


def load(repository: str, backend: str = "sqlite") -> dict[str, str]:
    """Return the statements of one repository by name; each file is read once per process."""
    key = (backend, repository)
    if key not in _loaded:
        with open(os.path.join(_FOLDER, backend, repository + ".sql"), encoding="utf-8") as file:
            _loaded[key] = parse(file.read())
    return _loaded[key]


def parse(text: str) -> dict[str, str]:
    """Return the statements of a file by name. Raises `ValueError` for a name that stands twice."""
    statements: dict[str, str] = {}
    name = ""
    lines: list[str] = []
    for line in [*text.splitlines(), "-- --"]:
        heading = line.strip()
        if not (heading.startswith("-- ") and heading.endswith("--") and len(heading.split()) in (2, 3)):
            if not heading.startswith("--"):
                lines.append(line)
            continue
        if name:
            statements[name] = "\n".join(lines).strip()
        name = heading[2:-2].strip()
        if name in statements:
            raise ValueError(f"two statements are named {name!r}")
        lines = []
    return statements
