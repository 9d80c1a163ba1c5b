"""Where the schema files are: in the installed package, or in the repository of an editable checkout."""

from __future__ import annotations

import os

from pipeline_state.errors import StateError

TYPE_CHECKING = False  # as type checkers read it, without `typing`
if TYPE_CHECKING:
    from pathlib import Path

HEAD = 3
"""The number of the newest migration. A constant, so that a database that is up to date is known without looking
at a folder; a test holds it against the files."""

_PACKAGE = os.path.dirname(os.path.dirname(__file__))


def packaged_folder(name: str) -> Path:
    """Return a folder of files that are no modules: `schema`, or `hooks`.

    The package's own copy comes first. An editable install has none beside its sources: its files are those of
    the repository (the copy that an editable build leaves in site-packages goes stale, and is never looked at).
    """
    from pathlib import Path  # here: an unchanged check looks at no such file

    for folder in (os.path.join(_PACKAGE, name), os.path.join(_PACKAGE, "..", "..", name)):
        if os.path.isdir(folder):
            return Path(os.path.normpath(folder))
    raise StateError(f"the {name} files are missing from {_PACKAGE}; install pipeline-state again")


def schema_folder() -> Path:
    """Return the folder `schema/`."""
    return packaged_folder("schema")


def migrations_folder(backend: str = "sqlite") -> Path:
    """Return the folder of the migrations of one backend."""
    return schema_folder() / "migrations" / backend
