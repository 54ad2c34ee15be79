<#
.SYNOPSIS
    Is anybody of the releases known already? For cron: 0 3 * * * pwsh -NoProfile -File nightly-audit.ps1 -Release /srv/releases …
.DESCRIPTION
    -File hands on text alone; with -Audit: pwsh -NoProfile -Command "& ./nightly-audit.ps1 … -Audit @{ Spacing = 4 }; exit `$LASTEXITCODE"
    Ends with 0 when all was checked and nobody is linked, 2 with links, 3 when something could not be checked, 1 when nothing is known.
#>
param(
    [Parameter(Mandatory)] [string[]] $Release,
    [Parameter(Mandatory)] [string] $Gallery,
    [Parameter(Mandatory)] [string] $Report,
    [hashtable] $Audit = @{}
)
$ErrorActionPreference = 'Stop'
$built = Join-Path $PSScriptRoot '../../out/MriLink/MriLink.psd1'
Import-Module ((Test-Path -LiteralPath $built) ? $built : 'MriLink')

$result = Invoke-MriAudit -Path $Release -Gallery (New-MriGallery $Gallery -AllowExisting) -Report $Report @Audit
$result
exit $result.ExitCode
