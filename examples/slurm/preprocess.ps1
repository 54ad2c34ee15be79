<#
.SYNOPSIS
    One share of the work: preprocesses every n-th scan of a release into a gallery of its own.
.DESCRIPTION
    Can be run again after a time limit or a fault: what the cache
    and the gallery hold already is not done twice.
#>
param(
    [Parameter(Mandatory)] [string] $Release,
    [Parameter(Mandatory)] [string] $Shard,
    [Parameter(Mandatory)] [string] $Gallery,
    [Parameter(Mandatory)] [string] $CachePath
)

$ErrorActionPreference = 'Stop'

# From the checkout's build, or by name where the module is installed.
$built = Join-Path $PSScriptRoot '../../out/MriLink/MriLink.psd1'
Import-Module ((Test-Path -LiteralPath $built) ? $built : 'MriLink')
if (-not [IO.File]::Exists($Gallery)) { $null = New-MriGallery $Gallery }

$threads = if ($env:SLURM_CPUS_PER_TASK) { [int] $env:SLURM_CPUS_PER_TASK } else { [Environment]::ProcessorCount }
$entries = @(Import-MriVolume $Release -Recurse |
    Invoke-MriPreprocess -Shard $Shard -CachePath $CachePath -ThrottleLimit $threads |
    Add-MriGalleryVolume $Gallery -PassThru)
"Share ${Shard}: $($entries.Count) volumes in $Gallery"
