<#
.SYNOPSIS
    Is anybody twice in a dataset, under two labels? A CSV of the pairs.
.PARAMETER Threshold
    Decides where the dataset is too small to say how strangers score; a number, or what Get-MriLinkageThreshold gave.
#>
param(
    [Parameter(Mandatory)] [string] $Dataset,
    [Parameter(Mandatory)] [string] $Output,
    [object] $Threshold,
    [hashtable] $Preprocess = @{}
)
$ErrorActionPreference = 'Stop'
$built = Join-Path $PSScriptRoot '../../out/MriLink/MriLink.psd1'
Import-Module ((Test-Path -LiteralPath $built) ? $built : 'MriLink')

$decide = $null -eq $Threshold ? @{} : @{ Threshold = $Threshold }
$pairs = Import-MriVolume $Dataset -Recurse | Invoke-MriPreprocess @Preprocess | Test-MriLabel @decide |
    Where-Object Problem -EQ TwoLabelsOnePerson
$pairs | Select-Object First, Second, Metric, Score, PValue, FirstPath, SecondPath | Export-Csv $Output
"$(@($pairs).Count) pairs of scans of different labels look like one person: $Output"
