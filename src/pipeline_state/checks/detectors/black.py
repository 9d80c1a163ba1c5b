"""`black`, as the executable is seen to behave, 24.10 to 26.10.

Seen under strace, and held by the tests beside this module's:

- The project is the nearest folder, from the common parent of all that it is given upwards, with a .git, a .hg or a
  pyproject.toml that configures black; its pyproject.toml, or else ~/.config/black, is the configuration. So it is
  pinned to what a run over the root of the worktree uses.
- `exclude`, `extend-exclude`, `include` and, without `exclude`, the .gitignore of the root and of every folder do not
  count for a file that is named, but count in its own run; `force-exclude` counts from the project's folder.
- With `quiet` in the configuration it says nothing, but for `--verbose`; then it names every file that it judged.
- Its cache passes a file by size and time. No folder can be made where we tell it to be; where the configuration
  names another one, the option is there that switches it off.
- Notebooks need further packages, and are passed over in silence without these; so they are not given to it.
"""

from __future__ import annotations

import os

from pipeline_state.checks.declaration import Configuration, Detector, Tool
from pipeline_state.checks.detectors import black_configuration, black_report

BLACK = Detector(
    id="black",
    version=1,
    title="black",
    types=frozenset({"python", "pyi"}),
    how=Tool(
        executable="black",
        check=("--check", "--verbose", "--no-color", "--workers=1"),
        parse=black_report.parse,
        exit_codes={0: "clean", 1: "findings", 123: "findings"},
        configuration=Configuration(
            ("pyproject.toml", ".gitignore"),
            user=("$XDG_CONFIG_HOME/black", "~/.config/black", "~/.black"),
            in_arguments=black_configuration.in_arguments,
        ),
        folder_run=black_configuration.folder_run,
        fix=("--quiet", "--workers=1"),
        fix_exit_codes=(0, 123),  # it formats the others, and the check that follows says what was wrong
        environment={"BLACK_CACHE_DIR": f"{os.devnull}/none"},
    ),
)
