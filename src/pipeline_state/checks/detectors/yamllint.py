"""`yamllint`, as the executable is seen to behave, 1.38.

Seen under strace, and held by the tests beside this module's:

- .yamllint, .yamllint.yaml and .yamllint.yml are looked for in the folder that it is started in and those above, up to
  and with the home folder; then user configuration. YAMLLINT_CONFIG_FILE outranks the latter, and is not passed on.
- `extends` and `ignore-from-file` count from the folder that it is started in, wherever the configuration lies.
- `ignore` counts for a file that is named, `yaml-files` only in its own run. `--list-files` lists even what is missing.
- Warnings leave the exit code at 0, but for `--strict`.
- It dies of what is not UTF-8, or cannot be read, with exit code 1 or 255 and whatever it has said of the files before.
"""

from __future__ import annotations

from pipeline_state.checks.declaration import Configuration, Detector, Tool
from pipeline_state.checks.detectors import yamllint_configuration, yamllint_report

YAMLLINT = Detector(
    id="yamllint",
    version=1,
    title="yamllint",
    types=frozenset({"yaml"}),
    how=Tool(
        executable="yamllint",
        check=("--strict", "--format=parsable"),
        parse=yamllint_report.parse,
        exit_codes={0: "clean", 1: "findings", 2: "findings"},
        configuration=Configuration(
            yamllint_configuration.NAMES,
            where="above",
            user=("$XDG_CONFIG_HOME/yamllint/config", "~/.config/yamllint/config"),
            references=yamllint_configuration.references,
            in_arguments=yamllint_configuration.in_arguments,
        ),
        included=("--list-files",),
        parse_included=yamllint_report.parse_included,
        folder_run=yamllint_configuration.folder_run,
    ),
)
