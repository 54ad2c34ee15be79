<#
.SYNOPSIS
    Are the labels right? Names each scan that does not fit its label, and what it looks like.
#>
param(
    [Parameter(Mandatory)] [string] $Dataset,
    [hashtable] $Label = @{},
    [hashtable] $Preprocess = @{}
)
$ErrorActionPreference = 'Stop'
$built = Join-Path $PSScriptRoot '../../out/MriLink/MriLink.psd1'
Import-Module ((Test-Path -LiteralPath $built) ? $built : 'MriLink')

$findings = @(Import-MriVolume $Dataset -Recurse | Invoke-MriPreprocess @Preprocess | Test-MriLabel @Label)
foreach ($finding in $findings) {
    $suspect = $finding.Suspect ? "; suspect: $($finding.Suspect)" : ''
    $looks = $finding.LooksLike ? "; looks like $($finding.LooksLike)" : ''
    "$($finding.Problem): $($finding.First) and $($finding.Second)$suspect$looks"
}
if (-not $findings) { 'No label is contradicted.' }
