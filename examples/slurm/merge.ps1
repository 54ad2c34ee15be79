<#
.SYNOPSIS
    Makes one gallery of the shares', checks it, and removes nothing: the shares can be deleted when all is well.
#>
param(
    [Parameter(Mandatory)] [string] $Gallery,
    [Parameter(Mandatory)] [string] $Parts
)

$ErrorActionPreference = 'Stop'

# From the checkout's build, or by name where the module is installed.
$built = Join-Path $PSScriptRoot '../../out/MriLink/MriLink.psd1'
Import-Module ((Test-Path -LiteralPath $built) ? $built : 'MriLink')
if (-not [IO.File]::Exists($Gallery)) { $null = New-MriGallery $Gallery }

Merge-MriGallery $Gallery -Source ([string[]] [IO.Directory]::GetFiles($Parts, '*.mrigallery'))
$check = Test-MriGallery $Gallery
$check
if (-not $check.IsIntact) { exit 1 }
