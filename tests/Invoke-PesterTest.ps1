#requires -Version 7.4
<#
.SYNOPSIS
    Runs tests/*.Tests.ps1, or those that are named, on a Pester that is installed nowhere.
.DESCRIPTION
    build.ps1 -Task Test calls it in a shell of its own. While working on one subject, after a build:
    pwsh tests/Invoke-PesterTest.ps1 tests/Gallery.Tests.ps1. Warnings that no test expected fail the run as failed tests do.
.PARAMETER Path
    The files to run.
.PARAMETER PesterPath
    Pester's manifest; the newest in out/tools, where build.ps1 restores it, unless named.
.PARAMETER ResultPath
    A file for the counts, as JSON.
.PARAMETER Filter
    Runs only tests whose full name is like this, with * for any text.
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [Parameter(ValueFromRemainingArguments)]
    [string[]] $Path = "$PSScriptRoot/*.Tests.ps1",

    [string] $PesterPath = (Get-ChildItem "$PSScriptRoot/../out/tools/pester/*/tools/Pester.psd1" |
            Sort-Object { [version] $_.Directory.Parent.Name } -Bottom 1),

    [string] $ResultPath,

    [string] $Filter
)

$ErrorActionPreference = 'Stop'
Import-Module (Convert-Path -LiteralPath $PesterPath)
$configuration = New-PesterConfiguration
$configuration.Run.Path = $Path
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'Detailed'
$configuration.Output.RenderMode = 'Plaintext'
if ($Filter) { $configuration.Filter.FullName = $Filter }

# Warnings that a test caught or silenced do not come this far.
$warnings = [Collections.Generic.List[object]]::new()
$run = Invoke-Pester -Configuration $configuration 3>&1 | ForEach-Object {
    if ($_ -is [System.Management.Automation.WarningRecord]) { $warnings.Add($_) } else { $_ }
}
$slow = $run.Tests | Where-Object Duration -GT ([timespan]::FromSeconds(5)) | Sort-Object Duration -Descending
foreach ($test in $slow) { 'slow: {0:0.0} s {1}' -f $test.Duration.TotalSeconds, $test.ExpandedPath }
foreach ($warning in $warnings) { [Console]::Error.WriteLine("A warning that no test expected: $warning") }

# A block whose setup fails, and a file that cannot be read, hold tests that did not run.
$failed = $run.FailedCount + $run.FailedBlocksCount + $run.FailedContainersCount
if ($ResultPath) {
    @{ passed = $run.PassedCount; failed = $failed; skipped = $run.SkippedCount } | ConvertTo-Json | Set-Content -LiteralPath $ResultPath
}

if ($failed -or $warnings.Count -or $run.PassedCount -eq 0) { exit 1 }
