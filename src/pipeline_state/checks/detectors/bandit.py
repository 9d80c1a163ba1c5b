"""`bandit`, as the executable is seen to behave, 1.9.

Seen under strace, and held by the tests beside this module's:

- It reads no configuration but what `-c`, `--ini` and `--baseline` name, and what such an INI file names in turn. Its
  own run over a folder takes a .bandit from anywhere in it; so the one in the root is named to it.
- Exclusions count for a file that is named, as parts of its name, which begins with `./` in its own run; the names that
  it looks for (`include`) count in its own run alone. Whether a folder of the root has the name of an exclusion changes
  what that means; for .git, which is one in the main worktree alone, it is held to what that one makes of it.
- A file that does not parse, is not UTF-8 or is not there is listed under `errors`, with exit code 0 if nothing else
  was found. What it judged is listed under `metrics`, and what is in neither was excluded.
- Whether there is an `__init__.py` beside a file and above it is looked at, and changes none of its own findings.
- The library that finds its plugins keeps a list of them in ~/.cache/python-entrypoints, by times that it rounds to
  minutes. No folder can be made where we tell it to be; on macOS and Windows there is no such way.
"""

from __future__ import annotations

import os

from pipeline_state.checks.declaration import Configuration, Detector, Tool
from pipeline_state.checks.detectors import bandit_configuration, bandit_report

BANDIT = Detector(
    id="bandit",
    version=2,
    title="bandit",
    types=frozenset({"python"}),
    how=Tool(
        executable="bandit",
        check=("--format=json", "--quiet"),
        parse=bandit_report.parse,
        exit_codes={0: "clean", 1: "findings"},
        configuration=Configuration(
            (bandit_configuration.INI,),
            where="root",
            references=bandit_configuration.references,
            in_arguments=bandit_configuration.in_arguments,
        ),
        folder_run=bandit_configuration.folder_run,
        environment={"XDG_CACHE_HOME": f"{os.devnull}/none"},
    ),
)
