"""The declaration of PSScriptAnalyzer: its report as our script writes it; the real one where there is PowerShell."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from pipeline_state.checks.declaration import Output, ReportError
from pipeline_state.checks.detectors import psscriptanalyzer_report
from pipeline_state.checks.detectors.psscriptanalyzer import PSSCRIPTANALYZER
from pipeline_state.checks.tools import Program

SCRIPT = Path(psscriptanalyzer_report.__file__).with_name("psscriptanalyzer.ps1")

RESULTS = [
    {
        "file": "./a.ps1",
        "rule": "PSAvoidUsingInvokeExpression",
        "severity": "Warning",
        "message": "Invoke-Expression is used. Please remove Invoke-Expression from script.",
        "line": 1,
        "column": 1,
        "endLine": 1,
        "endColumn": 21,
    },
    {
        "file": "./we\nird.ps1",
        "rule": "MissingEndCurlyBrace",
        "severity": "ParseError",
        "message": "Missing closing '}' in statement block or type definition.",
        "line": 2,
        "column": 10,
        "endLine": 2,
        "endColumn": 11,
    },
    {
        "file": "./a.ps1",
        "rule": "PSAvoidTrailingWhitespace",
        "severity": "Information",
        "message": "Line has trailing whitespace",
        "line": None,
        "column": None,
        "endLine": None,
        "endColumn": None,
    },
]
WHOLE = json.dumps(
    {
        "version": "1.24.0",
        "judged": ["./a.ps1", "./b.psm1", "./we\nird.ps1"],
        "failed": [{"file": "./gone.ps1", "reason": "is missing"}],
        "results": RESULTS,
    }
).encode()


def report(stdout):
    return psscriptanalyzer_report.parse(Output(("pwsh", "-File", "x.ps1", "./a.ps1"), 1, stdout, b"", ("./a.ps1",)))


def test_a_whole_report_is_read():
    found = report(WHOLE)
    assert {
        name: [(p.rule, p.line, p.column, p.end_column, p.severity, p.category) for p in problems]
        for name, problems in found.problems.items()
    } == {
        "./a.ps1": [
            ("PSAvoidUsingInvokeExpression", 1, 1, 21, "warning", "security"),
            ("PSAvoidTrailingWhitespace", None, None, None, "note", "style"),
        ],
        "./we\nird.ps1": [("MissingEndCurlyBrace", 2, 10, 11, "error", "syntax")],
    }
    assert (found.unprocessed, found.others) == ({"./gone.ps1": "is missing"}, "excluded")
    assert found.judged == {"./a.ps1", "./b.psm1", "./we\nird.ps1"}


def test_no_beginning_of_a_report_is_a_report():
    for length in range(len(WHOLE)):
        with pytest.raises(ReportError):
            report(WHOLE[:length])


@pytest.mark.parametrize(
    "stdout",
    [b"{}", b"null", b"[]", b"[[[[" * 50_000, WHOLE + b"x", b"Import-Module: The specified module was not loaded\n"]
    + [WHOLE.replace(b'"line": 2', other) for other in (b'"line": "2"', b'"x": 2', b'"line": true')]
    + [WHOLE.replace(b'"ParseError"', b'"Grave"'), WHOLE.replace(b'"judged": [', b'"judged": [1, ')],
)
def test_what_our_script_would_not_write_is_no_report(stdout):
    with pytest.raises(ReportError):
        report(stdout)


def test_names_are_words_of_their_own_behind_our_script_and_never_part_of_a_command():
    command = Program(Path("/opt/pwsh")).command(PSSCRIPTANALYZER.how)
    assert command[0] == "/opt/pwsh"
    assert command[-2:] == ("-File", str(SCRIPT))
    assert not {"-Command", "-c", "-EncodedCommand"} & set(command)
    assert psscriptanalyzer_report.folder_run(Path(), (), {}).dotted
    text = re.sub(r"^ *#.*$", "", SCRIPT.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert not re.search(r"Invoke-Expression|\biex\b|ScriptBlock|&\s*\$|\.\s+\$", text, re.IGNORECASE)


def test_it_is_run_every_time_and_its_settings_are_those_of_the_root():
    assert PSSCRIPTANALYZER.scope == "never"
    configuration = PSSCRIPTANALYZER.how.configuration
    assert (configuration.names, configuration.where) == (("PSScriptAnalyzerSettings.psd1",), "root")
    references, named = psscriptanalyzer_report.references, psscriptanalyzer_report.in_arguments
    assert references("x.psd1", b"@{ ExcludeRules = @('PSAvoidUsingWriteHost') }").unknown is None
    for text in (b"@{ customrulepath = './rules' }", b'@{ "Custom`RulePath" = "x" }', b"@{ ProfileDirPath = 'x' }"):
        assert references("x.psd1", text).unknown
    assert named(["-Settings=ci/x.psd1", "-Severity=Error"]).paths == ("ci/x.psd1",)


@pytest.fixture
def powershell(bench):
    if shutil.which("pwsh") is None:
        pytest.skip("PowerShell is not installed: see what is recorded above")
    argv = (*bench.program(PSSCRIPTANALYZER).command(PSSCRIPTANALYZER.how), "--version")
    done = subprocess.run(argv, cwd=bench.root, capture_output=True, check=False)
    if b"module" in done.stderr:
        pytest.skip("PSScriptAnalyzer is not installed: see what is recorded above")
    return bench


BAD, GOOD = "Invoke-Expression 'x'\n", "$null = 1\n"
RULE = "PSAvoidUsingInvokeExpression"


def test_the_real_one_is_read_as_the_recorded_one_is(powershell):
    names = ["-c.ps1", "@d.ps1", "a b.ps1", "é.ps1", "quote'\".ps1", "[a].ps1", "$(x).psm1"] if os.name != "nt" else []
    for name in names:
        powershell.write(name, BAD)
    powershell.write("good.ps1", GOOD)
    powershell.write("broken.ps1", "function x {\n")
    powershell.write("script", "#!/usr/bin/env pwsh\n" + BAD)
    assert powershell.rules(PSSCRIPTANALYZER, *names, "good.ps1", "script", "gone.ps1") == {
        **{name: [RULE] for name in names},
        "good.ps1": [],
        "script": "excluded",
        "gone.ps1": "error",
    }
    (problem, *_) = powershell.judge(PSSCRIPTANALYZER, "broken.ps1").problems["broken.ps1"]
    assert (problem.line, problem.severity, problem.category) == (1, "error", "syntax")
    assert re.fullmatch(r"[\d.]+", powershell.runner(PSSCRIPTANALYZER).version())


def test_the_real_one_takes_the_settings_of_the_root(powershell):
    powershell.write("in/a.ps1", BAD)
    powershell.write("in/PSScriptAnalyzerSettings.psd1", f"@{{ ExcludeRules = @('{RULE}') }}\n")
    assert powershell.rules(PSSCRIPTANALYZER, "in/a.ps1") == {"in/a.ps1": [RULE]}
    assert powershell.rules(PSSCRIPTANALYZER, "in/a.ps1", args=(f"-ExcludeRule=PSX,{RULE}",)) == {"in/a.ps1": []}
    assert powershell.rules(PSSCRIPTANALYZER, "in/a.ps1", args=("-Nonsense",)) == {"in/a.ps1": "error"}
    powershell.write("PSScriptAnalyzerSettings.psd1", f"@{{ ExcludeRules = @('{RULE}') }}\n")
    assert powershell.rules(PSSCRIPTANALYZER, "in/a.ps1") == {"in/a.ps1": []}
