"""PSScriptAnalyzer, by its documentation and its source, 1.24. It could not be installed where this was written.

- It is a command of PowerShell: a script of ours (`psscriptanalyzer.ps1`) calls it for each file, and says what it
  judged and what it found. File names are arguments, and never part of a command.
- PSScriptAnalyzerSettings.psd1 in the root is its configuration, as in its own run over the root.
- Rules ask which commands there are: what they say depends on the modules that are installed for PowerShell, on the
  modules that a script uses, and on rules of the project. That cannot be seen, so it is run every time.
"""

from __future__ import annotations

from pipeline_state.checks.declaration import Configuration, Detector, Tool
from pipeline_state.checks.detectors import psscriptanalyzer_report

PSSCRIPTANALYZER = Detector(
    id="psscriptanalyzer",
    version=1,
    title="PSScriptAnalyzer",
    types=frozenset({"powershell"}),
    scope="never",
    how=Tool(
        executable="pwsh",
        check=(),
        parse=psscriptanalyzer_report.parse,
        exit_codes={0: "clean", 1: "findings"},
        configuration=Configuration(
            ("PSScriptAnalyzerSettings.psd1",),
            where="root",
            references=psscriptanalyzer_report.references,
            in_arguments=psscriptanalyzer_report.in_arguments,
        ),
        folder_run=psscriptanalyzer_report.folder_run,
        script="psscriptanalyzer.ps1",
        script_options=("-NoLogo", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass", "-File"),
        environment={"POWERSHELL_TELEMETRY_OPTOUT": "1", "POWERSHELL_UPDATECHECK": "Off"},
    ),
)
