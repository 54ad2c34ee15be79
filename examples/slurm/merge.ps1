<#
.SYNOPSIS
    Makes one gallery of the shares', checks it, and removes nothing: the shares can be deleted when all is well.
#>
param(
    [Parameter(Mandatory)] [string] $Gallery,
    [Parameter(Mandatory)] [string] $Parts
)

$ErrorActionPreference = 'Stop'
Import-Module MriLink
if (-not [IO.File]::Exists($Gallery)) { $null = New-MriGallery $Gallery }

Merge-MriGallery $Gallery -Source ([string[]] [IO.Directory]::GetFiles($Parts, '*.mrigallery'))
$check = Test-MriGallery $Gallery
$check
if (-not $check.IsIntact) { exit 1 }
