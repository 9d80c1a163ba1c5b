"""`hadolint`, as the executable is seen to behave, 2.15.

Seen under strace, and held by the tests beside this module's:

- .hadolint.yaml or .hadolint.yml is looked for in the folder that it is started in, and nowhere above; then user
  configuration. HADOLINT_* variables are not passed on.
- A `format` in the configuration is obeyed besides: before what the argument asks for, after what the variable does.
- `failure-threshold` and `no-fail` in the configuration decide the exit code alone: findings may come with 0.
- A file that cannot be read ends the run with exit code 1 and no report; what is not UTF-8 is read with its bytes
  replaced. A configuration that it cannot read is complained about, and passed over: an error here.
- Columns are mostly 1.
"""

from __future__ import annotations

from pipeline_state.checks.declaration import Configuration, Detector, Tool
from pipeline_state.checks.detectors import hadolint_report

HADOLINT = Detector(
    id="hadolint",
    version=1,
    title="hadolint",
    types=frozenset({"dockerfile"}),
    how=Tool(
        executable="hadolint",
        check=("--no-color",),
        parse=hadolint_report.parse,
        exit_codes={0: "either", 1: "findings"},
        configuration=Configuration(
            (".hadolint.yaml", ".hadolint.yml"),
            where="root",
            user=tuple(
                f"{place}.{ending}"
                for place in (
                    *("$XDG_CONFIG_HOME/hadolint", "~/.config/hadolint", "~/.hadolint/hadolint", "~/.hadolint/config"),
                    *("~/.hadolint", "$APPDATA/hadolint", "~/AppData/Roaming/hadolint"),
                )
                for ending in ("yaml", "yml")
            ),
            in_arguments=hadolint_report.in_arguments,
        ),
        environment={"HADOLINT_FORMAT": "json"},
    ),
)
