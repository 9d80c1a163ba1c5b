"""`pip-audit`, as its command line is seen to behave, 2.10.

- What it says rests on advisories from the network, and on what the package index would install today. So it is
  judged on every run, and nothing is ever reused (scope `never`). Without the network it fails; that is an error.
- It takes requirements, a folder with a pyproject.toml, or a folder with lock files, each by another option: a program
  of ours (`pip_audit_program`) chooses. Lock files of one folder are audited together.
- A dependency that it cannot audit (one that the index does not know) leaves its exit code at 0.
- It names no lines.
"""

from __future__ import annotations

from pipeline_state.checks.declaration import Detector, Tool
from pipeline_state.checks.detectors import pip_audit_report

PIP_AUDIT = Detector(
    id="pip-audit",
    version=1,
    title="pip-audit",
    types=frozenset(),
    files=frozenset({"requirements*.txt", "pyproject.toml", "pylock.toml", "pylock.*.toml"}),
    scope="never",
    how=Tool(
        executable="pip-audit",
        script="pip_audit_program.py",
        check=("--format=json", "--progress-spinner=off"),
        parse=pip_audit_report.parse,
        exit_codes={0: "either", 1: "findings"},
        folder_run=pip_audit_report.folder_run,
        alone=True,
    ),
)
