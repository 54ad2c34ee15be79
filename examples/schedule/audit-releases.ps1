<#
.SYNOPSIS
    The nightly audit: checks folders of released scans against a gallery. Ends with 0 (all checked, nobody linked), 2 (links found), 3 (something
    could not be checked) or 1 (not done, or nothing to check).
.DESCRIPTION
    Several folders are written one after the other, which pwsh -File hands over as they are (commas it takes for part of a name):

    pwsh -NoProfile -File audit-releases.ps1 -Release /srv/releases /srv/incoming -Gallery brains.mrigallery -Report reports

    Makes the gallery on the first night only when -Create says so, because a mistyped path would otherwise look like a gallery
    in which nobody is found.
.PARAMETER Release
    A folder of scans; within PowerShell several, with commas.
.PARAMETER OtherRelease
    Further folders: whatever follows that belongs to no parameter.
.PARAMETER Gallery
    The gallery's file, or a PostgreSQL connection string.
.PARAMETER Report
    The folder for reports.
.PARAMETER KeyPath
    The key of a pseudonymised gallery.
.PARAMETER Create
    Makes the gallery if it is not there.
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [Parameter(Mandatory)] [string[]] $Release,
    [Parameter(ValueFromRemainingArguments)] [string[]] $OtherRelease,
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
if ($Create) {
    $null = New-MriGallery $Gallery @key -Pseudonymize:([bool] $KeyPath) -AllowExisting
}

$audit = Invoke-MriAudit -Path (@($Release) + @($OtherRelease)) -Gallery $Gallery -Report $Report @key
$audit
exit $audit.ExitCode
