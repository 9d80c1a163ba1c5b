# Runs PSScriptAnalyzer for the detector of that name, and says everything that came of it in one JSON object.
#
#   pwsh -File psscriptanalyzer.ps1 [-Settings=FILE] [-Severity=A,B] [-IncludeRule=A,B] [-ExcludeRule=A,B] ./FILE...
#
# It is a command of PowerShell, not a program. Files come as arguments, each a word of its own that begins with `./`:
# none of them is ever part of a command.

$ErrorActionPreference = 'Stop'
[Console]::OutputEncoding = [System.Text.UTF8Encoding]::new($false)

try {
    Import-Module -Name PSScriptAnalyzer
    $version = (Get-Module -Name PSScriptAnalyzer | Select-Object -First 1).Version.ToString()
    if ($args -ccontains '--version') {
        [Console]::Out.WriteLine($version)
        exit 0
    }

    # Given one file, it would look for settings in that file's folder; its own run over the root takes those of the root.
    $options = @{ Settings = @{} }
    if (Test-Path -LiteralPath './PSScriptAnalyzerSettings.psd1' -PathType Leaf) {
        $options['Settings'] = './PSScriptAnalyzerSettings.psd1'
    }
    $names = [System.Collections.Generic.List[string]]::new()
    foreach ($word in $args) {
        if ($word.StartsWith('./', [System.StringComparison]::Ordinal)) {
            $names.Add($word)
            continue
        }
        $option, $value = $word -split '=', 2
        if ($option -cin '-Severity', '-IncludeRule', '-ExcludeRule') {
            $options[$option.Substring(1)] = @($value -split ',')
        } elseif ($option -ceq '-Settings') {
            $options['Settings'] = $value
        } else {
            throw "there is no argument $option"
        }
    }

    $judged = [System.Collections.Generic.List[string]]::new()
    $failed = [System.Collections.Generic.List[object]]::new()
    $results = [System.Collections.Generic.List[object]]::new()
    foreach ($name in $names) {
        if (-not (Test-Path -LiteralPath $name -PathType Leaf)) {
            $failed.Add([ordered]@{ file = $name; reason = 'is missing' })
            continue
        }
        # It passes over every other file, and says nothing of that.
        if ([System.IO.Path]::GetExtension($name) -notin '.ps1', '.psm1', '.psd1') {
            continue
        }
        try {
            $path = [System.Management.Automation.WildcardPattern]::Escape($name)
            $records = @(Invoke-ScriptAnalyzer @options -Path $path -ErrorAction Stop)
        } catch {
            $failed.Add([ordered]@{ file = $name; reason = [string]$_ })
            continue
        }
        $judged.Add($name)
        foreach ($record in $records) {
            $extent = $record.Extent
            $results.Add([ordered]@{
                file = $name
                rule = [string]$record.RuleName
                severity = [string]$record.Severity
                message = [string]$record.Message
                line = $extent.StartLineNumber
                column = $extent.StartColumnNumber
                endLine = $extent.EndLineNumber
                endColumn = $extent.EndColumnNumber
            })
        }
    }

    $report = [ordered]@{
        version = $version
        judged = $judged.ToArray()
        failed = $failed.ToArray()
        results = $results.ToArray()
    }
    [Console]::Out.WriteLine((ConvertTo-Json -InputObject $report -Depth 4 -Compress))
    exit ([int](($results.Count + $failed.Count) -gt 0))
} catch {
    [Console]::Error.WriteLine([string]$_)
    exit 3
}
