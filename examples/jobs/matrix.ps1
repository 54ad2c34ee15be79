<#
.SYNOPSIS
    All scores as a labelled matrix for R and Python: read.csv("m.csv", row.names = 1), pandas.read_csv("m.csv", index_col=0).
.DESCRIPTION
    Takes volumes that another pipeline has aligned and stripped: the voxels that are not zero are compared, all on one grid.
#>
param(
    [Parameter(Mandatory)] [string] $Dataset,
    [Parameter(Mandatory)] [string] $Output,
    [string] $Metric = 'LocalNCC'
)
$ErrorActionPreference = 'Stop'
$built = Join-Path $PSScriptRoot '../../out/MriLink/MriLink.psd1'
Import-Module ((Test-Path -LiteralPath $built) ? $built : 'MriLink')

$scans = Import-MriVolume $Dataset -Recurse
$matrix = $scans | Measure-MriSimilarity -Reference $scans -Metric $Metric -AsMatrix
$matrix.Rows() | Export-Csv $Output
"$($matrix.ProbeCount) by $($matrix.GalleryCount) scores in $Output, from $($matrix.Lowest) to $($matrix.Highest); $($matrix.MissingCount) missing."
