<#
.SYNOPSIS
    Which mitigation suffices? Of those that leave no more than so many links, the one that costs the image least.
.DESCRIPTION
    Few links by plain similarity are no proof of anonymity: docs/mitigation.md.
.PARAMETER Gallery
    The folder of scans that somebody else has of the same people: what he would search.
#>
param(
    [Parameter(Mandatory)] [string] $Release,
    [Parameter(Mandatory)] [string] $Gallery,
    [int] $MostLinks = 0,
    [hashtable] $Test = @{}
)
$ErrorActionPreference = 'Stop'
$built = Join-Path $PSScriptRoot '../../out/MriLink/MriLink.psd1'
Import-Module ((Test-Path -LiteralPath $built) ? $built : 'MriLink')

$rows = @(Import-MriVolume $Release -Recurse | Test-MriMitigation -Gallery (Import-MriVolume $Gallery -Recurse) @Test)
$rows | Format-Table
# Where nothing could be decided, nothing suffices.
$enough = $rows | Where-Object { $null -ne $_.Strength -and $null -ne $_.Links -and ($_.TrueLinks ?? $_.SurvivingLinks) -le $MostLinks } |
    Sort-Object Ssim -Descending -Top 1
$ssim = $enough ? $enough.Ssim.ToString('0.00', [cultureinfo]::InvariantCulture) : ''
$enough ? "$($enough.Mitigation) $($enough.Setting) suffices: $($enough.Linked) linked, SSIM $ssim." : 'None of these suffices.'
