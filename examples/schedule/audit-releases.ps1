<#
.SYNOPSIS
    The nightly audit: checks folders of released scans against a gallery. Ends with 0 (nothing linked), 2 (links found) or 1 (failure).
.DESCRIPTION
    Makes the gallery on the first night only when -Create says so,
    because a mistyped path would otherwise look like a gallery in which nobody is found.
.PARAMETER Release
    Folders of scans.
.PARAMETER Gallery
    The gallery's file, or a PostgreSQL connection string.
.PARAMETER Report
    The folder for reports.
.PARAMETER KeyPath
    The key of a pseudonymised gallery.
.PARAMETER Create
    Makes the gallery if it is not there.
#>
param(
    [Parameter(Mandatory)] [string[]] $Release,
    [Parameter(Mandatory)] [string] $Gallery,
    [Parameter(Mandatory)] [string] $Report,
    [string] $KeyPath,
    [switch] $Create
)

$ErrorActionPreference = 'Stop'

# From the checkout's build, or by name where the module is installed.
$built = Join-Path $PSScriptRoot '../../out/MriLink/MriLink.psd1'
Import-Module ((Test-Path -LiteralPath $built) ? $built : 'MriLink')

$key = @{}
if ($KeyPath) { $key.KeyPath = $KeyPath }
if ($Create -and -not [IO.File]::Exists($Gallery)) {
    $null = New-MriGallery $Gallery @key -Pseudonymize:([bool] $KeyPath)
}

$audit = Invoke-MriAudit -Path $Release -Gallery $Gallery -Report $Report @key
$audit
exit $audit.ExitCode
