<#
.SYNOPSIS
    Preprocesses a large dataset so that it may be interrupted: started again, it does what is left.
.DESCRIPTION
    What was done lies in -Cache, known by the scan's content and all parameters; brains go to -Gallery, where one that is there stays.
#>
param(
    [Parameter(Mandatory)] [string] $Dataset,
    [Parameter(Mandatory)] [string] $Gallery,
    [Parameter(Mandatory)] [string] $Cache,
    [hashtable] $Preprocess = @{}
)
$ErrorActionPreference = 'Stop'
$built = Join-Path $PSScriptRoot '../../out/MriLink/MriLink.psd1'
Import-Module ((Test-Path -LiteralPath $built) ? $built : 'MriLink')

$place = New-MriGallery $Gallery -AllowExisting
$before = $place.Count
Import-MriVolume $Dataset -Recurse -ErrorAction Continue -ErrorVariable problems |
    Invoke-MriPreprocess -CachePath $Cache @Preprocess -ErrorAction Continue -ErrorVariable +problems | Add-MriGalleryVolume $place
"$($place.Count - $before) brains added, $($place.Count) in $Gallery."
if ($problems) { "$($problems.Count) scans could not be used."; exit 3 }
