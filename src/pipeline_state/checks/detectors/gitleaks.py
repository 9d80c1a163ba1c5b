"""`gitleaks`, as the executable is seen to behave, 8.30.

Seen under strace, and held by the tests beside this module's:

- It takes one path: with two, it scans everything. So each file is judged by itself; or, where many of one folder are
  asked for, in a run over the folder, whose log says which files it scanned.
- .gitleaks.toml is looked for in the folder that it scans; that of the root is named to it, as in its own run there.
  Without one, GITLEAKS_CONFIG_TOML keeps it to its own rules. .gitleaksignore counts in the folder it is started in.
- What `allowlists` leave out, links and empty files are passed over, with exit code 0 and an empty list. Only its log
  says which, and that a file could not be read.
- Its report quotes what it found, unless `--redact` is given. We ask for that, hold it to that, and repeat none of it.
"""

from __future__ import annotations

from pipeline_state.checks.declaration import Configuration, Detector, Tool
from pipeline_state.checks.detectors import gitleaks_configuration, gitleaks_report

GITLEAKS = Detector(
    id="gitleaks",
    version=1,
    title="gitleaks",
    types=frozenset({"file"}),
    how=Tool(
        executable="gitleaks",
        check=(
            "dir",
            "--no-banner",
            "--no-color",
            "--redact",
            "--log-level=trace",
            "--report-format=json",
            "--report-path=-",
        ),
        parse=gitleaks_report.parse,
        exit_codes={0: "clean", 1: "either"},  # of a folder, it may be the findings of others
        version=("version",),
        configuration=Configuration(
            (gitleaks_configuration.RULES, gitleaks_configuration.IGNORED),
            where="root",
            references=gitleaks_configuration.references,
            in_arguments=gitleaks_configuration.in_arguments,
        ),
        folder_run=gitleaks_configuration.folder_run,
        environment={"GITLEAKS_CONFIG_TOML": "[extend]\nuseDefault = true\n"},
        uncut=True,
    ),
)
