"""`detect-secrets`, as the library is seen to behave, 1.5.

Seen under strace, and held by the tests beside this module's:

- It reads no configuration but what its arguments name. The baseline that is usual (.secrets.baseline in the root) is
  named to it: secrets in it are known, and it says which plugins and filters are used.
- Its own commands write into a baseline whose lines moved, and none says what was left out; so a program of ours runs
  it (`detect_secrets_program`). The network is never asked whether a secret is alive.
- What is not UTF-8, it takes for binary and passes over; so are lock files, and names that look like no text.
"""

from __future__ import annotations

from pipeline_state.checks.declaration import Configuration, Detector, Tool
from pipeline_state.checks.detectors import detect_secrets_configuration, detect_secrets_report

DETECT_SECRETS = Detector(
    id="detect-secrets",
    version=1,
    title="detect-secrets",
    types=frozenset({"text"}),
    how=Tool(
        executable="detect-secrets",
        script="detect_secrets_program.py",
        check=("--no-verify",),
        parse=detect_secrets_report.parse,
        exit_codes={0: "clean", 1: "findings"},
        configuration=Configuration(
            (detect_secrets_configuration.BASELINE,),
            where="root",
            references=detect_secrets_configuration.references,
            in_arguments=detect_secrets_configuration.in_arguments,
        ),
        folder_run=detect_secrets_configuration.folder_run,
    ),
)
