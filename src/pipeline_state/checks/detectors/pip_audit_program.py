"""The program that audits one file with pip-audit. The interpreter of pip-audit runs it, and nothing of ours.

Which option pip-audit takes a file by depends on what the file is; the last argument is its name.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module


def arguments_for(arguments: Sequence[str]) -> list[str]:
    """Return the arguments of pip-audit for the file that is named last; all as they are where none is."""
    if not arguments or arguments[-1].startswith("-"):
        return list(arguments)
    *options, name = arguments
    folder, base = os.path.split(os.path.normpath(name))
    if base == "pyproject.toml":
        return [*options, folder or "."]
    if base.startswith("pylock") and base.endswith(".toml"):
        return [*options, "--locked", folder or "."]
    return [*options, f"--requirement={name}"]


def main() -> None:
    """Audit."""
    sys.argv[1:] = arguments_for(sys.argv[1:])
    import_module("pip_audit._cli").audit()


if __name__ == "__main__":
    main()
