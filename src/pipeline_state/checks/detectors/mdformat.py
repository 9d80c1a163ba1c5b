"""`mdformat`, as the executable is seen to behave, 1.0.

Seen under strace, and held by the tests beside this module's:

- .mdformat.toml is looked for in the folder of each file and those above it, up to `/`; the nearest one counts.
- `exclude` counts for a file that is named, too, and from Python 3.13 on; before, it is refused. Its own run looks for
  names that end with `.md`.
- It says which files it would change, wrapped at 80 columns, and nothing of the others. Exit code 1 also stands for a
  configuration that it refuses, and for what it dies of: what is not UTF-8.
- Plugins may look at more than we declare.
"""

from __future__ import annotations

from pipeline_state.checks.declaration import Configuration, Detector, Tool
from pipeline_state.checks.detectors import mdformat_configuration, mdformat_report

MDFORMAT = Detector(
    id="mdformat",
    version=1,
    title="mdformat",
    types=frozenset({"markdown"}),
    how=Tool(
        executable="mdformat",
        check=("--check",),
        parse=mdformat_report.parse,
        exit_codes={0: "clean", 1: "findings"},
        configuration=Configuration((mdformat_configuration.NAME,)),
        folder_run=mdformat_configuration.folder_run,
        fix=(),
    ),
)
