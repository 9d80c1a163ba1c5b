"""`semgrep`, as its command line is seen to behave, 1.182.

Seen under strace, and held by the tests beside this module's:

- Its rules are what `--config` names. Without that, .semgrep.yml of the root is named to it; never the registry, whose
  rules are what the network says today. What a registry or a folder brings is judged on every run.
- Files that are named, it judges whatever .semgrepignore says. So it looks through the worktree, for these files alone:
  then .semgrepignore counts at each level, and a file beyond a million bytes is left out. What was scanned, it lists.
- `--no-git-ignore` keeps Git out of it: what Git ignores is not selected anyway, and what is tracked counts.
- With findings, the exit code is 0. A file of which it could not parse a part is scanned without it, with a warning.
- It keeps settings and a log in ~/.semgrep, which no verdict depends on. It must be let: it replaces the file that it
  is told instead, whatever that is, even the null device. A name that is not UTF-8 fails it.
- Columns count bytes, not characters, and are passed on.
"""

from __future__ import annotations

from pipeline_state.checks.declaration import Configuration, Detector, Tool
from pipeline_state.checks.detectors import semgrep_configuration, semgrep_report

SEMGREP = Detector(
    id="semgrep",
    version=1,
    title="semgrep",
    types=frozenset({"text"}),
    how=Tool(
        executable="semgrep",
        check=(
            "scan",
            "--json",
            "--quiet",
            "--metrics=off",
            "--disable-version-check",
            "--no-git-ignore",
            "--no-autofix",
            "--jobs=1",
        ),
        parse=semgrep_report.parse,
        exit_codes={0: "either", 1: "findings"},
        configuration=Configuration(
            (*semgrep_configuration.IGNORED, *semgrep_configuration.RULES),
            references=semgrep_configuration.references,
            in_arguments=semgrep_configuration.in_arguments,
        ),
        folder_run=semgrep_configuration.folder_run,
        environment={"SEMGREP_SEND_METRICS": "off", "SEMGREP_ENABLE_VERSION_CHECK": "0"},
    ),
)
