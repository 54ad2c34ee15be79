<#
.SYNOPSIS
    Do two institutions share people? Without -Theirs it makes our signatures; with it, it compares them with the others'.
.DESCRIPTION
    Both sides make signatures with the same key file (New-MriKey), and exchange those, never images. docs/signatures.md says what they reveal.
#>
param(
    [Parameter(Mandatory)] [string] $Ours,
    [string] $Dataset,
    [string] $KeyPath,
    [string] $Theirs,
    [hashtable] $Preprocess = @{},
    [hashtable] $Match = @{}
)
$ErrorActionPreference = 'Stop'
$built = Join-Path $PSScriptRoot '../../out/MriLink/MriLink.psd1'
Import-Module ((Test-Path -LiteralPath $built) ? $built : 'MriLink')

if ($Theirs) {
    Find-MriMatch -Gallery $Theirs -Probe $Ours @Match | Select-Object Probe, Gallery, Score, IsMatch, PValue, DecidingRule
}
else {
    Import-MriVolume $Dataset -Recurse | Invoke-MriPreprocess @Preprocess | ConvertTo-MriSignature -KeyPath $KeyPath -OutFile $Ours
    "$(@(Get-MriSignature $Ours).Count) signatures in $Ours."
}
