<#
.SYNOPSIS
    Which header fields may identify somebody? A CSV with a row for each, and how many files have any.
#>
param(
    [Parameter(Mandatory)] [string] $Dataset,
    [Parameter(Mandatory)] [string] $Output
)
$ErrorActionPreference = 'Stop'
$built = Join-Path $PSScriptRoot '../../out/MriLink/MriLink.psd1'
Import-Module ((Test-Path -LiteralPath $built) ? $built : 'MriLink')

$fields = @(Get-MriHeader $Dataset -Recurse -Identifying)
$fields | Select-Object Path, Format, Field, Value | Export-Csv $Output
"$($fields.Count) fields in $(@($fields.Path | Select-Object -Unique).Count) files may identify a person: $Output"
