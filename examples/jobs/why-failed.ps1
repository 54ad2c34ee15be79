<#
.SYNOPSIS
    Why did scans fail? Header, verdict and reasons of each, and a sheet of pictures with the brain masks' edges, the worst first.
#>
param(
    [Parameter(Mandatory)] [string[]] $Path,
    [Parameter(Mandatory)] [string] $Sheet,
    [hashtable] $Preprocess = @{}
)
$ErrorActionPreference = 'Stop'
$built = Join-Path $PSScriptRoot '../../out/MriLink/MriLink.psd1'
Import-Module ((Test-Path -LiteralPath $built) ? $built : 'MriLink')

foreach ($header in Get-MriHeader -LiteralPath $Path -Recurse -ErrorAction Continue) {
    if ($header.Problem) { "$($header.Path) cannot be read: $($header.Problem)" }
    foreach ($warning in $header.Warnings) { "$($header.Path): $warning" }
}

$brains = @(Import-MriVolume -LiteralPath $Path -Recurse -ErrorAction Continue | Invoke-MriPreprocess @Preprocess -ErrorAction Continue)
$brains | Where-Object Quality -NE Pass | ForEach-Object { "$($_.Name): $($_.Quality), $($_.Reasons)" }
$brains | Export-MriReport $Sheet -Quality -Force
"$(@($brains | Where-Object Quality -EQ Pass).Count) of $($brains.Count) scans pass. Look at $Sheet."
