"""`shellcheck`, as the executable is seen to behave, 0.11.

Seen under strace, and held by the tests beside this module's:

- .shellcheckrc and shellcheckrc are looked for in the folder of each script and those above it, up to `/`; then in the
  home folder and in the user's configuration. SHELLCHECK_OPTS is not passed on.
- A file that a script sources is read if it was given too: so each script is judged by itself. With
  `external-sources` it is read anyway; what it then rests on cannot be told.
- What is not UTF-8 is read with its bytes replaced. What cannot be read ends with exit code 2.
- A faulty .shellcheckrc is a finding (SC1134) in each script; that is an error here, for none of its settings count.
"""

from __future__ import annotations

from pipeline_state.checks.declaration import Configuration, Detector, Tool
from pipeline_state.checks.detectors import shellcheck_report

SHELLCHECK = Detector(
    id="shellcheck",
    version=1,
    title="shellcheck",
    types=frozenset({"shell"}),
    exclude_types=frozenset({"zsh", "csh", "tcsh", "cbsd"}),
    how=Tool(
        executable="shellcheck",
        check=("--format=json1", "--color=never"),
        parse=shellcheck_report.parse,
        exit_codes={0: "clean", 1: "findings"},
        configuration=Configuration(
            (".shellcheckrc", "shellcheckrc"),
            user=(
                *("~/.shellcheckrc", "~/shellcheckrc", "$XDG_CONFIG_HOME/shellcheckrc", "~/.config/shellcheckrc"),
                *("$APPDATA/shellcheckrc", "~/AppData/Roaming/shellcheckrc"),
            ),
            references=shellcheck_report.references,
            in_arguments=shellcheck_report.in_arguments,
        ),
        alone=True,
    ),
)
